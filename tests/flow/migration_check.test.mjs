// scripts/check migrations: what a migration may not do while workers of the version before serve.
import assert from 'node:assert/strict';
import test from 'node:test';
import { findingsOf } from '../../scripts/lib/migrations.mjs';

const words = (text) => findingsOf(text).map(({ line, words }) => `${line}: ${words}`);

const refused = {
  'DROP TABLE offer;': /drop it one version later/,
  'DROP INDEX orders_newest;': /DROP INDEX CONCURRENTLY/,
  'ALTER TABLE orders DROP COLUMN phone;': /drop it one version later/,
  'ALTER TABLE orders\n    ADD COLUMN a text,\n    DROP CONSTRAINT orders_check;': /drop it one version later/,
  'ALTER TABLE orders RENAME COLUMN phone TO telephone;': /the old name/,
  'ALTER TABLE orders RENAME TO bookings;': /the old name/,
  'ALTER TABLE plugin_coupons.coupon DROP COLUMN code;': /drop it one version later/,
  'ALTER TABLE IF EXISTS ONLY "plugin_coupons"."coupon" RENAME COLUMN code TO word;': /the old name/,
  'ALTER TABLE plugin_coupons.coupon ADD COLUMN source text NOT NULL;': /give it a default/,
  'ALTER TABLE plugin_x.category DROP COLUMN code;': /drop it one version later/,
  'CREATE INDEX coupon_x ON plugin_coupons.coupon (tenant_id, code);': /CREATE INDEX CONCURRENTLY/,
  'UPDATE plugin_coupons.coupon SET code = NULL;': /in batches/,
  'ALTER TABLE orders ALTER COLUMN version TYPE bigint;': /column of the new type/,
  'ALTER TABLE orders ALTER COLUMN phone SET NOT NULL;': /NOT VALID/,
  'ALTER TABLE orders ADD COLUMN source text NOT NULL;': /give it a default/,
  'ALTER TABLE orders ADD source text NOT NULL CHECK (source <> $$x$$), ADD COLUMN b int;': /give it a default/,
  'ALTER TABLE orders ADD COLUMN seen_at timestamptz DEFAULT now();': /differs from row to row/,
  'ALTER TABLE orders ADD COLUMN number bigint DEFAULT vt_id();': /differs from row to row/,
  'ALTER TABLE orders ADD UNIQUE (tenant_id, phone);': /USING INDEX/,
  'ALTER TABLE orders ADD CONSTRAINT c CHECK (version > 0);': /NOT VALID/,
  'ALTER TABLE orders ADD FOREIGN KEY (tenant_id, tax_id) REFERENCES tax;': /NOT VALID/,
  'CREATE INDEX orders_x ON orders (tenant_id, phone);': /CREATE INDEX CONCURRENTLY/,
  'CREATE UNIQUE INDEX IF NOT EXISTS orders_x ON public.orders (tenant_id, phone);': /CREATE INDEX CONCURRENTLY/,
  'UPDATE orders SET phone = NULL;': /in batches/,
  'DELETE FROM mail;': /in batches/,
  'TRUNCATE mail;': /meanwhile/,
  'LOCK TABLE mail;': /meanwhile/,
  'CREATE INDEX CONCURRENTLY orders_x ON orders (tenant_id);': /begin with "-- outside a transaction"/,
  '-- outside a transaction\nCREATE TABLE x (n int);': /only what needs it/,
};

const fine = [
  'ALTER TABLE orders ADD COLUMN source text, ADD COLUMN n int NOT NULL DEFAULT 0;',
  "ALTER TABLE orders ADD COLUMN source text NOT NULL DEFAULT 'web' CHECK (source IN ('web'));",
  'ALTER TABLE orders ADD CONSTRAINT c CHECK (version > 0) NOT VALID;',
  'ALTER TABLE orders ADD CONSTRAINT c UNIQUE USING INDEX orders_c;',
  'CREATE TABLE thing (n int NOT NULL); CREATE INDEX thing_n ON thing (n); UPDATE thing SET n = 1; ALTER TABLE thing RENAME n TO m;',
  'CREATE TABLE plugin_x.thing (n int); CREATE INDEX thing_n ON plugin_x.thing (n); ALTER TABLE thing DROP COLUMN n;',
  'CREATE INDEX plan_x ON plan (position);',
  '-- outside a transaction\nDROP INDEX CONCURRENTLY IF EXISTS a;\nCREATE INDEX CONCURRENTLY a ON orders (tenant_id);',
  '-- outside a transaction\nALTER TABLE orders VALIDATE CONSTRAINT c;',
  'CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM orders; DROP TABLE mail; $$;',
  "GRANT UPDATE (recipient) ON mail TO vitrine_app; COMMENT ON TABLE mail IS 'it''s; DROP TABLE mail';",
  '-- allowed: nobody ever read it\nALTER TABLE orders DROP COLUMN phone;',
  'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT 1 $x$;',
];

for (const [text, expected] of Object.entries(refused)) {
  test(`not ${text.replaceAll('\n', ' ')}`, () => assert.match(words(text).join('\n'), expected));
}

for (const text of fine) {
  test(`but ${text.replaceAll('\n', ' ')}`, () => assert.deepEqual(words(text), []));
}

test('the line is the statement’s', () => {
  assert.match(words('-- a comment\n\nCREATE TABLE a (n int);\n\n-- another\nDROP TABLE\n  b;')[0], /^6: /);
});

test('a reason must be there, and belongs to one statement', () => {
  const text = '-- allowed:\nDROP TABLE a;\n-- allowed: read by nobody\nDROP TABLE b;\nDROP TABLE c;';
  assert.deepEqual(words(text).map((line) => line.split(':')[0]), ['2', '5']);
});
