// Two records of one person become one: who it may be, both side by side, what goes over, plugins'
// tables included, who comes first when others change or buy at the same moment, and the way back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { Buyer, root, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';
import { unguarded } from '../lib/races.mjs';

const server = await startServer({ workers: 2, env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const features = { 'pay-at-venue': {}, 'guest-login': {}, circle: {}, 'marketing-preferences': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 1000 })] });
const other = await server.createSite({ features });
await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
const desk = await staff(site);
const mary = await staff(site);
const neighbour = await staff(other);
const [slot] = await slotsOf(server, site, 'tour');
let people = 0;

async function add(changes = {}, who = desk) {
  const made = await who.postJson('/manage/customers/new', {
    first_name: 'Ada', last_name: 'Lovelace', email: `ada${++people}@buyer.example`, phone: '+33612345678', gender: 'female', country: 'FR', ...changes });
  assert.equal(made.status, 201, made.text);
  return made.json.location.match(/customers\/(\d+)/)[1];
}
async function order(customer) {
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  const [, code] = (await buyer.buy()).match(/orders\/(\w+)/);
  await server.sql('UPDATE orders SET customer_id = $1 WHERE code = $2', [customer, code]);
  await server.sql('UPDATE order_line SET customer_id = $1 WHERE order_id = (SELECT order_id FROM orders WHERE code = $2)', [customer, code]);
  return code;
}
const record = async (id, who = desk) => (await who.getJson(`/manage/customers/${id}`)).json?.customer;
const look = async (kept, goes, who = desk) => (await who.getJson(`/manage/customers/${kept}/merge?with=${goes}`)).json;
async function merge(kept, goes, more = {}, who = desk) {
  const { kept: a, other: b } = await look(kept, goes, who);
  return who.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: a.version, other_version: b.version, ...more });
}
const mergesOf = async (id) => (await desk.getJson(`/manage/customers/${id}`)).json.merges;
async function undo(id, who = desk) {
  const [last] = await mergesOf(id);
  return who.postJson(`/manage/customers/${id}/merges/${last.id}/undo`, { version: last.version });
}
const ordersOf = async (id) => (await server.sql(
  `SELECT o.code FROM orders o JOIN order_line l USING (tenant_id, order_id) WHERE o.customer_id = $1 AND l.customer_id = $1 ORDER BY o.order_id`, [id])).map(({ code }) => code);
const circlesOf = async (id) => (await server.sql('SELECT circle FROM plugin_circle.member WHERE customer_id = $1 ORDER BY circle', [id])).map(({ circle }) => circle);
const all = (table) => server.sql(`SELECT to_jsonb(t) - 'version' AS row FROM ${table} t WHERE tenant_id = (SELECT tenant_id FROM site WHERE slug = $1) ORDER BY 1`, [site.slug]);

test('who may be the same person: by phone or by name, of this site only; anybody else is searched for', async () => {
  const [one, phone, name] = [await add(), await add({ first_name: 'Augusta', last_name: 'King' }), await add({ first_name: 'ÁDA', phone: '+34612345678' })];
  const stranger = await add({ first_name: 'Bob', last_name: 'Lovelace', phone: '+34699999999' });
  await add({}, neighbour);
  const { json } = await desk.getJson(`/manage/customers/${one}/merge`);
  assert.deepEqual(json.twins.map(({ id }) => id).sort(), [phone, name].sort());
  const page = await desk.visit(`/manage/customers/${one}`);
  const list = await page.click('Merge');
  const found = await list.submit('Show', { who: 'bob' });
  assert.match(found.words('main'), /Bob Lovelace/);
  assert.equal((await look(one, stranger)).other.name, 'Bob Lovelace');
  assert.equal((await desk.get(`/manage/customers/${one}/merge?with=${one}`)).status, 404);
  for (const id of [one, phone, name, stranger]) await server.sql('DELETE FROM customer WHERE customer_id = $1', [id]);
});

test('everything goes over: fields as chosen, orders, notes, tags, what features keep; the old address leads on; undone, all is as it was', async () => {
  const kept = await add({ tags: 'vip, member', birthdate: '' });
  const goes = await add({ first_name: 'Augusta', last_name: 'King', phone: '+34612345678', country: 'ES', tags: 'VIP, press', birthdate: '1990-12-10' });
  const [mine, theirs] = [await order(kept), await order(goes)];
  await desk.postJson(`/manage/customers/${kept}/notes`, { note: 'First' });
  await desk.postJson(`/manage/customers/${goes}/notes`, { note: 'Second' });
  for (const [id, circle] of [[kept, 'blue'], [goes, 'blue'], [goes, 'red']]) await desk.postJson(`/manage/x/circle/${id}`, { circle });
  const tables = ['customer', 'customer_tag', 'customer_note', 'plugin_circle.member', 'orders', 'order_line'];
  const before = await Promise.all(tables.map(all));

  const preview = await desk.visit(`/manage/customers/${kept}/merge?with=${goes}`);
  assert.match(preview.words('main'), /Ada Lovelace.*Augusta King/s);
  assert.match(preview.words('main'), /Neither has an account/);
  assert.match(preview.words('main'), /member, press, vip/i);
  const done = await preview.submit('Merge', { phone: 'other' });
  assert.match(done.words('.notice'), /The two are one: Ada Lovelace/);
  const now = await record(kept);
  assert.deepEqual([now.name, now.phone, now.country, now.birthdate, now.tags], ['Ada Lovelace', '+34612345678', 'FR', '1990-12-10', 'member, press, vip']);
  assert.deepEqual((await ordersOf(kept)).sort(), [mine, theirs].sort());
  assert.deepEqual(await circlesOf(kept), ['blue', 'red']);
  const page = await desk.visit(`/manage/customers/${goes}`);
  assert.equal(page.url.pathname, `/manage/customers/${kept}`, 'the old address leads on');
  assert.match(page.words('main'), /Second/);
  assert.match(page.words('.history'), /merged another customer into this one/);
  assert.deepEqual((await desk.getJson('/manage/customers?q=augusta')).json.items, []);
  const [row] = await server.sql(`SELECT before ->> 'first_name' AS first, after ->> 'merged_into' AS into FROM audit WHERE action = 'customer.merged' AND object_id = $1`, [goes]);
  assert.deepEqual(row, { first: 'Augusta', into: `Ada Lovelace, ${now.email}` });

  const undone = await page.submit('Undo');
  assert.match(undone.words('.notice'), /Undone/);
  const after = await Promise.all(tables.map(all));
  tables.forEach((table, i) => assert.deepEqual(after[i], before[i], table));
  assert.deepEqual((await desk.getJson('/manage/customers?q=augusta')).json.items.map(({ id }) => id), [goes]);
  assert.deepEqual((await desk.getJson('/manage/customers?q=%2B34612345678')).json.items.map(({ id }) => id), [goes]);
  assert.equal((await desk.postJson(`/manage/customers/${kept}/merges/${page.all('form[action$="/undo"]')[0].getAttribute('action').match(/merges\/(\d+)/)[1]}/undo`, { version: 9 })).status, 404);
});

test('undone later, what was changed since stays changed; what is gone isn’t made up; after seven days it is too late', async () => {
  const [kept, goes] = [await add({ tags: '' }), await add({ tags: 'press', phone: '+34611111111' })];
  const code = await order(goes);
  assert.equal((await merge(kept, goes, { phone: 'other' })).status, 200);
  const now = await record(kept);
  await desk.postJson(`/manage/customers/${kept}`, { first_name: 'Countess', last_name: now.last_name, phone: now.phone, gender: now.gender, country: now.country, tags: '', version: now.version });
  const later = await order(kept);
  assert.equal((await undo(kept)).status, 200);
  assert.deepEqual([(await record(kept)).first_name, (await record(kept)).phone], ['Countess', '+33612345678']);
  assert.equal((await record(goes)).tags, null, 'the tag was taken off meanwhile');
  assert.deepEqual([await ordersOf(kept), await ordersOf(goes)], [[later], [code]]);

  assert.equal((await merge(kept, goes)).status, 200);
  const [{ id, version }] = await mergesOf(kept);
  await server.sql(`UPDATE customer_merge SET merged_at = merged_at - interval '7 days 1 minute' WHERE merge_id = $1`, [id]);
  assert.deepEqual(await mergesOf(kept), []);
  assert.equal((await desk.postJson(`/manage/customers/${kept}/merges/${id}/undo`, { version })).status, 404);
});

test('accounts: the only one comes along, of two the one who stays keeps theirs, and the other is told; sessions end', async () => {
  const password = 'lighthouse keeper 1843';
  const register = async (email) => {
    const visitor = site.visitor();
    const made = await (await visitor.visit('/account/register')).submit('form', { first_name: 'Ada', last_name: 'Lovelace', email, password }, { follow: true });
    assert.ok(made.status < 400, made.text);
    const [{ id }] = await server.sql('SELECT customer_id::text AS id FROM customer WHERE email_folded = $1', [email]);
    return { visitor, id };
  };
  const logIn = async (email) => (await site.visitor().postJson('/account/login', { email, password })).status;
  const plain = await add();
  const one = await register('one@account.example');
  assert.match((await desk.visit(`/manage/customers/${plain}/merge?with=${one.id}`)).words('main'), /The account of one@account.example comes along/);
  assert.equal((await merge(plain, one.id)).status, 200);
  assert.equal((await record(plain)).email, 'one@account.example');
  assert.equal(await logIn('one@account.example'), 200);
  assert.notEqual((await one.visitor.get('/account')).status, 200, 'its session ended');
  assert.equal((await undo(plain)).status, 200);
  assert.equal((await record(plain)).account, 'none');
  assert.equal((await record(one.id)).email, 'one@account.example');
  assert.equal(await logIn('one@account.example'), 200);

  const two = await register('two@account.example');
  assert.match((await desk.visit(`/manage/customers/${two.id}/merge?with=${one.id}`)).words('main'), /With one@account.example one can’t log in any more/);
  assert.equal((await merge(two.id, one.id)).status, 200);
  assert.notEqual(await logIn('one@account.example'), 200);
  assert.equal(await logIn('two@account.example'), 200);
  await server.jobs();
  assert.equal((await server.mails({ to: 'one@account.example' })).filter(({ subject }) => /joined with another/.test(subject)).length, 1);
  assert.equal((await undo(two.id)).status, 200);
  assert.equal(await logIn('one@account.example'), 200);
});

test('of what both were asked, the last word counts, and each has their own again afterwards', async () => {
  const marketing = '/manage/x/marketing-preferences';
  const news = (await desk.postJson(`${marketing}/new`, { title_en: 'News', text_en: 'Once a month.', active: true })).json.id;
  const [kept, goes] = [await add(), await add()];
  const say = async (id, yes) => assert.equal((await desk.postJson(`${marketing}/customers/${id}`, { shown: [{ key: news, count: 1 }], preferences: yes ? [{ key: news, count: 1 }] : [], note: 'By phone' })).json.changed, 1);
  const said = async (id) => (await server.sql('SELECT given FROM plugin_marketing_preferences.choice WHERE customer_id = $1', [id])).map(({ given }) => given);
  const log = async (id) => (await server.sql('SELECT given FROM plugin_marketing_preferences.consent WHERE customer_id = $1 ORDER BY consent_id', [id])).map(({ given }) => given);
  await say(goes, true);
  await say(kept, true);
  await say(goes, false);
  assert.equal((await merge(kept, goes)).status, 200);
  await server.jobs();
  assert.deepEqual([await said(kept), await log(kept)], [[false], [true, true, false]]);
  assert.equal((await undo(kept)).status, 200);
  await server.jobs();
  assert.deepEqual([await said(kept), await said(goes), await log(goes)], [[true], [false], [true, false]]);
});

test('one of them was changed meanwhile: 409 with both as they are now, nothing happened', async () => {
  const [kept, goes] = [await add(), await add({ first_name: 'Augusta' })];
  const page = await desk.visit(`/manage/customers/${kept}/merge?with=${goes}`);
  const { json } = await mary.getJson(`/manage/customers/${goes}`);
  const c = json.customer;
  assert.equal((await mary.postJson(`/manage/customers/${goes}`, { first_name: 'Byron', last_name: c.last_name, phone: c.phone, gender: c.gender, country: c.country, tags: '', version: c.version })).status, 200);
  const late = await page.submit('Merge');
  assert.equal(late.status, 409);
  assert.match(late.words('main'), /was changed meanwhile.*Byron/s);
  assert.equal((await desk.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: 1, other_version: 1 })).status, 409);
  assert.equal((await desk.postJson(`/manage/customers/${kept}/merge`, { with: goes })).status, 422, 'who doesn’t say what was read');
  assert.equal((await late.submit('Merge')).status, 200);
});

test('managers only, of this site only', async () => {
  const [kept, goes] = [await add(), await add()];
  const theirs = await add({}, neighbour);
  const box = await staff(site, await hire(server, site, 'box_office'));
  assert.equal((await box.get(`/manage/customers/${kept}/merge?with=${goes}`)).status, 403);
  assert.equal((await box.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: 1, other_version: 1 })).status, 403);
  assert.equal((await box.visit(`/manage/customers/${kept}`)).all('#merge').length, 0);
  assert.equal((await desk.getJson(`/manage/customers/${kept}/merge?with=${theirs}`)).status, 404);
  assert.equal((await desk.postJson(`/manage/customers/${kept}/merge`, { with: theirs, version: 1, other_version: 1 })).status, 404);
  assert.equal((await neighbour.getJson(`/manage/customers/${kept}/merge`)).status, 404);
  assert.equal((await merge(kept, goes)).status, 200);
  const [{ id, version }] = await mergesOf(kept);
  assert.equal((await neighbour.postJson(`/manage/customers/${kept}/merges/${id}/undo`, { version })).status, 404);
  assert.equal((await neighbour.postJson(`/manage/customers/${theirs}/merges/${id}/undo`, { version })).status, 404);
  assert.equal((await neighbour.get(`/manage/customers/${goes}`)).status, 404);
  assert.equal((await box.postJson(`/manage/customers/${kept}/merges/${id}/undo`, { version })).status, 403);
});

// Whoever changes a customer has read both before any of them may go on.
async function atOnce(id, acts) {
  const held = server.sql('WITH c AS MATERIALIZED (SELECT 1 FROM customer WHERE customer_id = $1 FOR UPDATE) SELECT pg_sleep(0.9) FROM c', [id]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  const pages = await Promise.all(acts.map((act) => act()));
  await held;
  return pages.map(({ status }) => status).sort().join(' ');
}
const trio = async () => {
  const ids = [await add(), await add(), await add()];
  const code = await order(ids[1]);
  return [...ids, code];
};
const into = (kept, goes, who) => who.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: 1, other_version: 1 });
const home = async (code) => (await server.sql('SELECT c.customer_id::text AS id FROM orders o LEFT JOIN customer c USING (tenant_id, customer_id) WHERE o.code = $1', [code]))[0].id;

test('two merges at once, into two different people or into each other: one is done, the other looks again', async () => {
  const [a, b, c, code] = await trio();
  const statuses = await atOnce(b, [() => into(a, b, desk), () => into(c, b, mary)]);
  assert.match(statuses, /^200 (404|409)$/);
  assert.ok([a, c].includes(await home(code)));
  const [x, y] = await trio();
  assert.match(await atOnce(x, [() => into(x, y, desk), () => into(y, x, mary)]), /^200 (404|409)$/);
  const left = await server.sql('SELECT 1 FROM customer WHERE customer_id = ANY ($1::bigint[])', [[x, y]]);
  assert.equal(left.length, 1);
});

test('control: without the guards both are told it is done, and one of them has got nothing', async () => {
  const [a, b, c, code] = await trio();
  const statuses = await unguarded(server, () => atOnce(b, [() => into(a, b, desk), () => into(c, b, mary)]));
  assert.equal(statuses, '200 200');
  assert.equal((await Promise.all([a, c].map(ordersOf))).flat().join(), code);
  assert.equal((await Promise.all([a, c].map(mergesOf))).flat().length, 1);
});

test('a merge against a checkout of the one who goes: the order is never of nobody who is there', async () => {
  const password = 'lighthouse keeper 1843';
  for (let round = 0; round < 4; round++) {
    const email = `race${round}@account.example`;
    const buyer = new Buyer(site);
    const made = await (await buyer.visitor.visit('/account/register')).submit('form', { first_name: 'Ada', last_name: 'Lovelace', email, password }, { follow: true });
    assert.ok(made.status < 400, made.text);
    const [{ id }] = await server.sql('SELECT customer_id::text AS id FROM customer WHERE email_folded = $1', [email]);
    const kept = await add();
    await buyer.book('tour', slot, { adult: 1 });
    const { kept: a, other: b } = await look(kept, id);
    const [answer] = await Promise.all([
      desk.postJson(`/manage/customers/${kept}/merge`, { with: id, version: a.version, other_version: b.version }),
      buyer.buy().catch(() => null),
    ]);
    assert.ok([200, 409].includes(answer.status), answer.text);
    const orphans = await server.sql('SELECT 1 FROM orders o WHERE o.customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.tenant_id = o.tenant_id AND c.customer_id = o.customer_id)');
    assert.equal(orphans.length, 0, 'an order of somebody who isn’t there');
  }
});

test('every table that has customers is either followed or left for a reason', async () => {
  // A profile on its way is bound to a login, and logins end; what was done to many was done to the other one.
  const left = new Set(['public.customer', 'public.session', 'public.passkey', 'public.mail', 'public.profile_draft', 'public.customer_batch_row']);
  const tables = await server.sql(
    `SELECT c.table_schema || '.' || c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.column_name = 'customer_id' AND t.table_type = 'BASE TABLE' AND (table_schema = 'public' OR table_schema LIKE 'plugin\\_%') ORDER BY 1`);
  const follows = new Set(JSON.parse(await server.vitrine('personal')).filter(({ merge }) => merge).map(({ table }) => (table.includes('.') ? table : `public.${table}`)));
  const missing = tables.map(({ name }) => name).filter((name) => !left.has(name) && !follows.has(name));
  assert.deepEqual(missing, [], 'say “merge” for them in the manifest (plugins/README.md) or in core/domain/personal_merge.c');
});

// Somebody confirms the address under which they bought as a guest, while staff merge their account.
async function claimWhileMerged(round) {
  const email = `claim${round}@account.example`;
  const guest = new Buyer(site);
  await guest.book('tour', slot, { adult: 1 });
  const details = await guest.details({ email });
  const bought = details.status === 201 ? details : await guest.pay('pay-at-venue');
  const [, code] = bought.json.location.match(/orders\/(\w+)/);
  const owner = await site.visitor().visit('/account/register');
  const page = await owner.submit('form', { first_name: 'Ada', last_name: 'Lovelace', email, password: 'lighthouse keeper 1843' }, { follow: true });
  const [{ id }] = await server.sql('SELECT customer_id::text AS id FROM customer WHERE email_folded = $1', [email]);
  const kept = await add();
  const link = new URL((await server.mails({ to: email, subject: 'Your account at' })).at(-1).text.match(/https?:\S+\/account\/\S+/)[0]);
  const ready = await page.visitor.visit(link.pathname + link.search);
  const { kept: a, other: b } = await look(kept, id);
  await atOnce(id, [
    () => desk.postJson(`/manage/customers/${kept}/merge`, { with: id, version: a.version, other_version: b.version }),
    () => ready.submit('Confirm your e-mail'),
  ]);
  const [{ owner: whose, there }] = await server.sql(
    `SELECT o.customer_id::text AS owner, c.customer_id IS NOT NULL AS there FROM orders o LEFT JOIN customer c USING (tenant_id, customer_id) WHERE o.code = $1`, [code]);
  return { whose, there, known: [id, kept] };
}

test('T11: a merge against the claim of what was bought as a guest: the order is nobody’s yet, or of somebody who is there', async () => {
  for (let round = 0; round < 3; round++) {
    const { whose, there, known } = await claimWhileMerged(round);
    assert.ok(whose === null || (there && known.includes(whose)), `${whose} of ${known}`);
  }
});

test('control: without the guards the guest’s order is claimed for somebody who is gone', async () => {
  const seen = [];
  for (let round = 10; round < 14; round++) seen.push(await unguarded(server, () => claimWhileMerged(round)));
  assert.ok(seen.some(({ whose, there }) => whose !== null && !there), JSON.stringify(seen));
});
