// C5, C4: category_name and category_expires are set by the plugin that keeps the groups, here the
// fixture `circle`: named whatever its case, with its last day, put back by undo; off: not taken.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';
import { root } from '../../../tests/lib/place.mjs';
import { apply, csv, customers, name, preview, undo } from './lib.mjs';

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const site = await server.createSite({ features: { [name]: {}, circle: {} } });
const mary = await staff(site);
const head = 'name,email,category_name,category_expires';
const members = () => server.sql(
  `SELECT c.email, m.circle, m.until_date::text AS until FROM plugin_circle.member m JOIN customer c USING (tenant_id, customer_id) ORDER BY 1, 2`);
await apply(server, mary, await preview(server, mary, 'name,email\nAda Old,ada@people.example\n'));
const [{ id }] = await customers(server, site);
await mary.postJson(`/manage/x/circle/${id}`, { circle: 'Gold' });

test('C5: a category is set with its last day, shown before, put back by undo; unknown ones are errors', async () => {
  const before = await members();
  const page = await preview(server, mary, csv([
    'Ada Old,ada@people.example,gold,2030-12-31', 'Bob New,bob@people.example,GOLD,', 'Cleo New,cleo@people.example,Silver,',
    'Dora New,dora@people.example,,2030-12-31'], { head }));
  assert.deepEqual(page.items.map((i) => i.kind), ['changed', 'new', 'error', 'error']);
  assert.deepEqual(page.items[0].changes, [{ field: 'Category', before: 'Gold', after: 'gold, until 2030-12-31' }].map((c) => ({ ...c, before: 'gold' })));
  assert.deepEqual(await members(), before);
  const done = await apply(server, mary, page);
  assert.deepEqual(await members(), [
    { email: 'ada@people.example', circle: 'Gold', until: '2030-12-31' }, { email: 'bob@people.example', circle: 'Gold', until: null }]);
  const again = await preview(server, mary, csv(['Ada Old,ada@people.example,Gold,2030-12-31'], { head }));
  assert.equal(again.items[0].kind, 'same');
  const undone = await undo(server, mary, done);
  assert.equal(undone.left, 0);
  assert.deepEqual(await members(), before);
  assert.equal((await customers(server, site)).length, 1);
});

test('C5: with categories off their column is not taken', async () => {
  await server.feature(site, 'circle', 'off');
  const page = await preview(server, mary, csv(['Ada Old,ada@people.example,Gold,'], { head }));
  assert.equal(page.items[0].kind, 'error');
  assert.match(page.items[0].reason, /no such category/);
});

test('C4: into customer-categories, by a name in any of its languages; who is undone leaves no trace', async () => {
  const venue = await server.createSite({ languages: ['en', 'fr', 'es'], features: { [name]: {}, 'customer-categories': {} } });
  const zoe = await staff(venue);
  const made = await zoe.postJson('/manage/x/customer-categories/new', {
    name_en: 'Members', name_fr: 'Adhérents', kind: 'percent', value: '10', applies: 'all' });
  assert.equal(made.status, 201, made.text);
  const inside = () => server.sql(`SELECT c.email, m.until_date::text AS until FROM plugin_customer_categories.member m
    JOIN customer c USING (tenant_id, customer_id) ORDER BY 1`);
  const page = await preview(server, zoe, csv(['Ada New,ada@people.example,adhérents,2030-12-31', 'Bob New,bob@people.example,Members,'], { head }));
  assert.deepEqual(page.items.map((i) => i.kind), ['new', 'new']);
  const done = await apply(server, zoe, page);
  assert.deepEqual(await inside(), [{ email: 'ada@people.example', until: '2030-12-31' }, { email: 'bob@people.example', until: null }]);
  // The customer's tab says who put them there.
  const [{ id: ada }] = await customers(server, venue);
  const { history } = (await zoe.getJson(`/manage/x/customer-categories/customers/${ada}`)).json;
  assert.equal(history.entries.length, 1);
  assert.equal(history.entries[0].who, venue.manager.name);
  assert.deepEqual(history.entries[0].changes.map(({ after }) => after), ['Members', '31 December 2030']);
  const moved = await apply(server, zoe, await preview(server, zoe, csv(['Ada New,ada@people.example,Members,2031-12-31'], { head })));
  const audits = () => server.sql(`SELECT action, before, after FROM audit WHERE object_kind = 'customer-categories' AND object_id = $1 ORDER BY audit_id`, [ada]);
  await undo(server, zoe, moved);
  assert.deepEqual((await audits()).map(({ action }) => action.split('.')[1]), ['put', 'move', 'move']);
  assert.deepEqual((await audits())[2].after, { until_date: '2030-12-31' });
  const undone = await undo(server, zoe, done);
  assert.equal(undone.left, 0);
  assert.deepEqual(await inside(), []);
  assert.equal((await customers(server, venue)).length, 0);
});
