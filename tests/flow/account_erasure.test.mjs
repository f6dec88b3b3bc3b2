// A customer has the data that a site keeps of them as a file, and deletes the account: nothing of
// the person is left in the database, Redis, logs, exports or mails, the books stay (C13, U10, T1).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {}, coupons: {} };
const coupons = [{ code: 'TENOFF', kind: 'percent', value: 10, offers: null, uses: 100, per_buyer: 5 }];
const site = await server.createSite({ features, coupons, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features, coupons, offers: [tour({ capacity: 100 })] });
const slots = await slotsOf(server, site, 'tour');
for (const where of [site, other]) {
  const channels = await (await staff(where)).visit('/manage/channels');
  await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 1000);
}

const password = 'analytical engine 1843';
const person = (mark) => ({ 'First name': `${mark}first`, 'Last name': `${mark}last`, 'E-mail': `${mark}@Buyer.example`, Password: password });
const linkIn = (mail) => new URL(mail.text.match(/https?:\S+\/account\/\S+/)[0]);

async function register(where, mark) {
  const page = await (await where.visitor().visit('/account/register')).submit('Create an account', person(mark));
  assert.equal(page.url.pathname, '/account');
  const [mail] = await server.mails({ to: `${mark}@Buyer.example` });
  const link = linkIn(mail);
  await (await page.visitor.visit(link.pathname + link.search)).submit('Confirm your e-mail');
  return page.visitor;
}
async function buy(where, visitor, mark, slot, { coupon } = {}) {
  const buyer = Object.assign(new Buyer(where), { visitor });
  await buyer.book('tour', slot, { adult: 1 });
  if (coupon) await visitor.postJson('/basket/apply', { plugin: 'coupons', code: coupon });
  await buyer.details({ email: `${mark}@Buyer.example`, name: `${mark}first ${mark}last`, phone: '+33612345678' });
  const paid = await buyer.pay('pay-at-venue');
  assert.equal(paid.status, 201, paid.text);
  const [, code] = paid.json.location.match(/orders\/([0-9A-Z]{8})/);
  return { code };
}
// Every text of the database with the mark in it, as "table.column".
async function foundInDatabase(mark) {
  const columns = await server.sql(`
    SELECT format('%I.%I', n.nspname, c.relname) AS table, a.attname AS name FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
       AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')
       AND format_type(a.atttypid, -1) ~ '^(text|character|json|bytea)'`);
  const found = [];
  for (const { table, name } of columns) {
    const text = `CASE WHEN pg_typeof(t.${name}) = 'bytea'::regtype THEN encode(t.${name}::text::bytea, 'escape') ELSE t.${name}::text END`;
    const rows = await server.sql(`SELECT 1 FROM ${table} t WHERE ${text} ILIKE $1 OR ${text} ILIKE $2 LIMIT 1`,
      [`%${mark}%`, `%${Buffer.from(mark).toString('hex')}%`]);
    if (rows.length) found.push(`${table}.${name}`);
  }
  return found;
}
async function foundInRedis(mark) {
  const words = (answer) => answer.split('\r\n').filter((line) => !/^[*$:]/.test(line) && line);
  const keys = words(await server.redis.command('KEYS', '*'));
  const dumps = await Promise.all(keys.map((key) => server.redis.command('DUMP', key)));
  return keys.filter((key, i) => (key + dumps[i]).toLowerCase().includes(mark));
}
const outbox = () => readdirSync(join(server.state, 'outbox')).map((name) => readFileSync(join(server.state, 'outbox', name), 'latin1'));
const foundInMails = (mark) => outbox().filter((text) => text.toLowerCase().includes(mark)).map((text) => text.match(/^Subject: .*/m)[0]);

test('C13: the export has what the register declares, of this customer alone', async () => {
  const visitor = await register(site, 'exporta');
  const order = await buy(site, visitor, 'exporta', slots[3]);
  await register(site, 'exportb');
  const page = await visitor.visit('/account/data');
  const file = await visitor.get('/account/data/download');
  assert.equal(file.status, 200);
  assert.match(file.headers['content-disposition'], /attachment/);
  assert.match(file.headers['cache-control'], /no-store/);
  assert.match(page.words('#download'), /Download your data/);
  const { tables } = JSON.parse(file.text);
  const rows = (name) => tables.filter(({ table }) => table === name).flatMap((part) => part.rows);
  assert.equal(rows('customer')[0].email, 'exporta@Buyer.example');
  assert.equal(rows('orders')[0].code, order.code);
  assert.equal(rows('order_line')[0].title, 'Tour');
  assert.ok(rows('mail').length >= 2);
  assert.ok(rows('session').length >= 1);
  assert.doesNotMatch(file.text, /exportb|password_hash|token_hash|tenant_id/);
  assert.equal((await site.visitor().get('/account/data/download')).status, 302, 'nobody');
  const there = other.visitor();
  for (const [name, cookie] of visitor.cookies()) there.cookies().set(name, cookie);
  assert.equal((await there.get('/account/data/download')).status, 302, 'another site');
});

test('C13: only who showed that an address is theirs gets, or erases, what guests booked with it', async () => {
  const guest = await buy(site, site.visitor(), 'victim', slots[4]);
  const page = await (await site.visitor().visit('/account/register')).submit('Create an account', { ...person('victim'), 'First name': 'Mallory' });
  const file = await page.visitor.get('/account/data/download');
  assert.doesNotMatch(file.text, new RegExp(guest.code));
  await (await page.visitor.visit('/account/delete')).submit('Delete my account', { Password: password });
  await server.jobs();
  await server.control('time +864000');
  await server.jobs();
  await server.control('time real');
  const [{ email }] = await server.sql('SELECT email FROM orders WHERE code = $1', [guest.code]);
  assert.equal(email, 'victim@Buyer.example');
});

test('C13: the password, or a fresh code, is asked again', async () => {
  const visitor = await register(site, 'asked');
  const page = await visitor.visit('/account/delete');
  const empty = await page.submit('Delete my account', { Password: '' });
  assert.equal(empty.status, 422);
  const wrong = await page.submit('Delete my account', { Password: 'not the password' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.password, /isn’t your password/);
  const code = await page.submit('Send me a code');
  const mail = await server.mail({ to: 'asked@Buyer.example', subject: 'is your code' });
  const back = await code.submit('Log in', { code: mail.subject.match(/\d{6}/)[0] });
  assert.equal(back.url.pathname, '/account/delete');
  assert.equal(back.all('input[name=password]').length, 0, 'proven just now');
  const done = await back.submit('Delete my account');
  assert.equal(done.url.pathname, '/account/deleted');
  assert.match(done.words('h1'), /deleted/);
  assert.equal((await visitor.get('/account')).status, 302);
  assert.equal((await visitor.get('/account/delete')).status, 302);
});

test('C13: deleted, nothing of the person is left anywhere; the books and other people stay', async () => {
  const mark = 'zqmarker';
  const visitor = await register(site, mark);
  const elsewhere = await (await site.visitor().visit('/account/login')).submit('Log in', { 'E-mail': `${mark}@buyer.example`, Password: password });
  const past = await buy(site, visitor, mark, slots[0], { coupon: 'TENOFF' });
  const guest = await buy(site, site.visitor(), mark, slots[0]);
  await buy(other, await register(other, mark), mark, (await slotsOf(server, other, 'tour'))[0]);
  const basket = Object.assign(new Buyer(site), { visitor: elsewhere.visitor });
  await basket.book('tour', slots[5], { adult: 1 });
  await basket.details({ email: `${mark}@Buyer.example`, name: `${mark}first` });
  const mary = await staff(site);
  await (await mary.visit(`/manage/orders/${past.code}`)).submit('Add the note', { note: `${mark} was late` });
  const planted = await plant(mark, past.code);
  assert.ok(planted > 15, `${planted} fields`);
  await server.control(`time set ${new Date(new Date(slots[0].starts_at).getTime() + 7_200_000).toISOString()}`);
  await server.jobs();
  const before = await foundInDatabase(mark);
  assert.ok(before.length > 15, before.join());

  const again = await (await site.visitor().visit('/account/login')).submit('Log in', { 'E-mail': `${mark}@buyer.example`, Password: password });
  const sure = await again.visitor.visit('/account/delete');
  const done = await sure.submit('Delete my account', { Password: password });
  assert.equal(done.url.pathname, '/account/deleted', done.text);
  assert.equal((await elsewhere.visitor.get('/account')).status, 302, 'logged out everywhere');
  await server.jobs();
  assert.ok(foundInMails(mark).some((subject) => /deleted/.test(subject)), 'the last mail');
  await server.control('time +7200');
  await server.jobs();
  await server.control('time +259200');
  await server.jobs();

  const [{ tenant_id: there }] = await server.sql('SELECT tenant_id FROM site WHERE slug = $1', [other.slug]);
  const left = await foundInDatabase(mark);
  await server.sql('DELETE FROM job WHERE tenant_id = $1', [there]);
  for (const place of left) {
    const [table, column] = place.split(/\.(?=[^.]+$)/);
    assert.deepEqual(await server.sql(
      `SELECT ${column}::text FROM ${table} t WHERE t.tenant_id <> $1 AND ${column}::text ILIKE $2`, [there, `%${mark}%`]), [], place);
  }
  assert.ok(left.length > 5, 'the other site keeps its own customer');
  assert.deepEqual(await foundInRedis(mark), []);
  assert.doesNotMatch(String(server.log()), new RegExp(mark, 'i'));
  const slug = new RegExp(`@${site.slug}\\.`);
  assert.deepEqual(outbox().filter((text) => slug.test(text) && text.toLowerCase().includes(mark)).map((text) => text.match(/^Subject: .*/m)[0]), []);

  const books = await server.sql(`SELECT o.code, o.name, o.email, o.phone, o.total_minor, o.customer_id FROM orders o
    WHERE o.code = ANY ($1) ORDER BY o.total_minor`, [[past.code, guest.code]]);
  assert.deepEqual(books.map(({ name, email, phone, customer_id }) => [name, email, phone, customer_id]), [[null, null, null, null], [null, null, null, null]]);
  assert.ok(books.every(({ total_minor }) => total_minor > 0));
  await checkInvariants(server);
  await server.control('time real');
  const office = await mary.visit(`/manage/orders/${past.code}`);
  assert.equal(office.status, 200);
  assert.equal((await mary.getJson(`/manage/orders/${past.code}`)).status, 200);
  assert.equal((await mary.getJson('/manage/orders')).status, 200);
  // The address is free: the same person may come back as a stranger.
  const back = await register(site, mark);
  assert.equal((await back.getJson('/account/orders/previous')).json.items.length, 0);
});

// The mark in every text of a customer's rows that the program itself may not have filled.
async function plant(mark, code) {
  const [{ tenant_id, order_id, customer_id }] = await server.sql('SELECT tenant_id, order_id, customer_id FROM orders WHERE code = $1', [code]);
  const statements = [
    ['UPDATE orders SET plugin_data = jsonb_build_object($3::text, $3::text) WHERE tenant_id = $1 AND order_id = $2', order_id],
    ['UPDATE session SET agent = $3, remote = $3 WHERE tenant_id = $1 AND customer_id = $2', customer_id],
    ['INSERT INTO order_note (tenant_id, order_id, at, author, body) VALUES ($1, $2, now(), \'Mary\', $3)', order_id],
    ['INSERT INTO order_event (tenant_id, order_id, at, to_state, actor, note) VALUES ($1, $2, now(), \'confirmed\', \'staff\', $3)', order_id],
    ['INSERT INTO mail (tenant_id, job_id, plugin, key, recipient, subject, state, at, order_id) VALUES ($1, 77, \'core\', \'x\', $3, $3, \'sent\', now(), $2)', order_id],
    ['INSERT INTO mail (tenant_id, job_id, plugin, key, recipient, subject, state, at, customer_id) VALUES ($1, 78, \'core\', \'x\', $3, $3, \'sent\', now(), $2)', customer_id],
    [`INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, before, after)
      VALUES ($1, now(), 'customer', $2, $3, 'x', 'customer', $2::bigint::text, jsonb_build_object('name', $3::text, 'n', 3), jsonb_build_object('deep', jsonb_build_array($3::text, 4)))`, customer_id],
    [`INSERT INTO audit (tenant_id, at, actor_kind, actor_name, action, object_kind, object_id, after)
      VALUES ($1, now(), 'staff', 'Mary', 'order.note', 'order', $2::bigint::text, jsonb_build_object('text', $3::text, 'back_minor', 5))`, order_id],
    [`INSERT INTO customer_code (tenant_id, email, email_folded, browser_hash, created_at, expires_at) SELECT $1, $3 || '@Buyer.example', $3 || '@buyer.example', '\\x00', now(), now() WHERE $2::bigint > 0`, customer_id],
    [`INSERT INTO webhook_event (tenant_id, event_id, type, object_id, facts, body, created_at) VALUES ($1, 5, 'order.placed', $2, jsonb_build_object('x', $3::text), $3, now())`, order_id],
    [`INSERT INTO api_answer (tenant_id, session_id, key, fingerprint, created_at, status, type, location, body) VALUES ($1, 5, 'k', '\\x00', now(), 201, 'application/json', '', '{"id":"' || $2::bigint || '","name":"' || $3 || '"}')`, customer_id],
    [`INSERT INTO idempotency (tenant_id, session_id, key, fingerprint, location, created_at) SELECT $1, session_id, $3, '\\x00', '/' || $3, now() FROM session WHERE tenant_id = $1 AND customer_id = $2 LIMIT 1`, customer_id],
    [`INSERT INTO job (tenant_id, kind, payload, state, run_at, created_at, finished_at, last_error) VALUES ($1, 'notification.send', jsonb_build_object('customer_id', $2::bigint::text, 'to', $3::text), 'done', now(), now(), now(), $3)`, customer_id],
    [`INSERT INTO job (tenant_id, kind, payload, state, run_at, created_at, finished_at, last_error) VALUES ($1, 'mail.order', jsonb_build_object('order_id', $2::bigint::text), 'failed', now(), now(), now(), $3)`, order_id],
    [`INSERT INTO export (tenant_id, export_id, staff_id, kind, format, filter, language, state, created_at) SELECT $1, 5, 1, 'orders', 'csv', jsonb_build_object('q', $3::text), 'en', 'done', now() WHERE $2::bigint > 0`, order_id],
    [`INSERT INTO export_part (tenant_id, export_id, number, bytes) SELECT $1, 5, 0, $3::bytea WHERE $2::bigint > 0`, order_id],
  ];
  for (const [text, id] of statements) await server.sql(text, [tenant_id, id, mark]);
  return statements.length;
}

test('C13: a booking still to come is named, stays as a guest\'s, and is made anonymous when it is over', async () => {
  const visitor = await register(site, 'opener');
  const order = await buy(site, visitor, 'opener', slots[9]);
  const mail = await server.mail({ to: 'opener@Buyer.example', subject: order.code });
  const page = await visitor.visit('/account/delete');
  assert.match(page.words('#bookings'), new RegExp(`Tour.*${order.code}`));
  const { json } = await visitor.getJson('/account/delete');
  assert.deepEqual([json.open_count, json.open_bookings[0].code], [1, order.code]);
  await page.submit('Delete my account', { Password: password });
  await server.jobs();
  const link = new URL(mail.text.match(/https?:\S+\/orders\/\S+/)[0]);
  const kept = await site.visitor().get(link.pathname + link.search);
  assert.equal(kept.status, 200, 'the mailed link');
  const row = async () => (await server.sql('SELECT name, email, customer_id FROM orders WHERE code = $1', [order.code]))[0];
  assert.deepEqual(await row(), { name: 'openerfirst openerlast', email: 'opener@Buyer.example', customer_id: null });
  await server.control(`time set ${new Date(new Date(slots[9].starts_at).getTime() + 7_200_000).toISOString()}`);
  await server.jobs();
  assert.deepEqual(await row(), { name: null, email: null, customer_id: null });
  await server.control('time real');
  assert.equal((await site.visitor().get(link.pathname + link.search)).status, 200);
});

test('C13: the record may forget a person and nothing else', async () => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: server.env.VITRINE_DATABASE_URL });
  await client.connect().catch(() => null);
  const [{ tenant_id }] = await server.sql('SELECT tenant_id FROM site WHERE slug = $1', [site.slug]);
  await client.query("SELECT set_config('vitrine.tenant', $1, false)", [tenant_id]);
  const [{ order_id }] = await server.sql('SELECT order_id FROM orders WHERE tenant_id = $1 LIMIT 1', [tenant_id]);
  await server.sql(`INSERT INTO audit (tenant_id, at, actor_kind, actor_name, action, object_kind, object_id, after)
    VALUES ($1, now(), 'staff', 'Mary', 'order.refund', 'order', $2, '{"back_minor": 5, "reason": "rain"}')`, [tenant_id, order_id]);
  await server.sql("INSERT INTO order_note (tenant_id, order_id, at, author, body) VALUES ($1, $2, now(), 'Mary', 'late')", [tenant_id, order_id]);
  for (const text of [
    "UPDATE audit SET actor_name = 'Somebody'", "UPDATE audit SET after = '{\"back_minor\": 1}' WHERE object_kind = 'order'",
    "UPDATE audit SET actor_name = '' WHERE actor_kind = 'staff'", 'UPDATE audit SET after = NULL WHERE after IS NOT NULL',
    "UPDATE order_note SET body = 'other'", "UPDATE order_event SET note = 'other'", "UPDATE audit SET action = 'x'", 'DELETE FROM audit',
  ]) await assert.rejects(client.query(text), /never changed|permission denied/, text);
  await client.query("UPDATE audit SET after = vt_anonymous(after) WHERE action = 'order.refund'");
  assert.deepEqual((await client.query("SELECT actor_name, after FROM audit WHERE action = 'order.refund'")).rows,
    [{ actor_name: 'Mary', after: { back_minor: 5 } }]);
  await client.end();
});
