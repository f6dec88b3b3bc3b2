// C13: a manager deletes a customer who never confirmed the address: what guests left with it goes
// too, unless another customer of the site has it; who deletes an account themselves must have
// shown that it is theirs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const offers = [tour({ capacity: 100 })];
const [site, other] = [await server.createSite({ features, offers }), await server.createSite({ features, offers })];
const manager = await staff(site);

async function guest(where, mark) {
  const [slot] = await slotsOf(server, where, 'tour');
  const buyer = new Buyer(where);
  await buyer.book('tour', slot, { adult: 1 });
  await buyer.details({ email: `${mark}@Buyer.example`, name: `${mark}first ${mark}last` });
  const paid = await buyer.pay('pay-at-venue');
  assert.equal(paid.status, 201, paid.text);
  return paid.json.location.match(/orders\/([0-9A-Z]{8})/)[1];
}
const add = async (mark) => (await manager.postJson('/manage/customers/new', {
  first_name: `${mark}first`, last_name: `${mark}last`, email: `${mark}@Buyer.example`, phone: '+33612345678', gender: 'other', country: 'FR',
})).json.location.match(/\d+/)[0];
// A customer code waits for the address alone, whoever has it.
const plant = (mark) => server.sql(
  `INSERT INTO customer_code (tenant_id, email, email_folded, browser_hash, created_at, expires_at)
   SELECT tenant_id, $2 || '@Buyer.example', $2 || '@buyer.example', '\\x00', now(), now() FROM site WHERE slug = $1`, [site.slug, mark]);
// Every text of the site's own rows with the mark in it, as "table.column".
async function found(mark) {
  const columns = await server.sql(`
    SELECT format('%I.%I', n.nspname, c.relname) AS table, a.attname AS name FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')
       AND format_type(a.atttypid, -1) ~ '^(text|character|json)'
       AND EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')`);
  const places = [];
  for (const { table, name } of columns) {
    const rows = await server.sql(
      `SELECT 1 FROM ${table} t WHERE t.tenant_id = (SELECT tenant_id FROM site WHERE slug = $2) AND t.${name}::text ILIKE $1 LIMIT 1`,
      [`%${mark}%`, site.slug]);
    if (rows.length) places.push(`${table}.${name}`);
  }
  return places;
}
const nameOf = async (code) => (await server.sql('SELECT name, email FROM orders WHERE code = $1', [code]))[0];
async function later() {
  const [slot] = await slotsOf(server, site, 'tour');
  await server.control(`time set ${new Date(new Date(slot.starts_at).getTime() + 7_200_000).toISOString()}`);
  await server.jobs();
}
async function over() {
  for (const step of ['+7200', '+259200']) {
    await server.jobs();
    await server.control(`time ${step}`);
  }
  await server.jobs();
}

test('C13: an unverified customer deleted by a manager: the question says it, and nothing of the person is left', async () => {
  const id = await add('zqdesk');
  const [order, elsewhere] = [await guest(site, 'zqdesk'), await guest(other, 'zqdesk')];
  await plant('zqdesk');
  await later();
  assert.ok((await found('zqdesk')).length > 5);
  const mary = await staff(site);
  const question = await mary.visit(`/manage/customers/${id}/delete`);
  assert.match(question.words('main'), /What guests booked with zqdesk@Buyer\.example loses name and address too/);
  const done = await question.submit('Delete the customer', { typed: 'zqdesk@Buyer.example' });
  assert.equal(done.status, 200, done.text);
  await over();
  assert.deepEqual(await nameOf(order), { name: null, email: null });
  assert.deepEqual(await found('zqdesk'), []);
  assert.equal((await nameOf(elsewhere)).email, 'zqdesk@Buyer.example', 'another site keeps its own');
  await checkInvariants(server);
  await server.control('time real');
});

test('C13: another customer of the site has the address too: the question says so, and guests’ orders stay', async () => {
  const id = await add('zqshared');
  const order = await guest(site, 'zqshared');
  await server.sql(
    `INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, language, created_at)
     SELECT tenant_id, 77, 'Twin', 'Other', email, email_folded, 'en', now() FROM customer WHERE customer_id = $1`, [id]);
  const question = await manager.visit(`/manage/customers/${id}/delete`);
  assert.match(question.words('main'), /Another customer has the address zqshared@Buyer\.example too/);
  await question.submit('Delete the customer', { typed: 'zqshared@Buyer.example' });
  await later();
  await over();
  assert.equal((await nameOf(order)).email, 'zqshared@Buyer.example');
  await server.control('time real');
});
