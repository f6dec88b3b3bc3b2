// An upgrade while people visit and buy: the migration runs under the workers of the version before,
// then they are replaced; no request fails, and what waits for a lock holds nobody up.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { renewed, startCopy, until } from '../lib/copy.mjs';
import { build, Buyer, checkInvariants, slotsOf, tour } from '../lib/index.mjs';
import { connect } from '../lib/catalogue.mjs';
import { Load } from '../lib/load.mjs';

const copy = await startCopy();
const { own, home, workers } = copy;
const site = await own.createSite({ offers: [tour({ capacity: 100_000 })] });
const slots = (await slotsOf(own, site, 'tour')).slice(0, 4);
const host = `${site.slug}.vitrine.localhost`;

// The next version's migrations: they expand what the old workers use.
const next = {
  '9001_next.sql': `ALTER TABLE orders ADD COLUMN next_reason text, ADD COLUMN next_count int NOT NULL DEFAULT 0;
    ALTER TABLE order_line ADD COLUMN next_weight numeric NOT NULL DEFAULT 1;
    ALTER TABLE slot ADD COLUMN next_note text;
    CREATE TABLE next_thing (
        tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
        thing_id bigint NOT NULL DEFAULT vt_id(),
        order_id bigint NOT NULL,
        PRIMARY KEY (tenant_id, thing_id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders
    );
    SELECT vt_tenant_table('next_thing');`,
  '9002_next_index.sql': `-- outside a transaction
DROP INDEX CONCURRENTLY IF EXISTS order_line_next;
CREATE INDEX CONCURRENTLY order_line_next ON order_line (tenant_id, offer_id, starts_at);
`,
};

function migrate() {
  const running = { out: '', said: '' };
  running.ended = new Promise((resolve) => {
    const child = execFile(join(build, 'vitrine'), ['migrate'], { env: own.env }, (error) => resolve(error ? error.code : 0));
    child.stdout.on('data', (text) => (running.out += text));
    child.stderr.on('data', (text) => (running.said += text));
  });
  return running;
}

// Visitors and buyers until told to stop; what went wrong, and the slowest answer.
function busy() {
  const load = new Load(own, host, { paths: ['/', '/offers', '/offers/tour', '/nothing'], http1: 6, http2: 3, pause: 2 });
  const state = { over: false, bought: 0, refused: [], slowest: 0 };
  const ask = async (step) => {
    const since = Date.now();
    const page = await step().catch((error) => ({ status: error.code ?? error.message }));
    state.slowest = Math.max(state.slowest, Date.now() - since);
    if (page.status !== 200 && page.status !== 201) state.refused.push(`${page.status} ${page.text ?? ''}`);
    return page;
  };
  const buyers = slots.map(async (slot) => {
    while (!state.over) {
      const buyer = new Buyer(site);
      await ask(() => buyer.book('tour', slot, { adult: 1 }));
      await ask(() => buyer.details());
      if ((await ask(() => buyer.pay('pay-at-venue'))).status === 201) state.bought++;
      buyer.visitor.close();
    }
  });
  return {
    state,
    load,
    async stop() {
      state.over = true;
      await Promise.all(buyers);
      return load.stop();
    },
  };
}

test('migrate, then reload, in mid-load: no request fails, nothing is lost', async () => {
  const traffic = busy();
  const { state, load } = traffic;
  await until('sales', () => state.bought > 10);
  for (const [name, text] of Object.entries(next)) writeFileSync(join(home, 'core/migrations', name), text);

  // The wrong way round: the new version refuses, the old one goes on.
  const old = workers();
  own.kill('SIGHUP');
  await until('a refusal', () => /migrations haven't run: run vitrine migrate first.*9001_next/.test(own.log()));
  await until('its end', () => /the new version doesn't start: the old workers stay/.test(own.log()));
  assert.deepEqual(workers(), old);

  const running = migrate();
  assert.equal(await running.ended, 0, running.said);
  assert.match(running.out, /core\/9001_next\.sql\nmigrate: core\/9002_next_index\.sql/);
  const sold = state.bought;
  await until('sales by old workers on new tables', () => state.bought > sold + 10);
  assert.deepEqual(workers(), old);

  own.kill('SIGHUP');
  await renewed(copy, old);
  await until('sales by the new ones', () => state.bought > sold + 30);
  const statuses = await traffic.stop();
  assert.deepEqual(load.failures, []);
  assert.equal(load.refused, 0);
  assert.deepEqual(Object.keys(statuses).sort(), ['200', '404']);
  assert.deepEqual(state.refused, []);
  assert.equal(await migrate().ended, 0);
  const [{ placed }] = await own.sql('SELECT count(*)::int AS placed FROM orders WHERE placed_at IS NOT NULL');
  assert.equal(placed, state.bought);
  await checkInvariants(own);
  assert.doesNotMatch(own.log(), /a worker died|statement failed|check failed/);
});

// Somebody's report reads what the migration changes, for as long as it likes.
async function longReader() {
  const reader = await connect(own.postgres, own.database, 'vitrine_owner');
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM orders');
  return { end: async () => reader.end() };
}

test('a lock that somebody keeps is not waited for in front of everybody', async () => {
  const name = join(home, 'core/migrations/9003_more.sql');
  writeFileSync(name, 'ALTER TABLE orders ADD COLUMN next_more text;');
  const reader = await longReader();
  const traffic = busy();
  const { state, load } = traffic;
  await until('sales', () => state.bought > 10);
  const running = migrate();
  await until('the word', () => /9003_more\.sql: waits for a lock, and holds nobody up: process \d+ of vitrine_owner/.test(running.said));
  const sold = state.bought;
  await sleep(2500);
  assert.ok(state.bought > sold + 10, `${state.bought - sold} sales while it waited`);
  await reader.end();
  assert.equal(await running.ended, 0, running.said);
  await traffic.stop();
  assert.deepEqual(load.failures, []);
  assert.deepEqual(state.refused, []);
  assert.ok(state.slowest < 1500, `${state.slowest} ms`);
  await checkInvariants(own);
});

test('without that care the same change stops everybody', async () => {
  const reader = await longReader();
  const owner = await connect(own.postgres, own.database, 'vitrine_owner');
  const traffic = busy();
  const { state } = traffic;
  await until('sales', () => state.bought > 5);
  const changing = owner.query('ALTER TABLE orders ADD COLUMN next_harm text').catch(() => {});
  await until('refusals', () => state.refused.length > 0);
  await reader.end();
  await changing;
  await traffic.stop();
  await owner.end();
  assert.match(state.refused[0], /^503/);
});

test('a migration that fails leaves nothing, and says where', async () => {
  const name = join(home, 'core/migrations/9004_wrong.sql');
  writeFileSync(name, 'CREATE TABLE half_done (n int); SELECT nothing_of_that_name;');
  const running = migrate();
  assert.equal(await running.ended, 1);
  assert.match(running.said, /9004_wrong\.sql: ERROR: .*nothing_of_that_name/);
  const [{ exists }] = await own.sql(`SELECT to_regclass('half_done') IS NOT NULL AS exists`);
  assert.equal(exists, false);
  rmSync(name);
});
