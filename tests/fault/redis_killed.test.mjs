// Redis is speed only: without it every page is served, and a change is everywhere within a second.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';
import { Load } from '../lib/load.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;

// An office change; how long until twelve fresh connections in a row see it, on whatever worker.
async function spreads(words) {
  await server.sql(
    `WITH s AS (UPDATE site SET name = $2 WHERE slug = $1 RETURNING tenant_id)
     UPDATE site_revision r SET revision = revision + 1, changed_at = clock_timestamp()
       FROM s WHERE s.tenant_id = r.tenant_id`,
    [site.slug, words],
  );
  const since = Date.now();
  for (let seen = 0; seen < 12; ) {
    assert.ok(Date.now() - since < 5000, 'never seen');
    const visitor = site.visitor();
    const page = await visitor.get('/offers', { headers: { connection: 'close' } });
    seen = page.text.includes(words) ? seen + 1 : 0;
    visitor.close();
  }
  return Date.now() - since;
}

test('kill -9 in mid-load: nobody notices, changes spread within a second', async () => {
  const load = new Load(server, host, { paths: ['/', '/offers', '/basket', '/healthz'], http1: 8, http2: 2, pause: 2 });
  await load.has(200);
  await server.redis.kill();
  await load.has(load.answers.length + 200);
  assert.ok((await spreads('House without it')) < 1500);
  assert.equal((await server.visitor().get('/readyz')).status, 200);

  await server.redis.resume();
  await load.has(load.answers.length + 200);
  assert.ok((await spreads('House with it')) < 1500);
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.deepEqual(Object.keys(load.statuses), ['200']);
  assert.ok(Math.max(...load.answers.map(({ took }) => took)) < 2000);
});

test('it is used again once it is back', async () => {
  for (let tries = 0; tries < 100; tries++) {
    const clients = await server.redis.command('CLIENT', 'LIST');
    if (clients.split('\n').filter((line) => /addr=/.test(line)).length > 6) return;
    await sleep(50);
  }
  assert.fail('the workers did not come back');
});

test('one that hangs slows nobody down for long', async () => {
  process.kill(server.redis.child.pid, 'SIGSTOP');
  const load = new Load(server, host, { paths: ['/', '/offers', '/basket'], http1: 4, http2: 0 });
  await load.has(300);
  await load.stop();
  process.kill(server.redis.child.pid, 'SIGCONT');
  assert.deepEqual(load.failures, []);
  assert.deepEqual(Object.keys(load.statuses), ['200']);
  assert.ok(Math.max(...load.answers.map(({ took }) => took)) < 1500);
});
