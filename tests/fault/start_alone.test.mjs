// PostgreSQL and Redis are both away when the server starts: it starts, says so, and gets ready.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postgres, startServer } from '../lib/index.mjs';

const postgres = await Postgres.start({ durable: true });
const server = await startServer({ workers: 2, postgres });
const site = await server.createSite();

test('503 until they are there, then ready by itself', async () => {
  await server.stop();
  postgres.kill();
  await server.redis.kill();
  const started = server.start();
  const visitor = server.visitor();
  let probe;
  for (let tries = 0; !probe && tries < 100; tries++, await sleep(100)) probe = await visitor.get('/readyz').catch(() => null);
  assert.equal(probe.status, 503);
  assert.equal((await visitor.get('/healthz')).status, 200);
  for (const path of ['/', '/offers', '/manage', '/nothing']) {
    const page = await site.visitor().get(path);
    assert.equal(page.status, 503);
    assert.ok(Number(page.headers['retry-after']) > 0);
    assert.match(page.words(), /back in a moment/i);
  }
  await postgres.back();
  await server.redis.resume();
  await started;
  assert.equal((await site.visitor().get('/')).status, 200);
  assert.doesNotMatch(server.log(), /a worker died|check failed/);
});
