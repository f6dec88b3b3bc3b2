// Nothing runs on without its supervisor.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });

test('kill -9 of the supervisor ends all; the next start finds the port free', async () => {
  assert.equal(server.processes().length, 4);
  server.killed = true;
  server.child.ref();
  server.kill('SIGKILL');
  await server.exit;
  for (const until = Date.now() + 2000; server.processes().length > 0 && Date.now() < until; ) await sleep(10);
  assert.deepEqual(server.processes(), []);

  await server.start();
  assert.equal((await server.visitor().get('/readyz')).status, 200);
});
