import { setTimeout as sleep } from 'node:timers/promises';

// A negative control: what the guards of the units are about, taken away for a moment. Every guard
// is a vt_require in the statement that changes something.
export async function unguarded(server, act) {
  const [{ definition }] = await server.sql(
    `SELECT pg_get_functiondef('vt_require(boolean, text)'::regprocedure) AS definition`);
  await server.sql(`CREATE OR REPLACE FUNCTION vt_require(ok boolean, code text) RETURNS boolean LANGUAGE sql AS 'SELECT true'`);
  try {
    return await act();
  } finally {
    await server.sql(definition);
  }
}

// What changes an order at the same moment: all of it has read the order as it is before any of it
// may go on.
export async function atOnce(server, code, acts) {
  const held = server.sql(
    'WITH o AS MATERIALIZED (SELECT 1 FROM orders WHERE code = $1 FOR UPDATE) SELECT pg_sleep(0.6) FROM o', [code]);
  await sleep(100);
  const pages = await Promise.all(acts.map((act) => act()));
  await held;
  return pages;
}
