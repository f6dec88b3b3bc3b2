// Every statement is planned, and run where it can be, against a filled database: two large sites
// among thousands of small ones, the app's role, row-level security, generic plans. None reads a
// growing table whole, none throws away ten times what it returns.
import assert from 'node:assert/strict';
import test from 'node:test';
import { atEnd } from '../lib/place.mjs';
import { connect, dropRules, fill, readTables } from '../lib/catalogue.mjs';
import { Postgres } from '../lib/index.mjs';
import { readStatements } from '../lib/statements.mjs';

const bigSites = { from: 1, to: 2, count: 3000 };
const smallSites = { from: 3, to: 2500, count: 1 };

// Tables that don't grow with sites or sales.
const smallTables = ['operator', 'plan', 'rollout', 'schema_migration'];

// Statements that may, and why.
const allowed = {
  alike_by_email: 'looks for what two of one site share, from its index alone, when somebody looks for duplicates',
  alike_by_phone: 'the same',
  alike_by_birth: 'narrows those of one site who were born on one day by their names, when somebody looks for duplicates',
  office_offers: 'narrows the offers of one site, which are tens, by what is searched for; a page is fifty',
  catalogue_cards: 'narrows the published offers of one site, which are tens, by what is asked for',
  console_errors: 'the platform’s own list of what failed, pruned after 30 days; few rows by nature',
  console_change: 'counts the sites of one change, which may be all of them',
  console_jobs_failed: 'narrows the failed jobs of all sites by kind; pruned after 30 days, few by nature',
  console_jobs_waiting: 'narrows the waiting jobs of all sites by kind when an operator asks for one',
  console_totals: 'counts sites, ten thousand small rows, once a page of the console',
  plan_list: 'counts the sites of each plan, for the console’s own pages',
  doctor_role: 'asked by hand; roles and schemas of an installation are few',
  erasure_done_jobs: 'once an erasing, by the platform: one site’s jobs of a week, which have no index by person',
  erasure_waiting_jobs: 'the same, of those that wait',
  erasure_job_errors: 'the same, by order',
  event_add_all: 'the same, of many customers at once',
  event_add: 'narrows the endpoints of one site, sixteen at most, by the event they want',
  job_pick: 'leaves out due jobs of the slow lane, which are few and gone in a moment',
  job_pick_in_turn: 'leaves out due jobs of the slow lane, which are few and gone in a moment',
  job_leased: 'only the control socket asks it; waiting jobs of the next hour are few there',
  plugin_error_clean: 'housekeeping, once a day, by the platform',
  revision_page: 'a process reads all sites once, when it starts',
  rollout_choose: 'goes through all sites once, when a change of many is drafted',
  rollout_clean: 'housekeeping, once a day, by the platform',
  rollout_jobs: 'one job for every site of a change, once',
  site_facts_guard_words: 'once when the main language changes: looks at every text of one site',
  site_facts_missing: 'the same, to say which',
  slot_take_over: 'once a change of times, of one site: what its resources are used for within eight days',
  site_import_clean: 'housekeeping, once a day, by the platform; what account managers imported within a month',
  staff_end_operator_sessions: 'an operator’s own sessions, when a password is set anew',
};

// Fewer than this thrown away are nobody's trouble.
const discardedMin = 100;
const discardedRatio = 10;

const postgres = await Postgres.shared();
const database = await postgres.clone();
const owner = await connect(postgres, database, 'vitrine_owner');
const roles = {
  vitrine_app: await connect(postgres, database, 'vitrine_app'),
  vitrine_platform: await connect(postgres, database, 'vitrine_platform'),
};
atEnd(async () => {
  for (const client of [owner, ...Object.values(roles)]) await client.end();
  await postgres.drop(database);
});

const tables = await readTables(owner);
await dropRules(owner, tables);
await fill(owner, tables, smallSites);
await fill(owner, tables, bigSites);
await owner.query('VACUUM ANALYZE');
for (const client of Object.values(roles)) {
  await client.query(`SET plan_cache_mode = force_generic_plan; SET random_page_cost = 1.1`);
  await client.query(`SET enable_mergejoin = off`);
  await client.query(`SET jit = off; SET statement_timeout = '10s'`);
}

const byDefault = {
  bigint: '100',
  integer: '10',
  smallint: '1',
  numeric: '1',
  text: 'v1-100',
  boolean: 't',
  'timestamp with time zone': '2026-11-02 00:00Z',
  date: '2026-11-02',
  'time without time zone': '09:00',
  jsonb: '{}',
  json: '{}',
  bytea: '\\x00',
  interval: '1 hour',
  uuid: '00000000-0000-0000-0000-000000000000',
};

// A value that a row of the first site has in that column of a table the statement names.
const samples = new Map();
async function sample(text, column) {
  if (column === 'tenant_id') return '1';
  const named = tables.filter(({ relname }) => new RegExp(`\\b${relname}\\b`).test(text));
  const table = named.find(({ columns }) => columns.some(({ name }) => name === column));
  if (!table) return null;
  const key = `${table.name}.${column}`;
  if (!samples.has(key)) {
    const site = table.ofSites ? 'tenant_id = 1 AND' : '';
    const { rows } = await owner.query(
      `SELECT "${column}"::text AS value FROM ${table.name}
       WHERE ${site} "${column}" IS NOT NULL OFFSET 100 LIMIT 1`,
    );
    samples.set(key, rows[0]?.value ?? null);
  }
  return samples.get(key);
}

// Values for $1 …: what the compared column holds, else one of the type.
async function values(text, types) {
  const found = [];
  for (const [index, type] of types.entries()) {
    const number = `\\$${index + 1}(?!\\d)`;
    const cast = '(?:::[a-z_]+(?:\\[\\])?)?';
    const compares = '\\s*(?:=|<>|<=|>=|<|>|IN|BETWEEN)\\s*';
    const column = (pattern) => text.match(new RegExp(pattern, 'i'))?.[1];
    const before = column(`(\\w+)${compares}(?:ANY\\s*)?\\(?\\s*${number}`);
    const after = column(`${number}${cast}${compares}(?:\\w+\\.)?(\\w+)`);
    const element = type.replace(/\[\]$/, '');
    let value = null;
    for (const name of [before, after]) if (name) value ??= await sample(text, name);
    value ??= byDefault[element] ?? null;
    found.push(value !== null && element !== type ? `{"${value}"}` : value);
  }
  return found;
}

const literal = (value, type) => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'::${type}`);

// The plan as it ran, or as it would when the statement refuses made-up values.
async function explain(client, statement) {
  await client.query('BEGIN');
  try {
    await client.query(
      `SELECT set_config('vitrine.tenant', '1', true), set_config('search_path', $1, true)`,
      [statement.searchPath],
    );
    await client.query(`PREPARE planned AS ${statement.text}`);
    const { rows: [{ types }] } = await client.query(
      `SELECT parameter_types::text[] AS types FROM pg_prepared_statements WHERE name = 'planned'`);
    const list = (await values(statement.text, types)).map((value, i) => literal(value, types[i]));
    const execute = `EXECUTE planned${list.length ? `(${list.join(', ')})` : ''}`;
    await client.query('SAVEPOINT before');
    const run = client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${execute}`).catch(async () => {
      await client.query('ROLLBACK TO before');
      return client.query(`EXPLAIN (FORMAT JSON) ${execute}`);
    });
    return (await run).rows[0]['QUERY PLAN'][0].Plan;
  } finally {
    await client.query('ROLLBACK');
    await client.query('DEALLOCATE ALL');
  }
}

function* nodes(plan) {
  yield plan;
  for (const child of plan.Plans ?? []) yield* nodes(child);
}

function faults(plan) {
  const found = [];
  for (const node of nodes(plan)) {
    const loops = node['Actual Loops'] ?? 1;
    const discarded = (node['Rows Removed by Filter'] ?? 0) * loops;
    const returned = (node['Actual Rows'] ?? 0) * loops;
    const table = node['Relation Name'];
    if (node['Node Type'] === 'Seq Scan' && !smallTables.includes(table)) {
      found.push(`reads ${table} whole (${node.Filter ?? 'no filter'})`);
    } else if (discarded >= discardedMin && discarded > discardedRatio * Math.max(returned, 1)) {
      const what = `${node['Node Type']} on ${table ?? node['CTE Name'] ?? 'what it made'}`;
      found.push(`${what} returns ${returned}, throws away ${discarded}: ${node.Filter}`);
    } else if ((node['Rows Removed by Join Filter'] ?? 0) * loops > discardedRatio * Math.max(returned, 10)) {
      found.push(`${node['Node Type']} returns ${returned}, throws away more: ${node['Join Filter']}`);
    }
  }
  return found;
}

// Fine when it is for a role that may run it; the app's statements and the platform's stand side
// by side.
async function examine(statement) {
  const answers = [];
  for (const [role, client] of Object.entries(roles)) {
    try {
      const found = faults(await explain(client, statement));
      if (found.length === 0) return [];
      answers.push(...found.map((fault) => `as ${role} ${fault}`));
    } catch (error) {
      if (error.code !== '42501') answers.push(`as ${role} is wrong: ${error.message}`);
    }
  }
  return answers.length ? answers : ['no role may run it'];
}

// Whether everything fits together is asked of whole tables: by hand, after a restore, at night.
const proofs = ['core/domain/invariant.sql', 'core/domain/ledger_verify.sql'];
const statements = readStatements().filter(({ file }) => !proofs.includes(file));
const planned = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|VALUES)\b/i;

test('there are statements to look at', () => assert.ok(statements.length >= 20));

for (const file of new Set(statements.map(({ file }) => file))) {
  test(`${file} reads what it needs`, async () => {
    const found = [];
    for (const statement of statements.filter((s) => s.file === file && planned.test(s.text))) {
      if (allowed[statement.name]) continue;
      for (const fault of await examine(statement)) found.push(`${statement.name} ${fault}`);
    }
    assert.deepEqual(found, []);
  });
}

test('slots of an offer are found by the offer, not by their time among those of all offers', async () => {
  const text = `SELECT slot_id FROM vt_slots($1, $2, false, 0, $3, $4, $3)`;
  const plan = await explain(roles.vitrine_app, { name: 'slots', text, searchPath: 'public' });
  const used = [...nodes(plan)].filter((node) => node['Relation Name'] === 'slot').map((node) => node['Index Name']);
  assert.deepEqual(used, ['slot_tenant_id_offer_id_starts_at_key']);
});

test('what is allowed still exists', () => {
  const names = statements.map(({ name }) => name);
  assert.deepEqual(Object.keys(allowed).filter((name) => !names.includes(name)), []);
});

test('the guard sees a whole read and a wasteful filter', async () => {
  const guard = (text) => examine({ name: 'guard', text, searchPath: 'public' });
  for (const wasteful of [
    `SELECT slug FROM offer WHERE title ->> 'en' = $1`,
    'SELECT order_id FROM orders WHERE lower(email) = $1',
    'SELECT job_id FROM job WHERE kind = $1',
  ]) {
    assert.match((await guard(wasteful)).join(), /throws away|whole/);
  }
  assert.match((await guard('SELECT nothing FROM offer')).join(), /is wrong/);
  assert.deepEqual(await guard('SELECT offer_id FROM offer WHERE tenant_id = $1 AND slug = $2'), []);
  assert.deepEqual(await guard('SELECT offer_id FROM offer WHERE slug = $1'), []);
});
