// P7: a failing plugin harms neither the server nor another site: its budget holds, the page is served, and manager
// and account manager see what it did.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Buyer, root, slotsOf, startServer } from '../lib/index.mjs';

const sanitized = (process.env.VITRINE_BUILD ?? '').endsWith('asan');
const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const neighbour = await server.createSite({ features: { trouble: { how: 'fine' } } });

async function withBasket(site) {
  const buyer = new Buyer(site);
  const [slot] = await slotsOf(server, site, 'tour');
  assert.equal((await buyer.book('tour', slot, { adult: 1 })).status, 201);
  return buyer.visitor;
}

// Errors are written a moment after the page.
async function errors(site, enough = (rows) => rows.length > 0) {
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(50)) {
    const rows = await server.sql(
      `SELECT place, message, happened::int, tripped_until IS NOT NULL AS tripped
         FROM plugin_error JOIN site USING (tenant_id) WHERE slug = $1 ORDER BY last_at DESC`, [site.slug]);
    if (enough(rows)) return rows;
  }
  throw new Error(`${site.slug}: no such rows`);
}

// How often the plugin was called for the site, as the server counts.
async function calls(site) {
  const { text } = await server.visitor().get('/metrics');
  return Number(text.match(`vitrine_plugin_calls_total{site="${site.slug}",plugin="trouble"} (\\d+)`)[1]);
}

// Which budget ends it depends on the machine.
const budget = /instructions|too long|memory/;
const ways = {
  raise: /on purpose/,
  loop: budget,
  swallow: budget,
  recurse: /overflow|memory|instructions/,
  memory: budget,
  long_string: budget,
  hoard: budget,
  finalizer: /__gc/,
  pattern: budget,
  move: budget,
  sort: budget,
  wait: /no statement/,
  nonsense: /./,
};

for (const [how, why] of Object.entries(ways)) {
  test(`P7: a hook that does "${how}" ends within its budget, and the page is served`, async () => {
    const site = await server.createSite({ features: { trouble: { how } } });
    const visitor = await withBasket(site);
    const [page, meanwhile] = await Promise.all([visitor.get('/basket'), neighbour.visitor().get('/')]);
    assert.equal(page.status, 200);
    assert.match(page.words('main'), /Tour/);
    assert.equal(meanwhile.status, 200);
    const since = performance.now();
    assert.equal((await visitor.get('/basket')).status, 200);
    assert.ok(performance.now() - since < (sanitized ? 10_000 : 1500), `${performance.now() - since} ms`);
    const [row] = await errors(site);
    assert.equal(row.place, 'hooks.basket_fields');
    assert.match(row.message, why);
  });
}

test('P7: the neighbour has no errors, and the server has the processes it started with', async () => {
  assert.equal((await (await withBasket(neighbour)).get('/basket')).status, 200);
  const rows = await server.sql(
    'SELECT 1 FROM plugin_error JOIN site USING (tenant_id) WHERE slug = $1', [neighbour.slug]);
  assert.equal(rows.length, 0);
  assert.doesNotMatch(server.log(), /replaced|no heartbeat|signal 6/);
});

test('P7: a plugin that keeps failing is left alone, and the manager is told', async () => {
  const site = await server.createSite({ features: { trouble: { how: 'loop' } } });
  const visitor = await withBasket(site);
  for (let i = 0; i < 20; i++) assert.equal((await visitor.get('/basket')).status, 200);
  await errors(site, (rows) => rows.some(({ tripped }) => tripped));
  const before = await calls(site);
  for (let i = 0; i < 5; i++) assert.equal((await visitor.get('/basket')).status, 200);
  assert.equal(await calls(site), before, 'it was called again');
});

test('P7: account manager and manager see whose plugin failed and where', async () => {
  const account = { email: 'am@platform.example', password: 'lighthouse at noon' };
  await server.vitrine('operator', 'create', account.email, { input: `${account.password}\n` });
  const console_ = server.visitor();
  await console_.post('/console/login', { form: account });
  const page = await console_.visit('/console/errors');
  assert.equal(page.status, 200);
  assert.match(page.words('main'), /trouble/);
  assert.match(page.words('main'), /on purpose/);
});

test('a check that fails refuses the sale, and nothing is held', async () => {
  const site = await server.createSite({ features: { trouble: { how: 'raise', guards: true } } });
  const [slot] = await slotsOf(server, site, 'tour');
  const page = await new Buyer(site).book('tour', slot, { adult: 1 });
  assert.ok(page.status >= 400 && page.status < 500, `${page.status}`);
  const lines = await server.sql(
    'SELECT 1 FROM order_line JOIN site USING (tenant_id) WHERE slug = $1', [site.slug]);
  assert.equal(lines.length, 0);
});
