// SIGHUP in mid-load: each worker is replaced, and no request fails.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';
import { Load } from '../lib/load.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;
const pids = () => server.processes().map(({ pid }) => pid).sort();

async function replaced(before) {
  for (const until = Date.now() + 30_000; Date.now() < until; await sleep(50)) {
    const now = pids();
    if (now.length === before.length && now.filter((pid) => before.includes(pid)).length === 1) return;
  }
  throw new Error(`still ${pids()} of ${before}`);
}

test('workers are replaced one by one', async () => {
  const before = pids();
  const load = new Load(server, host, { paths: ['/offers', '/healthz', '/basket', '/nothing'], http1: 12, http2: 6 });
  await load.has(300);
  server.kill('SIGHUP');
  await replaced(before);
  await load.has(load.answers.length + 300);
  const statuses = await load.stop();
  assert.deepEqual(load.failures, []);
  assert.deepEqual(Object.keys(statuses).sort(), ['200', '404']);
  assert.equal(load.refused, 0);
});

test('several reloads in a row end in one set of workers', async () => {
  const before = pids();
  const load = new Load(server, host, { http1: 4, http2: 0, pause: 2 });
  for (let i = 0; i < 5; i++) {
    server.kill('SIGHUP');
    await sleep(150);
  }
  await replaced(before);
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.doesNotMatch(server.log(), /a worker died|check failed/);
});
