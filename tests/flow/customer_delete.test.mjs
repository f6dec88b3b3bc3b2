// A customer is deleted (C13): the question names what is open, the books stay without a name.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const manager = await staff(site);
const desk = await staff(site, await hire(server, site, 'box_office'));
const neighbour = await staff(other);
const [slot] = await slotsOf(server, site, 'tour');
const record = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@buyer.example', phone: '+33612345678', gender: 'other', country: 'FR', tags: 'vip' };
const add = async (who) => (await who.postJson('/manage/customers/new', record)).json.location.match(/\d+/)[0];
const id = await add(manager);
const namesake = await add(neighbour);
const buyer = new Buyer(site);
await buyer.book('tour', slot, { adult: 2 });
const code = (await buyer.buy()).match(/orders\/(\w{8})/)[1];
const { version } = (await manager.getJson(`/manage/orders/${code}/customer`)).json;
assert.equal((await manager.postJson(`/manage/orders/${code}/customer`, { version, customer: id })).status, 200);
await manager.postJson(`/manage/customers/${id}/notes`, { note: 'Rings the bell' });
const count = async (table, of = id) => (await server.sql(`SELECT count(*)::int AS n FROM ${table} WHERE customer_id = $1`, [of]))[0].n;

test('C13: the bin at the top right asks first, and names the bookings to come; nothing goes without the typed address', async () => {
  const page = await manager.visit(`/manage/customers/${id}`);
  assert.match(page.all('.page__actions a').at(-1).textContent, /Delete the customer/);
  const question = await page.click('Delete the customer');
  assert.match(question.words('h1'), /Delete Ada Lovelace\?/);
  assert.match(question.words('main'), /One booking is still to come: .*Tour/);
  assert.match(question.words('main'), /can’t be undone/);
  assert.equal((await question.submit('Delete the customer', { typed: 'Ada' })).status, 422);
  assert.equal(await count('customer'), 1);
  assert.equal((await desk.get(`/manage/customers/${id}/delete`)).status, 403, 'the box office can’t');
  assert.equal(desk && (await desk.visit(`/manage/customers/${id}`)).all('#delete').length, 0);
  for (const who of [neighbour]) {
    assert.equal((await who.getJson(`/manage/customers/${id}/delete`)).status, 404);
    assert.equal((await who.postJson(`/manage/customers/${id}/delete`, { typed: record.email })).status, 404);
  }
  assert.equal(await count('customer'), 1);
});

test('C13: then profile, notes, tags and search are gone, the order stays, and another site notices nothing', async () => {
  const question = await manager.visit(`/manage/customers/${id}/delete`);
  const done = await question.submit('Delete the customer', { typed: record.email });
  assert.equal(done.url.pathname, '/manage/customers');
  assert.match(done.words('.notice'), /is deleted/);
  for (const table of ['customer', 'customer_note', 'customer_tag', 'orders', 'order_line']) assert.equal(await count(table), 0, table);
  assert.deepEqual((await manager.getJson('/manage/customers?q=love')).json.items, []);
  assert.equal((await manager.getJson(`/manage/customers/${id}`)).status, 404);
  assert.equal((await manager.postJson(`/manage/customers/${id}/delete`, { typed: record.email })).status, 404, 'twice');
  assert.equal((await manager.getJson(`/manage/orders/${code}`)).json.order.total.minor > 0, true);
  assert.equal(await count('customer', namesake), 1);
  assert.equal((await neighbour.getJson('/manage/customers?q=love')).json.items.length, 1);
});
