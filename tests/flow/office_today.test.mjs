// Today in the office: what is booked, what needs somebody, what was sold in thirty days as a chart
// with its table, and every number leads to what it counts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, Buyer, startServer, tour } from '../lib/index.mjs';

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
  for (const url of [json.today.orders_url, json.sales.orders_url, json.sales.days[29].orders_url, json.today.slots[0].orders_url]) {
    const list = await mary.getJson(url);
    assert.deepEqual(list.json.items.map((item) => item.code), [code], url);
  }
  assert.deepEqual((await mary.getJson(json.sales.days[28].orders_url)).json.items, []);
  assert.equal((await (await office(other)).getJson('/manage')).json.sales.sold.minor, 0);
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
