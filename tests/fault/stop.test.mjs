// SIGTERM in mid-load: what was accepted is answered, and the server is gone within seconds.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';
import { Load } from '../lib/load.mjs';
import { Wire } from '../lib/wire.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;

test('no request is dropped, and nobody waits for a silent connection', async () => {
  const idle = new Wire(server.port);
  await idle.send(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.ok(await idle.has(/200/));

  // Its body arrives while the server stops.
  const slow = new Wire(server.port);
  await slow.send(
    `POST /basket/codes HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
      'Content-Length: 20\r\n\r\n',
  );
  const load = new Load(server, host, { paths: ['/offers', '/healthz', '/basket'], http1: 12, http2: 6 });
  await load.has(500);
  const since = Date.now();
  server.kill('SIGTERM');
  for (let i = 0; i < 4; i++) {
    await sleep(200);
    await slow.send('a=bc&');
  }
  assert.ok(await slow.has(/HTTP\/1\.1 \d\d\d[^]*<\/html>/), slow.text);

  const { code, signal } = await server.exit;
  const took = Date.now() - since;
  const statuses = await load.stop();
  assert.deepEqual(load.failures, []);
  assert.deepEqual(Object.keys(statuses), ['200']);
  assert.ok(load.answers.some(({ at }) => at > since));
  assert.deepEqual([code, signal], [0, null]);
  assert.ok(took < 8000, `${took} ms`);
  assert.equal(server.processes().length, 0);
  slow.close();
  idle.close();
});
