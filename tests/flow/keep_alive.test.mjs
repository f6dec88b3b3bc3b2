// A connection that stays open is read again as soon as its answer is out, however idle the server is.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();

test('requests one after the other on a connection wait for nothing', async () => {
  const visitor = site.visitor();
  await visitor.get('/basket');
  const times = [];
  for (let i = 0; i < 40; i++) {
    const since = performance.now();
    assert.equal((await visitor.getJson('/basket')).status, 200);
    times.push(performance.now() - since);
  }
  // An idle loop sleeps for up to half a second; a busy machine is a little late now and then.
  const late = times.filter((ms) => ms > 150);
  assert.ok(late.length < 5, `late: ${late.map((ms) => ms.toFixed(0)).join(', ')} ms`);
});
