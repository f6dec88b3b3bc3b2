// Whatever the register declares of a customer, in the core and in features, is gone once they are
// erased (C13): a row in every declared table, the mark in every declared text of it, made from the
// register and the catalogue alone. What is declared tomorrow is tested without a line here.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, expression, readTables } from '../lib/catalogue.mjs';
import { eventually } from '../lib/feature.mjs';
import { Buyer, Postgres, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { atEnd } from '../lib/place.mjs';

const mark = 'zqplanted';
const server = await startServer();
const site = await server.createSite({ features: { 'pay-at-venue': {}, 'guest-login': {} }, offers: [tour()] });
const manager = await staff(site);
await (await (await manager.visit('/manage/channels')).click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
await eventually(async () => (await site.visitor().get('/account/login')).status, 200, 1000);
const register = JSON.parse(await server.vitrine('personal'));
const client = await connect(await Postgres.shared(), server.database, 'postgres');
atEnd(() => client.end());
const tables = new Map((await readTables(client)).map((table) => [table.name.replace(/^public\./, ''), table]));

// Somebody with an account and an order that is over.
const visitor = site.visitor();
await visitor.postJson('/account/register', { first_name: 'Zoe', last_name: 'Buyer', email: `${mark}@buyer.example`, password: 'analytical engine 1843' });
const buyer = Object.assign(new Buyer(site), { visitor });
await buyer.book('tour', (await slotsOf(server, site, 'tour'))[0], { adult: 1 });
await buyer.details({ email: `${mark}@buyer.example`, name: 'Zoe Buyer' });
assert.equal((await buyer.pay('pay-at-venue')).status, 201);
await server.jobs();
// What is found by an address is theirs once they showed that it is.
await server.sql('UPDATE customer SET verified_at = now()');
const [who] = await server.sql(
  `SELECT c.tenant_id, c.customer_id, o.order_id, l.line_id, s.session_id
     FROM customer c JOIN orders o USING (tenant_id, customer_id) JOIN order_line l USING (tenant_id, order_id)
     JOIN session s ON s.tenant_id = c.tenant_id AND s.customer_id = c.customer_id`);

const isText = ({ type }) => /^(text|character|json|bytea)/.test(type);
const bare = (field) => field.replace(/(~|=.*)$/, '');
// Ours to say: declared, of a customer, not kept, and able to hold a text.
const declared = register
  .filter(({ rows, erase }) => !['nobody', 'staff', 'operator', 'person'].includes(rows) && erase !== 'keep')
  .map(({ table, rows, fields }) => ({ ...tables.get(table), rows, marked: new Set(fields.map(bare)) }));
// What leads from a customer's account in the ledger to what was posted there.
const between = { ...tables.get('entry'), rows: '', marked: new Set() };
// The same number for every row that is made, so that parts find their whole.
const made = 7;
const ids = { tenant_id: who.tenant_id, customer_id: who.customer_id, order_id: who.order_id, line_id: who.line_id, session_id: who.session_id };
// How the register's ways find a row, beside its numbers.
const ways = {
  acting: { actor_kind: "'customer'", actor_id: who.customer_id },
  record: { object_kind: "'customer'", object_id: `'${who.customer_id}'` },
  search: { kind: "'customer'", object_id: who.customer_id },
  event: { object_id: who.order_id },
  answer: { body: `'{"id":"${who.customer_id}","name":"${mark}"}'` },
  file: { state: "'done'", created_at: "now() - interval '1 hour'" },
};
function planted({ name, type }) {
  if (name === 'email') return `'${mark}@buyer.example'`;
  if (type.startsWith('json')) return `'{"said": ["${mark}", 4]}'::${type}`;
  if (type === 'bytea') return `convert_to('${mark}', 'UTF8')`;
  return type.endsWith('[]') ? `ARRAY['${mark}']` : `'${mark}'`;
}
function valueOf(table, column) {
  const own = ways[table.rows]?.[column.name];
  if (own !== undefined) return own;
  if (column.name === 'email_folded') return `'${mark}@buyer.example'`;
  if (table.marked.has(column.name) && isText(column)) return planted(column);
  if (ids[column.name] !== undefined) return ids[column.name];
  if (column.name === 'job_id') return '77';
  return column.name.endsWith('_id') ? 'g' : expression(column);
}
const ofCustomer = { customer: 'customer_id', orders: 'order_id', order_line: 'line_id', session: 'session_id' };

test('C13: a mark in everything that is declared of a customer is gone with the customer', async () => {
  await client.query('SET session_replication_role = replica');
  for (const [i, table] of [...declared, between].entries()) {
    for (const { conname } of (await client.query(`SELECT conname FROM pg_constraint WHERE conrelid = $1 AND contype = 'c'`, [table.oid])).rows) {
      await client.query(`ALTER TABLE ${table.name} DROP CONSTRAINT "${conname}"`);
    }
    const texts = table.columns.filter((column) => table.marked.has(column.name) && isText(column) && column.name !== 'email_folded');
    const own = ofCustomer[table.relname];
    if (own) {
      if (texts.length) await client.query(`UPDATE ${table.name} SET ${texts.map((column) => `"${column.name}" = ${planted(column)}`).join()} WHERE tenant_id = ${who.tenant_id} AND ${own} = ${ids[own]}`);
      continue;
    }
    const columns = table.columns.filter(({ generated }) => !generated);
    await client.query(
      `INSERT INTO ${table.name} (${columns.map(({ name }) => `"${name}"`).join()})
       SELECT ${columns.map((column) => valueOf(table, column)).join()} FROM (VALUES (${who.tenant_id}::bigint, ${made + declared.slice(0, i).filter(({ oid }) => oid === table.oid).length}::bigint)) v (s, g)`);
  }
  await client.query('SET session_replication_role = origin');
  await server.sql(`UPDATE order_line SET starts_at = now() - interval '3 days', ends_at = now() - interval '2 days'`);

  const places = declared.flatMap((table) => table.columns.filter((column) => table.marked.has(column.name) && isText(column))
    .map((column) => ({ place: `${table.name}.${column.name}`, table: table.name, column })));
  assert.ok(places.length > 50, `${places.length}`);
  assert.ok(places.some(({ table }) => table.startsWith('plugin_')), 'of features too');
  const found = async () => {
    const list = [];
    for (const { place, table, column } of places) {
      const text = column.type === 'bytea' ? `encode(t."${column.name}", 'escape')` : `t."${column.name}"::text`;
      const { rows } = await client.query(`SELECT 1 FROM ${table} t WHERE ${text} ILIKE '%${mark}%' LIMIT 1`);
      if (rows.length) list.push(place);
    }
    return list;
  };
  assert.deepEqual(await found(), places.map(({ place }) => place), 'the mark stands in all of them');

  const done = await manager.postJson(`/manage/customers/${who.customer_id}/delete`, { typed: `${mark}@buyer.example` });
  assert.equal(done.status, 200, done.text);
  await server.jobs();
  await server.control('time +604800');
  await server.jobs();
  await server.control('time real');
  assert.deepEqual(await found(), []);
});
