// The register of personal data (C13, T2): every column that can hold a text is declared, personal
// or not, in core/domain/personal_table.c or in a plugin's manifest; what it declares exists.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const register = JSON.parse(await server.vitrine('personal'));
const columns = await server.sql(`
  SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS table,
    a.attname AS name, format_type(a.atttypid, -1) AS type
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')`);
const bare = (field) => field.replace(/(~|=.*)$/, '');
const declared = new Set(register.flatMap(({ table, fields, secret, others }) =>
  [...fields, ...secret, ...others].filter((field) => field !== '*').map((field) => `${table}.${bare(field)}`)));

test('C13: every column that can hold a text says whether it is about a person', () => {
  const texts = columns.filter(({ type }) => /^(text|character|json|bytea|inet|xml)/.test(type));
  assert.ok(texts.length > 150);
  assert.deepEqual(texts.map(({ table, name }) => `${table}.${name}`).filter((name) => !declared.has(name)), [],
    'declare them in core/domain/personal_table.c, or under "personal" in the plugin\'s manifest');
});

test('C13: nothing is declared that isn\'t there', () => {
  const real = new Set(columns.map(({ table, name }) => `${table}.${name}`));
  assert.deepEqual([...declared].filter((name) => !real.has(name)), []);
});

test('C13: a table that points to a customer or an order is erased or kept by a decision', () => {
  const pointing = columns.filter(({ name }) => ['customer_id', 'email_folded'].includes(name)).map(({ table }) => table);
  const people = new Set(register.filter(({ rows }) => rows !== 'nobody').map(({ table }) => table));
  assert.deepEqual(pointing.filter((table) => !people.has(table)), []);
});
