// A worker that dies or hangs costs what it had in hand; its place is filled within a second, or
// two when it hangs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';
import { Load } from '../lib/load.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;
const children = () => server.processes().filter(({ parent }) => parent === server.child.pid).map(({ pid }) => pid);
const clients = 16;

async function until(condition, ms) {
  const since = Date.now();
  while (!condition()) {
    assert.ok(Date.now() - since < ms, `not within ${ms} ms`);
    await sleep(10);
  }
  return Date.now() - since;
}

// Every client that was connected to it loses at most the request in hand.
async function underLoad(harm, slowest) {
  const load = new Load(server, host, { paths: ['/offers', '/healthz', '/basket'], http1: clients, http2: 0 });
  await load.has(300);
  const before = children();
  const at = Date.now();
  await harm(before);
  await until(() => children().length === 3 && children().some((pid) => !before.includes(pid)), slowest);
  const replacedAt = Date.now();
  await load.has(load.answers.length + 300);
  await load.stop();
  assert.ok(load.failures.length <= clients, `${load.failures.length} failed`);
  assert.ok(load.failures.every(({ at: failed }) => failed >= at - 1000 && failed <= replacedAt + 100));
  assert.deepEqual(Object.keys(load.statuses), ['200']);
  assert.ok(Math.max(...load.answers.map(({ took }) => took)) < slowest + 3000);
}

for (const which of [0, 1, 2]) {
  test(`kill -9 of ${['one worker', 'the other worker', 'the job worker'][which]}`, async () => {
    await underLoad((pids) => process.kill(pids.sort((a, b) => a - b)[which], 'SIGKILL'), 1000);
    await server.ready();
  });
}

test('a worker that hangs in a loop is replaced after two seconds', async () => {
  await underLoad(() => server.control('hang 0'), 3000);
  await server.ready();
});

test('one that is stopped is replaced as well', async () => {
  await underLoad((pids) => process.kill(pids.sort((a, b) => a - b)[1], 'SIGSTOP'), 3000);
});
