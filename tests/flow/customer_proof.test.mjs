// Whoever shows that an address is theirs is the customer whom the venue knows by it: all that hangs
// on the other records goes along, what features keep too; on another site nothing happens.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { root, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const features = {
  'pay-at-venue': {}, 'guest-login': {}, circle: {}, purse: {}, 'marketing-preferences': {},
  'customer-categories': {},
};
const categories = [{ code: 'members', name: { en: 'Members', fr: 'Membres', es: 'Socios' }, kind: 'percent', value: 20, offers: null }];
const site = await server.createSite({ features, offers: [tour({ capacity: 1000 })], 'customer-categories': categories });
const other = await server.createSite({ features });
await server.jobs();
await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
const desk = await staff(site);
const neighbour = await staff(other);
const [slot] = await slotsOf(server, site, 'tour');
const email = 'carla@buyer.example';
const password = 'lighthouse keeper 1843';

async function add(who) {
  const made = await who.postJson('/manage/customers/new', {
    first_name: 'Carla', last_name: 'Known', email, phone: '+33612345678', gender: 'female', country: 'FR', birthdate: '1990-12-10', tags: 'vip' });
  assert.equal(made.status, 201, made.text);
  return made.json.location.match(/customers\/(\d+)/)[1];
}
async function register() {
  const page = await site.visitor().visit('/account/register');
  const inside = await page.submit('form', { first_name: 'Carla', last_name: 'Self', email, password }, { follow: true });
  const [{ id }] = await server.sql('SELECT max(customer_id)::text AS id FROM customer WHERE email_folded = $1', [email]);
  const link = new URL((await server.mails({ to: email, subject: 'Your account at' })).at(-1).text.match(/https?:\S+\/account\/\S+/)[0]);
  return { id, visitor: inside.visitor, confirm: async () => (await inside.visitor.visit(link.pathname + link.search)).submit('Confirm your e-mail') };
}
const record = async (id, who = desk) => (await who.getJson(`/manage/customers/${id}`)).json?.customer;
// What hangs on a customer, of the core and of features.
async function hangs(id) {
  const [row] = await server.sql(
    `SELECT (SELECT array_agg(circle) FROM plugin_circle.member WHERE customer_id = $1) AS circles,
            (SELECT count(*)::int FROM plugin_customer_categories.member WHERE customer_id = $1) AS categories,
            (SELECT count(*)::int FROM plugin_marketing_preferences.consent WHERE customer_id = $1) AS consents,
            (SELECT array_agg(body) FROM customer_note WHERE customer_id = $1) AS notes,
            (SELECT array_agg(tag) FROM customer_tag WHERE customer_id = $1) AS tags,
            (SELECT coalesce(sum(remaining), 0)::int FROM ledger_account JOIN lot_balance USING (tenant_id, account_id) WHERE customer_id = $1) AS points`, [id]);
  return row;
}

const known = await add(desk);
const theirs = await add(neighbour);
const category = (await desk.getJson('/manage/x/customer-categories/')).json.items[0].id;
assert.equal((await desk.postJson('/manage/x/marketing-preferences/new', { title_en: 'News', active: true })).status, 201);
const purpose = (await desk.getJson('/manage/x/marketing-preferences/')).json.items[0].id;
for (const [path, body] of [
  [`/manage/x/circle/${known}`, { circle: 'blue' }],
  [`/manage/x/customer-categories/customers/${known}`, { category }],
  [`/manage/x/marketing-preferences/customers/${known}`, { preferences: [{ key: purpose, count: 1 }], note: 'On paper' }],
  [`/manage/customers/${known}/notes`, { note: 'Likes the window' }],
]) {
  const done = await desk.postJson(path, body);
  assert.equal(done.status, 200, `${path}: ${done.text}`);
}
const purse = (await desk.postJson('/manage/x/purse/', { code: 'carla', customer: known })).json.id;
await desk.postJson(`/manage/x/purse/${purse}/steps`, { steps: JSON.stringify([{ op: 'give', key: 'g', amount: 40, mine: true, other: 'issued' }]) });
const before = await hangs(known);

test('T11, C4, T9: who registers anew has nothing of it, until the address is shown to be theirs', async () => {
  assert.deepEqual(before, { circles: ['blue'], categories: 1, consents: 1, notes: ['Likes the window'], tags: ['vip'], points: 40 });
  const first = await register(); // and never confirms
  const carla = await register();
  assert.deepEqual(await hangs(carla.id), { circles: null, categories: 0, consents: 0, notes: null, tags: null, points: 0 });
  assert.deepEqual(await hangs(known), before);
  const done = await carla.confirm();
  assert.equal(done.status, 200, done.text);
  assert.deepEqual(await hangs(carla.id), before);
  const now = await record(carla.id);
  assert.deepEqual([now.name, now.birthdate, now.country], ['Carla Self', '1990-12-10', 'FR']);
  for (const gone of [known, first.id]) {
    assert.equal((await desk.visit(`/manage/customers/${gone}`)).url.pathname, `/manage/customers/${carla.id}`, 'the old address leads on');
  }
  const audit = await server.sql(`SELECT action, object_id, coalesce(after ->> 'merged_into', after ->> 'merged_from') AS who FROM audit WHERE action LIKE 'customer.merge%' ORDER BY 1, 2`);
  assert.deepEqual(audit.map(({ action, object_id, who }) => [action, object_id, who.split(',')[0]]).sort(), [
    ['customer.merge', carla.id, 'Carla Known'], ['customer.merge', carla.id, 'Carla Self'],
    ['customer.merged', known, 'Carla Self'], ['customer.merged', first.id, 'Carla Self']].sort());
  await server.jobs(); // features look again, and find all in order
  assert.deepEqual(await hangs(carla.id), before);
  assert.equal((await server.sql("SELECT 1 FROM job WHERE state = 'failed'")).length, 0);
});

test('T11: nothing of it is kept for a way back to whoever typed the address', async () => {
  const [row] = await server.sql('SELECT (SELECT count(*)::int FROM customer_merge_row) AS rows, (SELECT count(*)::int FROM customer_merge WHERE other_before IS NOT NULL OR kept_before IS NOT NULL) AS merges');
  assert.deepEqual(row, { rows: 0, merges: 0 });
});

test('T11: another site’s customer of the same address stays as it was', async () => {
  const there = await record(theirs, neighbour);
  assert.deepEqual([there.name, there.tags], ['Carla Known', 'vip']);
});

test('U11, T11: what the desk books under a proven address stands in the account from the next login, by password too', async () => {
  const booked = await desk.postJson('/manage/orders/new', { slot: String(slot.id ?? slot), quantity: [{ key: 'adult', count: 1 }], name: 'Carla', email });
  assert.equal(booked.status, 201, booked.text);
  const stranger = await desk.postJson('/manage/orders/new', { slot: String(slot.id ?? slot), quantity: [{ key: 'adult', count: 1 }], name: 'Bob', email: 'bob@buyer.example' });
  assert.equal(stranger.status, 201, stranger.text);
  const page = await (await site.visitor().visit('/account/login')).submit('Log in', { 'E-mail': email, Password: password });
  assert.equal(page.url.pathname, '/account');
  const { json } = await page.visitor.getJson('/account/orders');
  assert.deepEqual(json.items.map(({ code }) => code), [booked.json.location.match(/orders\/(\w+)/)[1]]);
});
