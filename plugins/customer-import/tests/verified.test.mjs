// C5, C8, C10: verified persons: filled cells are compared, a mismatch is an error row that says not
// what; what they confirmed is never overwritten.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';
import { apply, csv, customers, name, preview } from './lib.mjs';

const server = await startServer();
const site = await server.createSite({ time_zone: 'Europe/Paris', features: { [name]: {} } });
const mary = await staff(site);
const verify = (email, changes = {}) => {
  const p = { first_name: 'Adá', last_name: 'de Lovelace', phone: '+33612345678', birthdate: '1990-12-10', ...changes };
  return server.sql(
    `INSERT INTO person (email, email_folded, first_name, last_name, phone, gender, country, birthdate, language, created_at)
     VALUES ($1, lower($1), $2, $3, $4, 'female', 'FR', $5, 'en', now())`, [email, p.first_name, p.last_name, p.phone, p.birthdate]);
};

test('C5: a verified person is taken with identical filled cells only; the reason says not which differs', async () => {
  for (const who of ['same', 'accent', 'phone', 'day', 'little']) await verify(`${who}@people.example`);
  const page = await preview(server, mary, csv([
    'Adá de Lovelace,same@people.example,06 12 34 56 78,female,1990-12-10',
    'Ada de Lovelace,accent@people.example,,,',
    'Adá de Lovelace,phone@people.example,06 12 34 56 79,,',
    'Adá de Lovelace,day@people.example,,,1990-12-11',
    'Adá de Lovelace,little@people.example,,,',
  ]));
  assert.deepEqual(page.items.map((i) => i.kind), ['new', 'error', 'error', 'error', 'new']);
  assert.equal(new Set(page.items.filter((i) => i.kind === 'error').map((i) => i.reason)).size, 1);
  await apply(server, mary, page);
  const made = await customers(server, site);
  assert.deepEqual(made.map((c) => c.email), ['little@people.example', 'same@people.example']);
  // What the file didn't say isn't learnt from it.
  assert.deepEqual([made[0].phone, made[0].birthdate], [null, null]);
});

test('C10: a linked customer is compared, never changed', async () => {
  const [{ tenant_id: tenant }] = await server.sql('SELECT tenant_id FROM site WHERE slug = $1', [site.slug]);
  await verify('linked@people.example');
  await server.sql(
    `INSERT INTO customer (tenant_id, first_name, last_name, email, email_folded, phone, gender, birthdate, language, created_at, verified_at, person_id, person_version)
     SELECT $1, first_name, last_name, email, email_folded, phone, gender, birthdate, 'en', now(), now(), person_id, 1 FROM person WHERE email = 'linked@people.example'`, [tenant]);
  const page = await preview(server, mary, csv(['Adá de Lovelace,linked@people.example,,,1990-12-10', 'Other Name,LINKED@people.example,,,']));
  assert.deepEqual(page.items.map((i) => i.kind), ['same', 'error']);
  const wrong = await preview(server, mary, csv(['Other Name,linked@people.example,,,']));
  assert.match(wrong.items[0].reason, /verified person/);
});
