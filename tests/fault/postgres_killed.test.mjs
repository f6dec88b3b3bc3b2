// kill -9 of PostgreSQL in mid-sale: the shop window stays for a while, the rest says when to come
// back, and once it runs again everything does, with nothing lost that a buyer was told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Buyer, checkInvariants, eventually, Postgres, slotsOf, startServer, tour } from '../lib/index.mjs';
import { Load } from '../lib/load.mjs';

const haste = 12;
const postgres = await Postgres.start({ durable: true });
const server = await startServer({ workers: 2, postgres, env: { VITRINE_TEST_HASTE: String(haste) } });
const site = await server.createSite({ offers: [tour({ capacity: 5000 })] });
const host = `${site.slug}.vitrine.localhost`;
const slots = (await slotsOf(server, site, 'tour')).slice(0, 3);

async function until(condition, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; !condition(); await sleep(10)) assert.ok(Date.now() < end, 'too late');
}

async function readyAgain(seconds) {
  const since = Date.now();
  await server.ready(seconds);
  return Date.now() - since;
}

function postgresProcesses() {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postgres.pid)]).toString().split(/\s+/);
  return [postgres.pid, ...children.filter(Boolean).map(Number)];
}

// Buys one place after the other until told to stop; what was acknowledged, and every status met.
function keepBuying(acknowledged, statuses) {
  const state = { over: false };
  state.done = (async () => {
    for (let i = 0; !state.over; i++) {
      const buyer = new Buyer(site);
      const steps = [
        () => buyer.book('tour', slots[i % slots.length], { adult: 1 }),
        () => buyer.details(),
        () => buyer.pay('pay-at-venue', { headers: { 'idempotency-key': `key-${Math.random()}` } }),
      ];
      let page;
      for (const step of steps) {
        page = await step().catch((error) => ({ status: error.code ?? error.message }));
        statuses.add(page.status);
        if (page.status !== 200 && page.status !== 201) break;
      }
      if (page.status === 201) acknowledged.push(/orders\/([A-Z0-9]+)/.exec(page.json.location)[1]);
      buyer.visitor.close();
      await sleep(5);
    }
  })();
  return state;
}

test('nothing acknowledged is lost, nothing oversold, and it recovers by itself', async () => {
  const acknowledged = [];
  const statuses = new Set();
  const buyers = Array.from({ length: 6 }, () => keepBuying(acknowledged, statuses));
  const load = new Load(server, host, { paths: ['/', '/offers', '/nothing', '/manage'], http1: 4, http2: 2, pause: 5 });
  await until(() => acknowledged.length >= 20);

  postgres.kill();
  await sleep(700);
  const before = acknowledged.length;
  await postgres.back();
  await readyAgain(20);
  await until(() => acknowledged.length >= before + 10);
  for (const buyer of buyers) buyer.over = true;
  await Promise.all(buyers.map(({ done }) => done));
  await load.stop();

  assert.deepEqual(load.failures, []);
  const met = [...new Set([...statuses, ...Object.keys(load.statuses).map(Number)])].sort();
  assert.deepEqual(met.filter((status) => ![200, 201, 302, 404, 409, 422, 503].includes(status)), []);
  assert.ok(met.includes(503));
  const placed = await server.sql('SELECT code FROM orders WHERE placed_at IS NOT NULL');
  const codes = new Set(placed.map(({ code }) => code));
  assert.deepEqual(acknowledged.filter((code) => !codes.has(code)), []);
  await checkInvariants(server);
  assert.doesNotMatch(server.log(), /a worker died|statement failed|check failed/);
});

test('while it is away: a page with Retry-After, a problem document, the cached shop window for a while', async () => {
  const visitor = site.visitor();
  const buyer = new Buyer(site);
  await buyer.book('tour', slots[0], { adult: 1 });
  assert.equal((await visitor.get('/')).status, 200);
  postgres.kill();
  await sleep(300);

  assert.equal((await site.visitor().get('/')).status, 200);
  const page = await buyer.visitor.get('/basket');
  assert.equal(page.status, 503);
  assert.ok(Number(page.headers['retry-after']) > 0);
  assert.match(page.headers['content-type'], /text\/html/);
  assert.match(page.words('main'), /back in a moment/i);
  assert.equal(page.headers['cache-control'], 'no-store');
  const problem = await buyer.visitor.getJson('/basket');
  assert.equal(problem.status, 503);
  assert.equal(problem.headers['content-type'], 'application/problem+json');
  assert.equal((await server.visitor().get('/readyz')).status, 503);
  assert.equal((await server.visitor().get('/healthz')).status, 200);

  await sleep(60_000 / haste);
  assert.equal((await site.visitor().get('/')).status, 503);
  await postgres.back();
  assert.ok((await readyAgain(20)) < 10_000);
  assert.equal((await site.visitor().get('/')).status, 200);
  assert.equal((await buyer.visitor.get('/basket')).status, 200);
});

test('one that hangs: the answer comes within the time that a statement may take', async () => {
  const pids = postgresProcesses();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const pages = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const since = Date.now();
      const { status } = await site.visitor().get('/basket', { headers: { cookie: `__Host-vt=${'a'.repeat(22)}` } });
      return { status, took: Date.now() - since };
    }),
  );
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  for (const { status, took } of pages) assert.ok(status === 503 && took < 9000, `${status} after ${took} ms`);
  assert.ok((await readyAgain(20)) < 12_000);
  // Ready is one worker; the other one may still wait for its own connections.
  await eventually(async () => (await site.visitor().get('/')).status, 200);
});

test('jobs go on', async () => {
  const buyer = new Buyer(site);
  await buyer.book('tour', slots[1], { adult: 1 });
  await buyer.details({ email: 'after@buyer.example' });
  assert.equal((await buyer.pay('pay-at-venue')).status, 201);
  assert.ok(await server.mail({ to: 'after@buyer.example' }));
});
