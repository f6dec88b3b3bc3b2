// C9, C13: customers of the whole site who may be one person: by address, phone, name and birth
// date, page by page; each pair leads to the look before merging, or is told apart for good.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ offers: [tour()], languages: ['en', 'fr', 'es'] });
const other = await server.createSite();
const mary = await staff(site);
const neighbour = await staff(other);
const list = '/manage/customers/duplicates';
let people = 0;
async function add(changes = {}, who = mary) {
  const made = await who.postJson('/manage/customers/new', {
    first_name: 'Ada', last_name: `L${++people}`, email: `ada${people}@buyer.example`, phone: `+336123456${String(people).padStart(2, '0')}`, gender: 'female', country: 'FR', ...changes });
  assert.equal(made.status, 201, made.text);
  return made.json.location.match(/customers\/(\d+)/)[1];
}
const pairs = async (by, who = mary) => (await who.getJson(`${list}?by=${by}`)).json.items.map(({ one, two }) => [one.id, two.id]);

const [one, two, three] = [await add(), await add({ phone: '+33612345601' }), await add({ phone: '+33612345601' })];
const [born, again] = [await add({ last_name: 'Byron', birthdate: '1990-12-10' }), await add({ first_name: 'ADA', last_name: 'byron', birthdate: '1990-12-10' })];
await add({ last_name: 'King', birthdate: '1990-12-10' });
await add({ phone: '+33612345601' }, neighbour);

test('C9: by phone, by name and birth date, by address; of this site only', async () => {
  assert.deepEqual(await pairs('phone'), [[one, two], [one, three], [two, three]]);
  assert.deepEqual(await pairs('birth'), [[born, again]]);
  assert.deepEqual(await pairs('email'), []);
  await server.sql('UPDATE customer SET email = upper(email), email_folded = $2 WHERE customer_id = $1', [again, 'ada1@buyer.example']);
  assert.deepEqual(await pairs('email'), [[one, again]]);
  assert.deepEqual(await pairs('phone', neighbour), []);
});

test('C9: a pair leads to the look before merging; once merged it isn’t there', async () => {
  const page = await (await mary.visit('/manage/customers')).click('Look for duplicates');
  assert.match(page.words('h1'), /Duplicates/);
  const look = await page.click('Compare: Ada L1, ADA byron');
  assert.match(look.url.pathname, new RegExp(`/customers/${one}/merge`));
  assert.match(look.words('main'), /ADA byron/);
});

test('C9: told apart they aren’t proposed again, here or on their page; taken back they are; twice is once', async () => {
  const page = await mary.visit(`${list}?by=phone`);
  const said = await page.submit('Two people: Ada L1, Ada L2');
  assert.match(said.words('.notice'), /two people/);
  assert.deepEqual(await pairs('phone'), [[one, three], [two, three]]);
  const twins = async () => (await mary.getJson(`/manage/customers/${one}/merge`)).json.twins.map(({ id }) => id);
  assert.deepEqual(await twins(), [three]);
  assert.equal((await mary.postJson(`/manage/customers/${two}/apart/${one}`, {})).status, 200);
  assert.equal((await server.sql('SELECT 1 FROM customer_apart')).length, 1);
  assert.equal((await server.sql("SELECT 1 FROM audit WHERE action = 'customer.apart'")).length, 2, 'once in the history of each');
  await said.submit('Undo');
  assert.deepEqual(await pairs('phone'), [[one, two], [one, three], [two, three]]);
  await mary.postJson(`/manage/customers/${one}/apart/${two}`, {});
  await server.sql('DELETE FROM customer WHERE customer_id = $1', [two]);
  assert.deepEqual(await server.sql('SELECT 1 FROM customer_apart'), [], 'gone with the customer');
});

test('C9: page by page, every pair once', async () => {
  for (let i = 0; i < 11; i++) await add({ phone: '+33698765432' });
  const seen = [];
  let next = `${list}?by=phone`;
  while (next) {
    const { json } = await mary.getJson(next);
    assert.ok(json.items.length <= 50);
    seen.push(...json.items.map(({ one: a, two: b }) => `${a.id}-${b.id}`));
    next = json.next && `${list}?by=phone&after=${encodeURIComponent(json.next)}`;
  }
  assert.equal(seen.length, 1 + 55);
  assert.equal(new Set(seen).size, seen.length);
  for (const cursor of ['x', '~', 'x 1~1', '1990-99-99 1~1']) assert.ok([200, 422].includes((await mary.getJson(`${list}?by=birth&after=${encodeURIComponent(cursor)}`)).status), cursor);
});

test('C9: the box office may not; another site’s customers can’t be told apart', async () => {
  const box = await staff(site, await hire(server, site, 'box_office'));
  assert.equal((await box.getJson(list)).status, 403);
  assert.equal((await box.postJson(`/manage/customers/${one}/apart/${three}`, {})).status, 403);
  assert.equal((await neighbour.postJson(`/manage/customers/${one}/apart/${three}`, {})).status, 404);
  assert.equal((await mary.postJson(`/manage/customers/${one}/apart/${one}`, {})).status, 404);
  assert.equal((await mary.postJson(`/manage/customers/${one}/apart/x`, {})).status, 404);
});
