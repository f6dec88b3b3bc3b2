// What features add to customers in the office: tabs of the page, what is open when one is deleted,
// filters of the list. Off means gone; another site never notices.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { root, startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const site = await server.createSite({ features: { circle: {} } });
const other = await server.createSite({ features: {} });
const desk = await staff(site);
const neighbour = await staff(other);

async function add(who, first_name, tags) {
  const made = await who.postJson('/manage/customers/new', {
    first_name, last_name: 'Buyer', email: `${first_name.toLowerCase()}@buyer.example`, phone: '+33612345678', gender: 'other', country: 'FR', tags });
  assert.equal(made.status, 201, made.text);
  return made.json.location.match(/customers\/(\d+)/)[1];
}
const ids = [];
for (const [name, tags] of [['Ada', 'vip'], ['Bea', 'vip'], ['Cleo', ''], ['Dora', 'vip']]) ids.push(await add(desk, name, tags));
const theirs = await add(neighbour, 'Nina', '');
for (const [i, circle] of [[0, 'blue'], [1, 'blue'], [2, 'blue'], [3, 'red']]) {
  assert.equal((await desk.postJson(`/manage/x/circle/${ids[i]}`, { circle })).status, 200);
}
const names = async (query, who = desk) => (await who.getJson(`/manage/customers${query}`)).json.items.map(({ name }) => name.split(' ')[0]);

test('a feature’s tab stands beside the profile; an address elsewhere doesn’t', async () => {
  const page = await desk.visit(`/manage/customers/${ids[0]}`);
  assert.match(page.words('main'), /Profile.*Bookings.*Circles/s);
  assert.doesNotMatch(page.words('main'), /Elsewhere/);
  assert.match((await page.click('Circles')).text, /blue/);
  assert.doesNotMatch((await neighbour.visit(`/manage/customers/${theirs}`)).words('main'), /Circles/);
});

test('C13: what a feature says is open stands in the question before deleting', async () => {
  assert.match((await desk.visit(`/manage/customers/${ids[0]}/delete`)).words('main'), /In the circle blue\./);
  assert.doesNotMatch((await neighbour.visit(`/manage/customers/${theirs}/delete`)).words('main'), /circle/);
});

test('a feature’s filter narrows the list, alone and with the list’s own', async () => {
  assert.deepEqual(await names('?with_circle.circle=blue'), ['Cleo', 'Bea', 'Ada']);
  assert.deepEqual(await names('?with_circle.circle=blue&tag=vip'), ['Bea', 'Ada']);
  assert.deepEqual(await names('?with_circle.circle=blue&q=ada'), ['Ada']);
  assert.deepEqual(await names('?with_circle.circle=blue&q=buyer&state=no_account'), ['Cleo', 'Bea', 'Ada']);
  assert.deepEqual(await names('?with_circle.circle=red&q=ada'), []);
  assert.deepEqual(await names('?with_circle.circle='), ['Dora', 'Cleo', 'Bea', 'Ada']);
  for (const nothing of ['with_circle.circle=green', 'with_circle.other=blue', 'with_nobody.circle=blue', 'with_circle.circle=blue&with_circle.circle=red']) {
    assert.deepEqual(await names(`?${nothing}`), [], `${nothing}: never everybody`);
  }
  const page = await desk.visit('/manage/customers?with_circle.circle=red');
  assert.equal(page.all('select[name="with_circle.circle"] option[selected]').at(-1).textContent, 'Circle red');
  const without = await page.submit('Show', { 'with_circle.circle': '' });
  assert.equal(without.all('tbody tr').length, 4);
  assert.deepEqual(await names('?with_circle.circle=blue', neighbour), []);
  assert.equal((await neighbour.visit('/manage/customers')).all('select[name^="with_"]').length, 0);
});

test('two filters that seldom meet are followed to the end, page by page', async () => {
  const many = await server.createSite({ features: { circle: {} } });
  const clerk = await staff(many);
  await server.sql(
    `INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, language, created_at)
     SELECT tenant_id, g, 'N' || g, 'Many', 'n' || g || '@buyer.example', 'n' || g || '@buyer.example', 'en', now()
       FROM site, generate_series(1, 6000) g WHERE slug = $1`, [many.slug]);
  // Tagged: every third; in the circle: every seventh, and of the upper half nobody who is tagged.
  await server.sql(
    `INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded)
     SELECT tenant_id, g, 'vip', 'vip' FROM site, generate_series(3, 6000, 3) g WHERE slug = $1`, [many.slug]);
  await server.sql(
    `INSERT INTO plugin_circle.member (tenant_id, customer_id, circle)
     SELECT tenant_id, g, 'blue' FROM site, generate_series(7, 6000, 7) g WHERE slug = $1 AND (g <= 3000 OR g % 3 <> 0)`, [many.slug]);
  const expected = Array.from({ length: 3000 }, (_, i) => 3000 - i).filter((n) => n % 21 === 0).map(String);
  const seen = [];
  for (let after = ''; after !== null;) {
    const { json } = await clerk.getJson(`/manage/customers?with_circle.circle=blue&tag=vip${after && `&after=${encodeURIComponent(after)}`}`);
    seen.push(...json.items.map(({ id }) => id));
    after = json.next;
  }
  assert.deepEqual(seen, expected);
});

test('off: tab, fact and filter are gone, and the filter finds nobody', async () => {
  await server.feature(site, 'circle', 'off');
  assert.doesNotMatch((await desk.visit(`/manage/customers/${ids[0]}`)).words('main'), /Circles/);
  assert.doesNotMatch((await desk.visit(`/manage/customers/${ids[0]}/delete`)).words('main'), /circle/);
  assert.equal((await desk.visit('/manage/customers')).all('select[name^="with_"]').length, 0);
  assert.deepEqual(await names('?with_circle.circle=blue'), []);
  await server.feature(site, 'circle', 'on');
  assert.deepEqual(await names('?with_circle.circle=blue'), ['Cleo', 'Bea', 'Ada']);
});
