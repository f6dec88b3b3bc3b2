// C1: "A customer can be created first or while booking, and put on an existing booking."
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const desk = await staff(site, await hire(server, site, 'box_office'));
const [slot] = await slotsOf(server, site, 'tour');
const fields = (first, more = {}) => ({
  first_name: first, last_name: 'Walkin', email: `${first.toLowerCase()}@buyer.example`, phone: '+33612345678', gender: 'other', country: 'FR', ...more,
});
const bookingsOf = async (id) => (await desk.getJson(`/manage/customers/${id}/bookings`)).json.items.map(({ code }) => code);
const idOf = async (first) =>
  (await server.sql('SELECT customer_id::text AS id FROM customer WHERE email_folded = $1', [`${first.toLowerCase()}@buyer.example`]))[0]?.id;

test('C1: created while booking: back at the same time, with the new customer chosen', async () => {
  const page = await desk.visit(`/manage/orders/new?slot=${slot.id}&day=${new Date(slot.starts_at).toISOString().slice(0, 10)}`);
  const form = await page.click('New customer');
  assert.equal(form.url.pathname, '/manage/customers/new');
  const wrong = await form.submit('Save', fields('Nora', { email: '' }));
  assert.equal(wrong.status, 422);
  assert.equal(await idOf('Nora'), undefined);
  const back = await wrong.submit('Save', fields('Nora'));
  assert.equal(back.url.pathname, '/manage/orders/new');
  assert.equal(back.url.searchParams.get('slot'), String(slot.id));
  const id = await idOf('Nora');
  assert.equal(back.url.searchParams.get('customer'), id);
  assert.equal(Object.fromEntries(back.form('Book').values).name, 'Nora Walkin');
  const booked = await back.submit('Book', { quantity_adult: '1' });
  assert.match(booked.url.pathname, /^\/manage\/orders\/\w{8}$/);
  assert.deepEqual(await bookingsOf(id), [booked.url.pathname.split('/').pop()]);
});

test('C1: created for an existing booking: back at the order, the new customer to be chosen', async () => {
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  const code = (await buyer.buy()).match(/orders\/(\w{8})/)[1];
  const whose = await (await desk.visit(`/manage/orders/${code}`)).click('Put a customer on this order');
  const back = await (await whose.click('New customer')).submit('Save', fields('Olaf'));
  assert.equal(back.url.pathname, `/manage/orders/${code}/customer`);
  assert.match(back.words('.picks'), /Olaf Walkin/);
  const put = await back.submit('Choose');
  assert.match(put.words('.notice'), /on the customer’s page/);
  assert.deepEqual(await bookingsOf(await idOf('Olaf')), [code]);
});

test('C1, C8: a verified person’s address with other data is a 403 on the way; corrected, it still leads back', async () => {
  await server.sql(
    `INSERT INTO person (email, email_folded, first_name, last_name, phone, gender, country, language, created_at)
     VALUES ('vera@buyer.example', 'vera@buyer.example', 'Vera', 'Confirmed', '+33612345678', 'other', 'FR', 'en', now())`);
  const form = await (await desk.visit(`/manage/orders/new?slot=${slot.id}`)).click('New customer');
  const refused = await form.submit('Save', fields('Vera'));
  assert.equal(refused.status, 403);
  assert.equal(await idOf('Vera'), undefined, 'nothing half-created');
  const back = await refused.submit('Save', fields('Wim'));
  assert.equal(back.url.pathname, '/manage/orders/new');
  assert.equal(back.url.searchParams.get('customer'), await idOf('Wim'));
});

test('C1: “next” leads to such pages of the office only', async () => {
  const bad = ['https://evil.example/', '//evil.example', '/manage/orders/new?x=//evil.example:80', '/manage/orders/../login', '/manage/orders/a/b/customer',
    '/manage/orders/new\\evil', '/manage/orders//customer/', '/account', '/manage/orders/newer', '/manage/orders/new#x'];
  for (const [i, next] of bad.entries()) {
    const path = `/manage/customers/new?next=${encodeURIComponent(next)}`;
    assert.equal((await desk.getJson(path)).json.next, null, next);
    const made = await desk.postJson('/manage/customers/new', { ...fields(`Bad${i}`), next });
    assert.equal(made.status, 201, made.text);
    assert.match(made.json.location, /^\/manage\/customers\/\d+\?done/, next);
  }
});
