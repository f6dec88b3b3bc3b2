// My tickets (U11): what was bought here, at the desk or by telephone, with its file; and what
// features add to the account: a section, a card on its first page (T2).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, root, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 200 })] });
const other = await server.createSite({ features, offers: [tour({ capacity: 200 })] });
const slots = await slotsOf(server, site, 'tour');
for (const where of [site, other]) {
  const channels = await (await staff(where)).visit('/manage/channels');
  await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 1000);
}
const password = 'analytical engine 1843';
async function register(where, mark) {
  const page = await (await where.visitor().visit('/account/register')).submit('Create an account', {
    'First name': mark, 'Last name': 'Buyer', 'E-mail': `${mark}@buyer.example`, Password: password });
  assert.equal(page.url.pathname, '/account');
  return page.visitor;
}
async function buy(visitor, slot, name = 'Ann Buyer') {
  const buyer = Object.assign(new Buyer(site), { visitor });
  await buyer.book('tour', slot, { adult: 1 });
  await buyer.details({ email: 'ann@buyer.example', name });
  const paid = await buyer.pay('pay-at-venue');
  assert.equal(paid.status, 201, paid.text);
  return paid.json.location.match(/orders\/([0-9A-Z]{8})/)[1];
}
const ann = await register(site, 'ann');
const here = await buy(ann, slots[0]);
const desk = await buy(ann, slots[1]);
const portal = await buy(ann, slots[2]);
const gone = await buy(ann, slots[3]);
const channelOf = (code, kind) => server.sql(`WITH made AS (
    INSERT INTO channel (tenant_id, kind, name) SELECT tenant_id, $2, 'Another' FROM orders WHERE code = $1
    RETURNING tenant_id, channel_id)
  UPDATE orders o SET channel_id = m.channel_id FROM made m WHERE o.tenant_id = m.tenant_id AND o.code = $1`, [code, kind]);
await channelOf(desk, 'phone');
await channelOf(portal, 'portal');
const mary = await staff(site);

test('U11: this shop\'s tickets and those of desk and telephone, with a file; other shops\' don\'t show, orders have all', async () => {
  const { json } = await ann.getJson('/account/tickets');
  assert.deepEqual(json.items.map(({ code }) => code), [gone, desk, here]);
  assert.deepEqual((await ann.getJson('/account/orders')).json.items.map(({ code }) => code), [here, desk, portal, gone]);
  const page = await ann.visit('/account/tickets');
  const file = await page.click('Download');
  assert.equal(file.headers['content-type'], 'application/pdf');
  assert.equal(file.status, 200);
});

test('U11: a refunded ticket says so and has no file; foreign numbers and sites are not found', async () => {
  await server.sql("UPDATE order_line l SET state = 'cancelled', cancelled_at = now() FROM orders o WHERE o.order_id = l.order_id AND o.code = $1", [gone]);
  const [line] = (await ann.getJson('/account/tickets')).json.items;
  assert.deepEqual([line.code, line.state, line.pdf_url], [gone, 'cancelled', null]);
  const bob = await register(site, 'bob');
  assert.equal((await bob.get(`/orders/${here}/tickets.pdf`)).status, 404);
  assert.deepEqual((await bob.getJson('/account/tickets')).json.items, []);
  assert.match((await bob.visit('/account/tickets')).words('.empty'), /Nothing booked/);
  const there = await register(other, 'ann');
  assert.deepEqual((await there.getJson('/account/tickets')).json.items, []);
  assert.equal((await there.get(`/orders/${here}/tickets.pdf`)).status, 404);
  assert.equal((await site.visitor().get('/account/tickets')).status, 302);
});

test('T11, T16: hundreds of orders come page by page, each with the name of its day', async () => {
  const [{ tenant_id, customer_id }] = await server.sql("SELECT tenant_id, customer_id FROM customer WHERE email_folded = 'ann@buyer.example' AND tenant_id = (SELECT tenant_id FROM site WHERE slug = $1)", [site.slug]);
  await server.sql(`WITH one AS (SELECT * FROM orders WHERE tenant_id = $1 AND code = $3), made AS (
      INSERT INTO orders (tenant_id, code, channel_id, language, currency, created_at, placed_at, hold_started_at, hold_until, name, total_minor, customer_id)
      SELECT tenant_id, lpad(g::text, 8, 'X'), channel_id, language, currency, created_at, placed_at, hold_started_at, hold_until, 'Somebody Else', 1200, $2
        FROM one, generate_series(1, 300) g RETURNING order_id, tenant_id)
    INSERT INTO order_line (tenant_id, order_id, offer_id, slot_id, rate_id, quantity, state, title, rate_name, starts_at, ends_at, unit_minor, tax_ppm, tax_included, total_minor, placed_at, customer_id)
    SELECT m.tenant_id, m.order_id, l.offer_id, l.slot_id, l.rate_id, 1, 'confirmed', 'Tour of then', l.rate_name, now() - interval '2 days', now() - interval '1 day', 1200, 0, true, 1200, now(), $2
      FROM made m, (SELECT l.* FROM order_line l JOIN one ON one.order_id = l.order_id LIMIT 1) l`, [tenant_id, customer_id, here]);
  const seen = new Set();
  let next = '';
  do {
    const { json } = await ann.getJson(`/account/orders/previous${next && `?after=${next}`}`);
    for (const { id, title, code } of json.items) {
      assert.ok(!seen.has(id));
      seen.add(id);
      if (code.startsWith('XX')) assert.equal(title, 'Tour of then');
    }
    next = json.next;
  } while (next);
  assert.equal(seen.size, 301);
  const page = await ann.visit('/account/orders/previous');
  assert.equal((await page.click('Show more')).status, 200);
});

test('T15: an order is in the account of who booked it, whoever comes', async () => {
  const code = await buy(ann, slots[6], 'Grandmother Smith');
  assert.match((await ann.visit(`/orders/${code}`)).text, /Grandmother Smith/);
});

test('T2: features add a section and a card; off, both are gone, on the other site nothing was there', async () => {
  const words = async (where) => (await where.visit('/account')).words('.account');
  const there = await register(other, 'cy');
  assert.doesNotMatch(await words(ann), /guest book/i);
  await server.feature(site, 'greeter', 'on');
  await eventually(async () => /Sign the guest book/.test(await words(ann)), true, 3000);
  const page = await ann.visit('/account');
  assert.deepEqual(page.all('.account__nav a').map((a) => a.textContent).slice(-1), ['Guest book']);
  assert.equal((await page.click('Sign')).url.pathname, '/x/greeter/');
  const { cards } = (await ann.getJson('/account')).json.home;
  assert.equal(cards[1].card_url, null, 'nobody leads away from the site');
  assert.doesNotMatch(await words(there), /guest book/i);
  await server.feature(site, 'greeter', 'off');
  await eventually(async () => /guest book/i.test(await words(ann)), false, 3000);
  assert.equal((await ann.get('/x/greeter/')).status, 404);
});

test('T2, U5: with login off all of the account is gone, the orders stay', async () => {
  const paths = ['/account', '/account/orders', '/account/tickets', '/account/data', '/account/data/download', '/account/delete', '/account/details'];
  await server.feature(site, 'guest-login', 'off');
  await eventually(async () => (await ann.get('/account')).status, 404, 3000);
  for (const path of paths) assert.equal((await ann.get(path)).status, 404, path);
  assert.equal((await mary.get('/manage/orders')).status, 200);
});
