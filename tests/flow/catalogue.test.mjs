// Sites are kept apart by the database itself: what its catalogue says of every table, and what
// the app and the platform can really do with rows of two sites.
import assert from 'node:assert/strict';
import test from 'node:test';
import { atEnd } from '../lib/place.mjs';
import { connect, dropRules, fill, readTables } from '../lib/catalogue.mjs';
import { Postgres } from '../lib/index.mjs';

// Tables without a site, seen by the platform or the owner only.
const globalTables = ['operator', 'operator_recovery', 'operator_session', 'person', 'plan', 'rollout', 'schema_migration', 'site_import', 'site_import_part'];

// What the platform may do with the tables it sees.
const platformRights = {
  // The queue of requests across sites; decisions are written for the site, as the app.
  approval: 'SELECT',
  attempt: 'DELETE INSERT SELECT UPDATE',
  audit: 'INSERT SELECT',
  feature: 'SELECT',
  job: 'DELETE INSERT SELECT UPDATE',
  operator: 'DELETE INSERT SELECT UPDATE',
  operator_recovery: 'DELETE INSERT SELECT',
  operator_session: 'DELETE INSERT SELECT UPDATE',
  // Verified persons, whom no site sees.
  person: 'DELETE INSERT SELECT UPDATE',
  // What sites may switch on, the operators' own.
  plan: 'DELETE INSERT SELECT UPDATE',
  plugin_error: 'DELETE SELECT',
  // One change on many sites, and what became of it on each.
  rollout: 'DELETE INSERT SELECT UPDATE',
  rollout_site: 'DELETE INSERT SELECT UPDATE',
  site: 'DELETE INSERT SELECT UPDATE',
  // Whether the program and the tables fit together.
  schema_migration: 'SELECT',
  // Files of sites on their way in belong to none yet.
  site_import: 'DELETE INSERT SELECT UPDATE',
  site_import_part: 'DELETE INSERT SELECT',
  site_revision: 'INSERT SELECT UPDATE',
  // An operator whose password changes leaves every back office.
  support_access: 'SELECT UPDATE',
};

// Tables of which it sees some columns only.
const platformColumns = {
  // Of which sites a verified person is a customer; nothing of what the site knows of them.
  customer: 'customer_id email_folded person_id tenant_id verified_at',
  // Which sites' mails were refused; not whose mailbox it was.
  mail: 'at state tenant_id',
};

// Indexes across sites, for what the platform does across sites.
const platformIndexes = {
  approval_state: 'the console shows requests of all sites, those that wait first',
  support_access_open: 'the visits of one operator, in all sites',
  rollout_site_list: 'a change is shown and gone through site by site',
  site_words: 'the console finds sites by words of their name and address',
  site_of_state: 'the console lists the sites of one state',
  site_of_plan: 'the console lists the sites of one plan',
  site_slug_key: 'addresses are unique among all sites',
  site_skeleton_key: 'look-alikes are unique among all sites',
  site_revision_changed: 'every process looks for changes of any site',
  job_due: 'jobs are picked up across sites',
  job_slow_due: 'jobs that wait for strangers are picked up across sites',
  job_done: 'done jobs are removed across sites',
  job_failed: 'failed jobs are shown across sites',
  attempt_ended: 'ended windows are removed across sites',
  plugin_error_last: 'the console shows the newest errors of all sites',
};

const policy = `(tenant_id = (NULLIF(current_setting('vitrine.tenant'::text, true), ''::text))::bigint)`;

const postgres = await Postgres.shared();
const database = await postgres.clone();
const owner = await connect(postgres, database, 'vitrine_owner');
const app = await connect(postgres, database, 'vitrine_app');
const platform = await connect(postgres, database, 'vitrine_platform');
atEnd(async () => {
  for (const client of [owner, app, platform]) await client.end();
  await postgres.drop(database);
});

const tables = await readTables(owner);
const siteTables = tables.filter(({ ofSites }) => ofSites);
const ask = async (text, params) => (await owner.query(text, params)).rows;
const ours = `(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')`;

test('there are tables to look at', () => assert.ok(siteTables.length >= 30));

test('every table is a site\'s or one of the few without', () => {
  const others = tables.filter(({ ofSites }) => !ofSites).map(({ relname }) => relname);
  assert.deepEqual(others.filter((name) => !globalTables.includes(name)), []);
  for (const { name, columns } of siteTables) {
    const { type, required } = columns.find((column) => column.name === 'tenant_id');
    assert.deepEqual({ name, type, required }, { name, type: 'bigint', required: true });
  }
});

test('row-level security is on, forced, and compares the setting only', async () => {
  assert.deepEqual(siteTables.filter(({ secured, forced }) => !secured || !forced), []);
  for (const { oid, name, relname } of siteTables) {
    const policies = await ask(
      `SELECT polname AS policy, pg_get_expr(polqual, polrelid) AS using,
         pg_get_expr(polwithcheck, polrelid) AS check, polcmd AS command,
         polpermissive AS permissive, array_to_string(polroles::regrole[], ' ') AS roles
       FROM pg_policy WHERE polrelid = $1 ORDER BY polname DESC`,
      [oid],
    );
    const expected = [
      {
        policy: 'tenant',
        using: policy,
        check: null,
        command: '*',
        permissive: true,
        roles: 'vitrine_app',
      },
    ];
    if (platformRights[relname] ?? platformColumns[relname]) {
      expected.push({ ...expected[0], policy: 'platform', using: 'true', roles: 'vitrine_platform' });
    }
    assert.deepEqual(policies, expected, name);
  }
});

test('tenant_id is first in every key and index', async () => {
  const indexes = await ask(
    `SELECT i.relname AS index, x.indrelid::regclass::text AS table, (
         SELECT a.attname FROM pg_attribute a
         WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[0]) AS first
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
     WHERE x.indrelid = ANY ($1::oid[]) ORDER BY 1`,
    [siteTables.map(({ oid }) => oid)],
  );
  const across = indexes.filter(({ first }) => first !== 'tenant_id');
  assert.deepEqual(across.filter(({ index }) => !platformIndexes[index]), []);
  const gone = Object.keys(platformIndexes).filter((name) => !across.some(({ index }) => index === name));
  assert.deepEqual(gone, [], 'no longer there');
});

test('foreign keys stay inside a site', async () => {
  const keys = await ask(`
    SELECT k.conname AS key, k.conrelid, k.confrelid, k.confdeltype AS on_delete,
      here.attname AS first, there.attname AS first_there
    FROM pg_constraint k
    JOIN pg_attribute here ON here.attrelid = k.conrelid AND here.attnum = k.conkey[1]
    JOIN pg_attribute there ON there.attrelid = k.confrelid AND there.attnum = k.confkey[1]
    WHERE k.contype = 'f' AND k.conrelid IN ${ours} ORDER BY 1`);
  const ofSites = new Set(siteTables.map(({ oid }) => oid));
  for (const { key, conrelid, confrelid, on_delete, first, first_there } of keys) {
    const inSite = ofSites.has(conrelid);
    assert.equal(ofSites.has(confrelid), inSite, `${key} crosses the border of the sites' tables`);
    if (inSite) assert.deepEqual([first, first_there], ['tenant_id', 'tenant_id'], key);
    assert.ok(['a', 'r', 'c'].includes(on_delete), `${key} sets something on delete`);
  }
});

// They refuse: what is never changed may only forget a person.
const refusals = ['audit_forgets', 'order_event_forgets', 'order_note_forgets'];

test('no trigger, rule, view or function with its owner\'s rights', async () => {
  const found = await ask(`
    SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ${ours}
    UNION ALL SELECT rulename FROM pg_rewrite WHERE ev_class IN ${ours}
    UNION ALL SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prosecdef AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')`);
  assert.deepEqual(found.filter(({ name }) => !refusals.includes(name)), []);
});

test('app and platform own nothing and bypass nothing', async () => {
  const roles = await ask(`
    SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
      (SELECT count(*)::int FROM pg_shdepend WHERE refobjid = r.oid AND deptype = 'o') AS owned,
      (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS member_of,
      has_schema_privilege(r.oid, 'public', 'CREATE') AS creates
    FROM pg_roles r WHERE rolname IN ('vitrine_app', 'vitrine_platform')`);
  assert.equal(roles.length, 2);
  for (const { rolname, ...powers } of roles) {
    for (const [power, has] of Object.entries(powers)) assert.ok(!has, `${rolname} ${power}`);
  }
});

const rights = async (role) => {
  const all = 'SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER'.split(' ');
  const rows = await ask(
    `SELECT CASE c.relnamespace WHEN 'public'::regnamespace THEN '' ELSE c.relnamespace::regnamespace || '.' END || c.relname AS name,
            string_agg(p, ' ' ORDER BY p) AS rights
     FROM pg_class c, unnest($2::text[]) p
     WHERE c.relkind IN ('r', 'p') AND c.oid IN ${ours} AND has_table_privilege($1, c.oid, p)
     GROUP BY 1 ORDER BY 1`,
    [role, all],
  );
  return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]));
};

test('the platform sees its named tables only', async () => {
  assert.deepEqual(await rights('vitrine_platform'), platformRights);
  const columns = await ask(`
    SELECT c.relname AS name, string_agg(a.attname, ' ' ORDER BY a.attname) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.oid IN ${ours} AND NOT has_table_privilege('vitrine_platform', c.oid, 'SELECT')
      AND has_column_privilege('vitrine_platform', c.oid, a.attnum, 'SELECT') GROUP BY 1`);
  assert.deepEqual(Object.fromEntries(columns.map(({ name, columns: list }) => [name, list])), platformColumns);
  const changes = await ask(`
    SELECT c.relname AS name FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.oid IN ${ours}
      AND c.relname = ANY ($1) AND has_any_column_privilege('vitrine_platform', c.oid, 'INSERT, UPDATE')`,
  [Object.keys(platformColumns)]);
  assert.deepEqual(changes, []);
});

test('the app has no right on tables without a site, and nobody truncates', async () => {
  const held = await rights('vitrine_app');
  for (const name of globalTables) assert.equal(held[name], undefined, name);
  for (const [name, words] of Object.entries(held)) {
    assert.doesNotMatch(words, /TRUNCATE|REFERENCES|TRIGGER/, name);
  }
  const open = await ask(
    `SELECT relname FROM pg_class, aclexplode(relacl) a WHERE oid IN ${ours} AND a.grantee = 0`,
  );
  assert.deepEqual(open, []);
});

test('with rows of two sites in every table', async (t) => {
  await dropRules(owner, tables);
  await fill(owner, tables, { from: 1, to: 2, count: 3 });
  const appRights = await rights('vitrine_app');
  const may = (table, right) => (appRights[table.name.replace(/^public\./, '')] ?? '').includes(right);

  // One statement as the app with that tenant, undone; the rows it touched or the refusal's words.
  const tryAs = async (client, tenant, text) => {
    await client.query('BEGIN');
    try {
      if (tenant !== undefined) {
        await client.query(`SELECT set_config('vitrine.tenant', $1, true)`, [tenant]);
      }
      const { rowCount, rows } = await client.query(text);
      return { count: rowCount, rows };
    } catch (error) {
      assert.equal(error.code, '42501', `${text}: ${error.message}`);
      return { refused: error.message };
    } finally {
      await client.query('ROLLBACK');
    }
  };

  await t.test('the owner sees both sites', async () => {
    for (const { name } of siteTables) {
      const [{ sites }] = await ask(`SELECT count(DISTINCT tenant_id)::int AS sites FROM ${name}`);
      assert.equal(sites, 2, name);
    }
  });

  await t.test('the app without a site sees, changes and removes no row', async () => {
    for (const tenant of [undefined, '']) {
      for (const table of siteTables) {
        const { name } = table;
        const statements = {
          SELECT: `SELECT 1 FROM ${name}`,
          UPDATE: `UPDATE ${name} SET tenant_id = tenant_id`,
          DELETE: `DELETE FROM ${name}`,
        };
        for (const [right, text] of Object.entries(statements)) {
          if (may(table, right)) assert.equal((await tryAs(app, tenant, text)).count, 0, text);
        }
      }
    }
  });

  await t.test('the app with a site meets its rows only', async () => {
    for (const table of siteTables) {
      const { name } = table;
      assert.ok(may(table, 'SELECT'), `${name}: the app reads it`);
      const { rows } = await tryAs(app, '1', `SELECT DISTINCT tenant_id::text AS site FROM ${name}`);
      assert.deepEqual(rows, [{ site: '1' }], name);
      const change = await tryAs(app, '1', `UPDATE ${name} SET tenant_id = tenant_id WHERE tenant_id = 2`);
      const removal = await tryAs(app, '1', `DELETE FROM ${name} WHERE tenant_id = 2`);
      if (may(table, 'UPDATE')) assert.equal(change.count, 0, name);
      else assert.match(change.refused, /permission denied/, name);
      if (may(table, 'DELETE')) assert.equal(removal.count, 0, name);
      else assert.match(removal.refused, /permission denied/, name);
    }
  });

  await t.test('the app with a site can neither write nor move rows into another', async () => {
    for (const table of siteTables) {
      const { name, columns } = table;
      const list = columns.filter(({ generated }) => !generated).map((column) => `"${column.name}"`);
      const values = list.map((column) => (column === '"tenant_id"' ? '2' : column));
      const copy = await tryAs(
        app,
        '1',
        `INSERT INTO ${name} (${list}) SELECT ${values} FROM ${name} LIMIT 1`,
      );
      assert.match(copy.refused, may(table, 'INSERT') ? /row-level security/ : /permission denied/, name);
      const move = await tryAs(app, '1', `UPDATE ${name} SET tenant_id = 2`);
      assert.match(move.refused, may(table, 'UPDATE') ? /row-level security/ : /permission denied/, name);
    }
  });

  await t.test('a setting that is no number shows nothing', async () => {
    await app.query(`SELECT set_config('vitrine.tenant', '1 OR true', false)`);
    await assert.rejects(app.query('SELECT 1 FROM offer'), { code: '22P02' });
    await app.query('RESET vitrine.tenant');
  });

  await t.test('the platform sees all sites of its tables, and no other table', async () => {
    for (const { name, relname } of siteTables) {
      const answer = await tryAs(platform, undefined, `SELECT DISTINCT tenant_id FROM ${name}`);
      if (platformRights[relname] ?? platformColumns[relname]) assert.equal(answer.count, 2, name);
      else assert.match(answer.refused, /permission denied/, name);
    }
  });
});
