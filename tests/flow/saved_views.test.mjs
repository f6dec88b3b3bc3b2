// C9, C11: staff save what they narrow the customers (and the orders) by under a name and find it
// above the list: their own, or the site's when a manager says so; renamed, shared, removed by a
// version; limits, history, permission, another site.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ offers: [tour()], languages: ['en', 'fr', 'es'] });
const other = await server.createSite();
const mary = await staff(site);
const box = await staff(site, await hire(server, site, 'box_office'));
const ada = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@buyer.example', phone: '+33612345678', gender: 'female', country: 'FR', tags: 'VIP' };
await mary.postJson('/manage/customers/new', ada);
await mary.postJson('/manage/customers/new', { ...ada, first_name: 'Bob', last_name: 'Byron', email: 'bob@buyer.example', tags: '' });
const list = '/manage/customers';
const links = (page) => page.all('#saved nav a').map((a) => a.textContent.trim());
const current = (page) => page.all('#saved nav a[aria-current]').map((a) => a.textContent.trim());
const items = async (who, path = list) => (await who.getJson(`${path}/views`)).json.items;
const save = (who, fields, path = list) => who.postJson(`${path}/views`, { name: 'One', tag: 'VIP', ...fields });

test('C9: what narrows the list is saved under a name and stands above it', async () => {
  const plain = await mary.visit(list);
  assert.deepEqual(links(plain), [], 'no views, nothing narrowed: nothing to see');
  const narrowed = await mary.visit(`${list}?tag=VIP`);
  const form = await narrowed.click('Save this view');
  assert.match(form.words('.page__line'), /Tag: VIP/);
  const refused = await form.submit('Save this view', { Name: ' ' });
  assert.equal(refused.status, 422);
  assert.ok(refused.errors.name);
  const saved = await refused.submit('Save this view', { Name: 'Our VIPs', 'Show it to everybody who works here': true });
  assert.match(saved.words('.notice'), /The view is saved/);
  assert.equal(saved.url.search, '?tag=VIP&done=view_saved');
  assert.deepEqual(links(saved), ['All', 'Our VIPs']);
  assert.deepEqual(current(saved), ['Our VIPs']);
  assert.match(saved.words('#list'), /Ada/);
  assert.doesNotMatch(saved.words('#list'), /Bob/);
  assert.deepEqual(current(await saved.click('All')), ['All']);
  assert.deepEqual(links(await box.visit(list)), ['All', 'Our VIPs'], 'shared with who works here');
});

test('C9: a view of one’s own is nobody else’s; sharing is a manager’s, forged it is a 403', async () => {
  const form = await box.visit(`${list}/views/new?state=asks`);
  assert.equal(form.all('#shared').length, 0, 'the box office isn’t asked');
  const saved = await form.submit('Save this view', { Name: 'To do' });
  assert.equal(saved.all('#saved nav a').at(-1).textContent.trim(), 'To do (Only you see it)');
  assert.deepEqual(links(await mary.visit(list)), ['All', 'Our VIPs']);
  assert.equal((await save(box, { shared: true })).status, 403);
  const [shared, own] = await items(box);
  assert.deepEqual([shared.shared, own.shared, own.view_url], [true, false, `${list}?state=asks`]);
  assert.equal((await mary.getJson(`${list}/views/${own.id}`)).status, 404);
  assert.equal((await mary.postJson(`${list}/views/${own.id}/remove`, { version: own.version })).status, 404);
  assert.equal((await box.postJson(`${list}/views/${shared.id}`, { name: 'Mine', shared: true, version: shared.version })).status, 403);
  assert.equal((await box.postJson(`${list}/views/${shared.id}`, { name: 'Mine', shared: false, version: shared.version })).status, 403);
  assert.equal((await box.postJson(`${list}/views/${shared.id}/remove`, { version: shared.version })).status, 403);
});

test('C9: renamed; the later of two sees both names, who has read nothing is refused; the history says it', async () => {
  const [{ id, version }] = await items(mary);
  const [hers, his] = [await mary.visit(`${list}/views/${id}`), await mary.visit(`${list}/views/${id}`)];
  const renamed = await hers.submit('Save', { Name: 'Regulars' });
  assert.deepEqual(current(renamed), ['Regulars']);
  const late = await his.submit('Save', { Name: 'Friends' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Regulars\s*Friends/);
  const decided = await late.submit('Save', {});
  assert.deepEqual(current(decided), ['Friends']);
  assert.match((await decided.click('Edit this view')).words('#history'), /changed the view.*Regulars.*Friends/s);
  assert.equal((await mary.postJson(`${list}/views/${id}`, { name: 'X' })).status, 422);
  assert.equal((await mary.postJson(`${list}/views/${id}`, { name: 'X', version })).status, 409);
  assert.equal((await mary.postJson(`${list}/views/${id}/remove`, { version })).status, 409);
});

test('C9: a name twice, nothing narrowed, an unknown filter, more than there may be: said, and nothing saved', async () => {
  const taken = await save(mary, { name: 'FRIENDS', shared: true });
  assert.deepEqual([taken.status, taken.json.errors?.[0].code], [422, 'taken']);
  const all = await mary.postJson(`${list}/views`, { name: 'All of them' });
  assert.deepEqual([all.status, all.json.errors?.[0].code], [422, 'unfiltered']);
  assert.equal((await save(mary, { state: 'asleep' })).status, 422);
  assert.equal((await save(mary, { colour: 'red' })).status, 422);
  for (let i = 0; i < 20; i++) assert.equal((await save(mary, { name: `View ${i}` })).status, 201);
  const many = await save(mary, { name: 'One more' });
  assert.deepEqual([many.status, many.json.errors?.[0].code], [422, 'many']);
  assert.equal((await items(mary)).length, 21);
});

test('C9: removed; another site has none of it; each list has its own; a manager who leaves takes theirs along', async () => {
  const [{ id, version }] = await items(mary);
  const stranger = await staff(other);
  assert.deepEqual(await items(stranger), []);
  assert.equal((await stranger.getJson(`${list}/views/${id}`)).status, 404);
  assert.equal((await stranger.postJson(`${list}/views/${id}/remove`, { version })).status, 404);
  const orders = '/manage/orders';
  const saved = await (await (await mary.visit(`${orders}?state=due&from=2026-01-01`)).click('Save this view')).submit('Save this view', { Name: 'Unpaid' });
  assert.deepEqual(current(saved), ['Unpaid (Only you see it)']);
  assert.deepEqual((await items(mary, orders)).map(({ name }) => name), ['Unpaid']);
  assert.equal((await mary.getJson(`${orders}/views/${id}`)).status, 404);
  const gone = await (await mary.visit(`${list}/views/${id}`)).submit('Remove this view');
  assert.match(gone.words('.notice'), /The view is removed/);
  assert.ok(!links(gone).includes('Friends'));
  await server.sql('DELETE FROM staff WHERE email = $1', [`hired-box_office@${site.slug}.example`]);
  assert.deepEqual(await server.sql("SELECT 1 FROM saved_view WHERE name = 'To do'"), []);
});

test('C9: in French and Spanish', async () => {
  for (const [language, words] of [['fr', 'Enregistrer cette vue'], ['es', 'Guardar esta vista']]) {
    const page = await mary.visit(`/${language}${list}?q=lovelace`);
    assert.equal((await page.click(words)).status, 200);
  }
});
