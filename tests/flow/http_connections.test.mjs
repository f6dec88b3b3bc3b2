// More clients than a worker has descriptors for: those who pause make room, and all are served.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';
import { Wire } from '../lib/wire.mjs';

const server = await startServer({ env: { VITRINE_TEST_HASTE: '4' } });
const workers = () => server.processes().filter(({ parent }) => parent === server.child.pid).map(({ pid }) => pid);

// Workers take over the supervisor's limit when they start.
async function allowDescriptors(count) {
  const before = workers();
  execFileSync('prlimit', [`--nofile=${count}:${count}`, '--pid', String(server.child.pid)]);
  server.kill('SIGHUP');
  for (let tries = 0; workers().length !== 2 || workers().some((pid) => before.includes(pid)); tries++) {
    assert.ok(tries < 300, 'not replaced');
    await sleep(50);
  }
}

test('300 clients, descriptors for 200', async () => {
  await allowDescriptors(712);
  const clients = Array.from({ length: 300 }, () => new Wire(server.port));
  for (const client of clients) client.send('GET /healthz HTTP/1.1\r\nHost: vitrine.localhost\r\n\r\n');
  const served = await Promise.all(clients.map((client) => client.has(/HTTP\/1\.1 200 /, 20)));
  assert.equal(served.filter(Boolean).length, 300);
  for (const client of clients) client.close();
  assert.match(server.log(), /few descriptors/);
  assert.doesNotMatch(server.log(), /a worker died|stopped beating/);
});

test('and nothing spins while it is full', async () => {
  const clients = Array.from({ length: 260 }, () => new Wire(server.port));
  const cpu = () => Number(execFileSync('ps', ['-o', 'cputimes=', '-p', workers().join(',')]).toString().trim().split(/\s+/).reduce((a, b) => a + Number(b), 0));
  await sleep(300);
  const before = cpu();
  await sleep(1500);
  assert.ok(cpu() - before <= 1);
  for (const client of clients) client.close();
  assert.equal((await server.visitor().get('/healthz')).status, 200);
});
