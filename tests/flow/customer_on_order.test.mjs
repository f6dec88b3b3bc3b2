// A customer is put on a new booking and on one that is there (C1).
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const desk = await staff(site, await hire(server, site, 'box_office'));
const neighbour = await staff(other);
const [slot] = await slotsOf(server, site, 'tour');

const add = async (who, first, email) => {
  const made = await who.postJson('/manage/customers/new', { first_name: first, last_name: 'Picked', email, phone: '+33612345678', gender: 'other', country: 'FR' });
  assert.equal(made.status, 201, made.text);
  return made.json.location.match(/\d+/)[0];
};
const ada = await add(desk, 'Ada', 'ada@buyer.example');
const bob = await add(desk, 'Bob', 'bob@buyer.example');
const stranger = await add(neighbour, 'Sam', 'sam@buyer.example');
const ordersOf = async (id) => (await desk.getJson(`/manage/customers/${id}/bookings`)).json.items.map(({ code }) => code);

test('C1: staff find a customer while they book; the booking stands on the customer’s page', async () => {
  const page = await desk.visit(`/manage/orders/new?slot=${slot.id}`);
  const found = await page.submit('Find', { who: 'bob' });
  assert.match(found.words('.picks'), /Bob Picked/);
  assert.doesNotMatch(found.words('.picks'), /Ada|Sam/);
  const chosen = await found.click('Bob Picked: Choose').catch(() => found.click('Choose'));
  assert.equal(Object.fromEntries(chosen.form('Book').values).name, 'Bob Picked');
  const booked = await chosen.submit('Book', { quantity_adult: '2' });
  assert.match(booked.url.pathname, /^\/manage\/orders\/\w{8}$/, booked.words('main'));
  const code = booked.url.pathname.split('/').pop();
  assert.deepEqual(await ordersOf(bob), [code]);
  assert.equal((await booked.click('Customer’s profile')).words('h1'), 'Bob Picked');
});

test('C1: “Book” on the customer’s page begins with them; nobody has to be chosen', async () => {
  const page = await (await desk.visit(`/manage/customers/${ada}`)).click('Book');
  assert.match(page.words('main'), /Ada Picked/);
  const none = await page.click('Somebody else');
  assert.doesNotMatch(none.words('main'), /Ada Picked/);
  assert.match((await none.submit('Find', { who: 'nobody' })).words('main'), /No customer matches/);
});

test('C1: a customer is put on an order that is there, by somebody else another one, and off again; the record says so', async () => {
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  const code = (await buyer.buy()).match(/orders\/(\w{8})/)[1];
  const order = await desk.visit(`/manage/orders/${code}`);
  const pick = await (await order.click('Put a customer on this order')).submit('Show', { who: 'ada@buyer' });
  const stale = await (await order.click('Put a customer on this order')).submit('Show', { who: 'bob' });
  const put = await pick.submit('Choose');
  assert.match(put.words('.notice'), /on the customer’s page/);
  assert.deepEqual(await ordersOf(ada), [code]);
  assert.match(put.words('.history'), /changed whose order it is/);
  assert.equal((await stale.submit('Choose')).status, 409, 'somebody was quicker');
  assert.deepEqual(await ordersOf(ada), [code]);
  const off = await (await put.click('Change the customer')).submit('Take the customer off');
  assert.match(off.words('.notice'), /nobody’s/);
  assert.deepEqual(await ordersOf(ada), []);
});

test('C1: who was deleted meanwhile, or is another site’s, is refused in words; nothing is booked', async () => {
  const count = async () => (await server.sql('SELECT count(*)::int AS n FROM orders WHERE placed_at IS NOT NULL'))[0].n;
  const before = await count();
  const form = (await desk.visit(`/manage/orders/new?slot=${slot.id}&customer=${bob}`)).form('Book', { quantity_adult: '1' });
  const [code] = await ordersOf(bob);
  const pick = await (await desk.visit(`/manage/orders/${code}/customer?who=ada`)).form('Choose');
  await server.sql('DELETE FROM customer WHERE customer_id IN ($1, $2)', [ada, bob]);
  const refused = await form.submit();
  assert.equal(refused.status, 422);
  assert.match(refused.words('main'), /no longer there/);
  assert.equal((await pick.submit()).status, 422);
  const { version } = (await desk.getJson(`/manage/orders/${code}/customer`)).json;
  assert.ok(version > 0);
  for (const customer of [stranger, 'x', '-1', '9'.repeat(19)]) {
    const answer = await desk.postJson('/manage/orders/new', { slot: String(slot.id), quantity: [{ key: 'adult', count: 1 }], name: 'X', customer });
    assert.equal(answer.status, 422, customer);
    assert.equal((await desk.postJson(`/manage/orders/${code}/customer`, { version, customer })).status, 422, customer);
  }
  assert.equal(await count(), before);
  assert.equal((await neighbour.getJson(`/manage/orders/${code}/customer`)).status, 404);
  assert.equal((await neighbour.postJson(`/manage/orders/${code}/customer`, { customer: stranger })).status, 404);
  assert.match((await desk.visit(`/manage/orders/new?customer=${ada}`)).words('main'), /no longer there/);
});
