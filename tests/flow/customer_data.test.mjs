// "Back office: customer's page … export of a person's data": of somebody without an account too.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const [manager, desk, neighbour] = [
  await staff(site), await staff(site, await hire(server, site, 'box_office')), await staff(other),
];
const [slot] = await slotsOf(server, site, 'tour');
const record = { last_name: 'Lovelace', phone: '+33612345678', gender: 'other', country: 'FR' };
const add = async (first, more = {}) => (await manager.postJson('/manage/customers/new', {
  ...record, first_name: first, email: `${first.toLowerCase()}@buyer.example`, ...more,
})).json.location.match(/\d+/)[0];
const id = await add('Ada', { tags: 'vip' });
await add('Zoe');
const buyer = new Buyer(site);
await buyer.book('tour', slot, { adult: 2 });
const code = (await buyer.buy()).match(/orders\/(\w{8})/)[1];
const { version } = (await manager.getJson(`/manage/orders/${code}/customer`)).json;
await manager.postJson(`/manage/orders/${code}/customer`, { version, customer: id });
await manager.postJson(`/manage/customers/${id}/notes`, { note: 'Rings the bell' });
const path = `/manage/customers/${id}/data`;
const exports = () => server.sql("SELECT actor_name, object_id FROM audit WHERE action = 'customer.export'");

test('"export of a person’s data": the box office may not, another site and a wrong number find nobody', async () => {
  assert.equal((await desk.get(path)).status, 403);
  assert.equal((await desk.visit(`/manage/customers/${id}`)).all('#data').length, 0);
  assert.equal((await neighbour.get(path)).status, 404);
  assert.equal((await manager.get('/manage/customers/12/data')).status, 404);
  assert.equal((await site.visitor().getJson(path)).status, 403, 'logged out');
  assert.deepEqual(await exports(), []);
});

test('"export of a person’s data": from the customer’s page, all of a customer without an account, nothing of others', async () => {
  const page = await manager.visit(`/manage/customers/${id}`);
  const file = await page.click('Download their data');
  assert.equal(file.status, 200);
  assert.match(file.headers['content-disposition'], new RegExp(`attachment; .*${site.slug}-${id}\\.json`));
  assert.equal(file.headers['cache-control'], 'no-store');
  const tables = Object.fromEntries(JSON.parse(file.text).tables.map(({ table, rows }) => [table, rows]));
  assert.equal(tables.customer.length, 1);
  assert.equal(tables.customer[0].email, 'ada@buyer.example');
  assert.equal(tables.orders[0].code, code);
  assert.match(JSON.stringify(tables), /Rings the bell/);
  assert.match(JSON.stringify(tables), /vip/);
  assert.doesNotMatch(file.text, /zoe/i);
});

test('"audit of every change": who downloaded it stands in the customer’s history', async () => {
  assert.deepEqual(await exports(), [{ actor_name: 'Mary Manager', object_id: id }]);
  assert.match((await manager.visit(`/manage/customers/${id}`)).words('.history'), /downloaded what the site keeps/);
});
