// Customer categories in the office (C4): making them, a customer's, the list of customers by them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { hire, staff } from '../../../tests/lib/office.mjs';

const server = await startServer();
const features = { 'customer-categories': {} };
const languages = ['en', 'fr', 'es'];
const site = await server.createSite({ features, languages });
const other = await server.createSite({ features, languages });
const mary = await staff(site);
const nora = await staff(other);
const desk = await staff(site, await hire(server, site, 'box_office'));
const OFFICE = '/manage/x/customer-categories/';
const record = (first_name) => ({ first_name, last_name: 'Lee', email: `${first_name.toLowerCase()}@buyer.example`, phone: '+33612345678', gender: 'other', country: 'FR' });
const add = async (who, name) => (await who.postJson('/manage/customers/new', record(name))).json.location.match(/\d+/)[0];
const anna = await add(mary, 'Anna');
const list = async (query = '') => (await mary.getJson(OFFICE + query)).json.items;

test('ux 21: an empty list says what to do; what is wrong stands beside its field', async () => {
  const page = await mary.visit(OFFICE);
  assert.match(page.words('main'), /No categories yet/);
  assert.match((await page.click('Archived')).words('main'), /Nothing is archived/);
  const form = () => mary.visit(`${OFFICE}new`);
  const good = { 'Name (English)': 'Members', kind: 'percent', 'How much': '12.5', applies: 'all' };
  const wrong = [
    [{ 'Name (English)': '' }, 'name_en'], [{ 'Name (French)': 'x'.repeat(61) }, 'name_fr'],
    [{ 'How much': '' }, 'value'], [{ 'How much': '0' }, 'value'], [{ 'How much': '100.01' }, 'value'], [{ 'How much': '-1' }, 'value'],
    [{ kind: 'amount', 'How much': '0' }, 'value'], [{ kind: 'amount', 'How much': '1,234' }, 'value'],
  ];
  for (const [change, field] of wrong) {
    const refused = await (await form()).submit('Make the category', { ...good, ...change });
    assert.equal(refused.status, 422, JSON.stringify(change));
    assert.ok(refused.errors[field], `${JSON.stringify(change)}: ${JSON.stringify(refused.errors)}`);
  }
  const nowhere = await (await form()).submit('Make the category', { ...good, applies: 'some' });
  assert.equal(nowhere.status, 422);
  assert.match(nowhere.words('#applies-error'), /at least one offer/);
  assert.deepEqual(await list(), []);
  const made = await (await form()).submit('Make the category', { ...good, applies: 'some', Tour: true });
  assert.match(made.words('tbody'), /Members.*−12\.5%.*Some offers.*0/);
});

test('changed, with history; two people at once; prices for each rate; archived', async () => {
  const [{ id }] = await list();
  const [mine, theirs] = [await mary.visit(OFFICE + id), await mary.visit(OFFICE + id)];
  assert.equal((await mine.submit('Save', { kind: 'prices', 'How much': '' })).status, 200);
  const late = await theirs.submit('Save', { 'Name (English)': 'Friends' });
  assert.equal(late.status, 422);
  assert.match(late.errors.name_en, /Somebody else changed/);
  const page = await mary.visit(OFFICE + id);
  const { json } = await mary.getJson(OFFICE + id);
  const [rate] = json.rates;
  const refused = await mary.postJson(`${OFFICE}${id}/prices`, { rate: rate.id, price: 'cheap' });
  assert.equal(refused.status, 422);
  const again = await page.submit('form[action$="/prices"]', { 'Price of Tour, Adult': 'cheap' });
  assert.match(again.errors.price, /Tour, Adult: write a price/);
  assert.equal(again.document.querySelector(`#price-${rate.id}`).getAttribute('value'), 'cheap');
  await page.submit('form[action$="/prices"]', { 'Price of Tour, Adult': '9.50' });
  assert.equal((await mary.getJson(OFFICE + id)).json.rates[0].price, '9.50');
  assert.equal((await mary.postJson(`${OFFICE}${id}/prices`, { rate: rate.id, price: '' })).status, 200);
  assert.equal((await mary.getJson(OFFICE + id)).json.rates[0].price, '');
  assert.equal((await mary.postJson(`${OFFICE}${id}/prices`, { rate: '1', price: '1' })).status, 404);
  assert.match((await mary.visit(OFFICE + id)).words('#history'), /set a price.*changed the category.*made the category/s);
  await (await mary.visit(OFFICE + id)).submit('Archive');
  assert.deepEqual(await list(), []);
  assert.match((await mary.visit(OFFICE + id)).words('main'), /This category is archived/);
  assert.equal((await mary.postJson(`${OFFICE}customers/${anna}`, { category: id })).status, 422, 'nobody is put into it');
  await (await mary.visit(OFFICE + id)).submit('Bring back');
  assert.equal((await list()).length, 1);
});

test('C4: a customer is put in until a day, the day is changed, taken out; the history says who and what', async () => {
  const [{ id }] = await list();
  const tab = await (await desk.visit(`/manage/customers/${anna}`)).click('Categories');
  assert.match(tab.words('main'), /In no category/);
  const past = await tab.submit('Put in', { Until: '2020-01-01' });
  assert.equal(past.status, 422);
  assert.match(past.errors.until, /This day is over/);
  const put = await past.submit('Put in', { Until: '2030-12-31' });
  assert.match(put.words('tbody'), /Members.*31 December 2030/);
  await put.submit('Put in', { Until: '' });
  assert.match((await desk.visit(`${OFFICE}customers/${anna}`)).words('tbody'), /No end/);
  assert.deepEqual((await list()).map(({ members }) => members), [1]);
  await add(mary, 'Ben');
  const found = (await mary.getJson(`/manage/customers?with_customer-categories.category=${id}`)).json.items;
  assert.deepEqual(found.map(({ name }) => name), ['Anna Lee']);
  const away = await (await desk.visit(`${OFFICE}customers/${anna}`)).submit('form[action$="/out"]');
  assert.match(away.words('main'), /In no category/);
  assert.match(away.words('#history'), /took the customer out.*changed until when.*put the customer into the category/s);
  assert.equal((await desk.postJson(`${OFFICE}customers/${anna}/out`, { category: id })).status, 200, 'twice');
  assert.deepEqual((await mary.getJson(`/manage/customers?with_customer-categories.category=${id}`)).json.items, []);
});

test('other roles and another site: refused, and nothing there', async () => {
  const [{ id }] = await list();
  for (const path of ['', 'new', id]) assert.equal((await desk.get(OFFICE + path)).status, 403, path);
  for (const path of [id, `customers/${anna}`]) assert.equal((await nora.get(OFFICE + path)).status, 404, path);
  for (const path of [id, `${id}/archive`, `${id}/prices`, `customers/${anna}`, `customers/${anna}/out`]) {
    const posted = await nora.postJson(OFFICE + path, { category: id, rate: '1', version: 1, kind: 'percent' }, { described: false });
    assert.ok([404, 422].includes(posted.status), `${path}: ${posted.status}`);
  }
  const theirs = await add(nora, 'Anna');
  assert.equal((await nora.postJson(`${OFFICE}customers/${theirs}`, { category: id })).status, 422);
  assert.equal((await mary.postJson(`${OFFICE}customers/${theirs}`, { category: id })).status, 404);
  assert.deepEqual(await server.sql('SELECT 1 FROM plugin_customer_categories.member'), []);
});

test('with the person goes what category they were in', async () => {
  const [{ id }] = await list();
  await mary.postJson(`${OFFICE}customers/${anna}`, { category: id, until: '2030-01-01' });
  await mary.postJson(`/manage/customers/${anna}/delete`, { typed: 'anna@buyer.example' });
  assert.deepEqual(await server.sql('SELECT 1 FROM plugin_customer_categories.member'), []);
});
