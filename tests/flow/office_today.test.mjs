// Today in the office: what is booked, what needs somebody, what was sold in thirty days as a chart
// with its table, and every number leads to what it counts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { addSlots, Buyer, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ schedule: [] })] });
const other = await server.createSite({ features, offers: [tour({ schedule: [] })] });

async function office(where) {
  const visitor = where.visitor();
  const { email, password } = where.manager;
  await visitor.post('/manage/login', { form: { email, password } });
  return visitor;
}

// A moment that is still today at the venue whenever this runs.
const noon = new Date();
noon.setUTCHours(9, 0, 0, 0);
await server.time(`set ${noon.toISOString()}`);

test('nothing sold: said, with neither a chart nor a table of nothing', async () => {
  const page = await (await office(other)).visit('/manage');
  assert.match(page.words('main'), /Nothing was sold in these 30 days/);
  assert.equal(page.all('details').length, 0);
  assert.equal(page.all('.days-chart rect').length, 0);
});

test('today’s times with their occupancy: what runs stays until it ends, the eleventh stands in the day’s schedule', async () => {
  const at = (minutes) => new Date(noon.getTime() + minutes * 60_000).toISOString();
  await addSlots(server, other.slug, 'tour', [-90, -60, -59, ...Array.from({ length: 10 }, (_, i) => 5 + i)].map(at));
  const mary = await office(other);
  const { today } = (await mary.getJson('/manage')).json;
  assert.equal(today.slots.length, 10);
  assert.equal(Date.parse(today.slots[0].at), Date.parse(at(-59)), 'an hour’s tour in its last minute');
  assert.equal(today.more, 1);
  const more = await (await mary.visit('/manage')).click('and 1 more later today');
  assert.equal(more.url.pathname + more.url.search, new URL(today.day_url, more.url).pathname + new URL(today.day_url, more.url).search);
  assert.equal((await mary.getJson(today.day_url)).json.items.length, 13);
});

test('sales less what came back, by the venue’s day; each number leads to its orders', async () => {
  const [slot] = await addSlots(server, site.slug, 'tour', [new Date(noon.getTime() + 3_600_000).toISOString()]);
  const buyer = new Buyer(site);
  assert.equal((await buyer.book('tour', slot, { adult: 2 })).status, 201);
  const code = (await buyer.buy()).match(/orders\/(\w+)/)[1];
  const mary = await office(site);
  const page = await mary.visit('/manage');
  const { json } = await mary.getJson('/manage');
  assert.equal(json.sales.days.length, 30);
  assert.deepEqual([json.sales.days[29].sold.minor, json.sales.days[29].height, json.sales.sold.minor], [2400, 120, 2400]);
  assert.equal(page.all('.days-chart rect').length, 30);
  // The table beside the chart has the same numbers, day by day (ux 30).
  const rows = page.all('details tbody tr').map((tr) => [...tr.children].map((cell) => cell.textContent.trim()));
  assert.deepEqual(rows, json.sales.days.map((one) => [one.date_text, String(one.order_count), one.sold.text]));
  assert.deepEqual(rows[29].slice(1), ['1', json.sales.sold.text]);
  const tops = page.all('.days-chart rect').map((rect) => Number(rect.getAttribute('height')));
  assert.deepEqual(tops, json.sales.days.map(({ height }) => height));
  for (const url of [json.today.orders_url, json.sales.orders_url, json.sales.days[29].orders_url, json.today.slots[0].orders_url]) {
    const list = await mary.getJson(url);
    assert.deepEqual(list.json.items.map((item) => item.code), [code], url);
  }
  assert.deepEqual((await mary.getJson(json.sales.days[28].orders_url)).json.items, []);
  assert.equal((await (await office(other)).getJson('/manage')).json.sales.sold.minor, 0);

  // Part of it comes back, and the day is closed: who booked still comes.
  assert.deepEqual([json.today.slots[0].taken, json.today.slots[0].capacity], [2, 10]);
  await server.sql(`UPDATE orders SET returned_minor = 500 WHERE code = $1`, [code]);
  await server.sql(`UPDATE slot SET state = 'closed' WHERE slot_id = $1`, [slot.id]);
  const later = (await mary.getJson('/manage')).json;
  assert.deepEqual([later.sales.days[29].sold.minor, later.sales.sold.minor, later.today.sold.minor], [1900, 1900, 1900]);
  assert.deepEqual(later.today.slots.map(({ taken }) => taken), [2]);
  await server.sql(`UPDATE orders SET returned_minor = 0 WHERE code = $1`, [code]);
  await server.sql(`UPDATE slot SET state = 'open' WHERE slot_id = $1`, [slot.id]);
});

test('what needs somebody: refunds that the provider refused', async () => {
  await server.sql(
    `WITH o AS (SELECT o.* FROM orders o JOIN site USING (tenant_id) WHERE slug = $1 LIMIT 1),
          p AS (INSERT INTO payment (tenant_id, order_id, provider, state, amount_minor, currency, created_at, changed_at)
                SELECT tenant_id, order_id, 'sandbox-pay', 'captured', 100, 'EUR', now(), now() FROM o RETURNING *)
     SELECT 1 FROM p`, [site.slug]);
  await server.sql(
    `INSERT INTO payment (tenant_id, order_id, refund_of, provider, state, amount_minor, currency, created_at, changed_at)
     SELECT tenant_id, order_id, payment_id, provider, 'refused', 100, currency, now(), now() FROM payment`);
  const mary = await office(site);
  const page = await mary.visit('/manage');
  const list = await page.click('1 refund was refused');
  assert.match(list.url.search, /state=refunding/);
  assert.equal(list.all('tbody tr').length, 1);
  assert.ok(!(await (await office(other)).visit('/manage')).text.includes('was refused'));
});

// Rows as those parts of the program leave them, each of which has its own tests.
async function leaveWork() {
  const [{ order_id: order, tenant_id: tenant, line_id: line }] = await server.sql(
    `SELECT o.order_id, o.tenant_id, l.line_id FROM orders o JOIN site USING (tenant_id)
       JOIN order_line l USING (tenant_id, order_id) WHERE slug = $1`, [site.slug]);
  const run = (sql, more = []) => server.sql(sql, [tenant, ...more]);
  await run(`INSERT INTO slot_change (tenant_id, change_id, kind, slots, reason, actor_id, actor_name, created_at) VALUES ($1, 7, 'cancel', 1, '', 1, 'Mary', now())`);
  await run(`INSERT INTO slot_change_row (tenant_id, change_id, order_id, lines, total_minor, state, code)
             VALUES ($1, 7, $2, ARRAY[$3::bigint], 2400, 'failed', 'full')`, [order, line]);
  await run(`INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, language, created_at)
             VALUES ($1, 11, 'Ada', 'Lovelace', 'ada@buyer.example', 'ada@buyer.example', 'en', now())`);
  await run(`INSERT INTO customer_email_wish (tenant_id, customer_id, email, asked_at) VALUES ($1, 11, 'ada@new.example', now())`);
  const mail = (job, to, state, about, id) => run(
    `INSERT INTO mail (tenant_id, mail_id, job_id, plugin, key, recipient, subject, state, at, ${about ?? 'order_id'})
     VALUES ($1, 9000000000000000000 + $2, $2, 'core', 'order', $3, 'About it', $4, clock_timestamp(), $5)`, [job, to, state, id ?? null]);
  await mail(101, 'gone@buyer.example', 'refused', 'order_id', order);
  await mail(102, 'ada@buyer.example', 'refused', 'customer_id', 11);
  await mail(103, 'ada@new.example', 'sent', 'customer_id', 11);
  await mail(104, 'colleague@venue.example', 'refused');
  await run(`INSERT INTO plugin_error (tenant_id, plugin, place, message, detail, happened, first_at, last_at, tripped_until)
             SELECT $1, p, 'hook', 'no', '', 20, now(), now(), $2::timestamptz + make_interval(mins => m)
               FROM (VALUES ('pay-at-venue', 5), ('coupons', -5)) AS v (p, m)`, [noon.toISOString()]);
  await run(`INSERT INTO webhook_endpoint (tenant_id, endpoint_id, url, events, state, secret, secret_at, secret_by, created_at)
             SELECT $1, n, 'https://till.example/' || s, '{}', s, '', now(), 0, now()
               FROM (VALUES (21, 'failed'), (22, 'on')) AS v (n, s)`);
  await run(`INSERT INTO feature (tenant_id, plugin, state, changed_at) VALUES ($1, 'guest-login', 'waiting', now())`);
  await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
  return { order, tenant };
}

test('what needs somebody is counted, and leads to the list of exactly that, for who may see it', async () => {
  const { tenant } = await leaveWork();
  const mary = await office(site);
  await eventually(async () => (await mary.getJson('/manage')).json.actions.some(({ kind }) => kind === 'waiting'), true, 1000);
  const { json: { actions } } = await mary.getJson('/manage');
  assert.deepEqual(actions.map(({ kind, count }) => [kind, count]), [
    ['left_over', 1], ['refused', 1], ['asks', 1], ['mails', 2], ['paused', 1], ['stopped', 1], ['waiting', 1]]);
  const of = Object.fromEntries(actions.map((action) => [action.kind, action.action_url]));
  const items = async (kind, who = mary) => (await who.getJson(of[kind])).json.items;
  assert.equal((await items('left_over')).length, 1);
  assert.deepEqual((await items('asks')).map(({ id }) => id), ['11']);
  assert.deepEqual((await items('mails')).map(({ recipient }) => recipient), ['colleague@venue.example', 'gone@buyer.example'],
    'whom a later mail has reached needs nobody');
  const features = async (kind) => (await mary.getJson(of[kind])).json.sections.flatMap((section) => section.features.map(({ name }) => name));
  assert.deepEqual(await features('paused'), ['pay-at-venue']);
  assert.deepEqual(await features('waiting'), ['guest-login']);
  assert.deepEqual((await items('stopped')).map(({ url }) => url), ['https://till.example/failed']);
  const page = await mary.visit('/manage');
  for (const [link, words] of [['1 order is left over', /Tour/], ['1 customer asks', /Ada Lovelace/], ['2 mails were refused', /gone@buyer/],
    ['1 feature is paused', /Only features that are paused/], ['1 webhook endpoint was', /till\.example\/failed/]]) {
    assert.match((await page.click(link)).words('main'), words, link);
  }

  const clerk = await staff(site, await hire(server, site, 'box_office'));
  assert.deepEqual((await clerk.getJson('/manage')).json.actions.map(({ kind, count }) => [kind, count]),
    [['left_over', 1], ['refused', 1], ['asks', 1], ['mails', 1]], 'neither features nor what colleagues get');
  assert.deepEqual((await items('mails', clerk)).map(({ recipient }) => recipient), ['gone@buyer.example']);
  assert.deepEqual((await (await office(other)).getJson('/manage')).json.actions, []);

  // Settled: gone from both.
  await server.sql(`UPDATE slot_change_row SET state = 'done' WHERE tenant_id = $1`, [tenant]);
  await server.sql('DELETE FROM customer_email_wish WHERE tenant_id = $1', [tenant]);
  await server.sql(`UPDATE plugin_error SET tripped_until = NULL WHERE tenant_id = $1`, [tenant]);
  assert.deepEqual((await mary.getJson('/manage')).json.actions.map(({ kind }) => kind), ['refused', 'mails', 'stopped', 'waiting']);
  for (const kind of ['left_over', 'asks']) assert.deepEqual(await items(kind), [], kind);
  assert.deepEqual(await features('paused'), []);
});
