// What PostgreSQL's own catalogue says of our tables, and rows of any number for all of them. For
// tests of the schema as a whole: they find new tables, of plugins too, by themselves.
import pg from 'pg';

const schemas = `n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%'`;

export async function connect(postgres, database, role) {
  const client = new pg.Client({ host: postgres.socket, user: role, database });
  await client.connect();
  return client;
}

// Every table: name, columns, unique sets, foreign keys, checked words of text columns.
export async function readTables(client) {
  const { rows: tables } = await client.query(`
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relname, n.nspname AS schema,
      c.relrowsecurity AS secured, c.relforcerowsecurity AS forced
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND (${schemas}) ORDER BY 2`);
  for (const table of tables) {
    const { rows } = await client.query(
      `SELECT a.attname AS name, format_type(a.atttypid, -1) AS type, a.attnotnull AS required,
         a.attgenerated <> '' AS generated,
         EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'f'
           AND a.attnum = ANY (k.conkey)) AS foreign,
         EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
           AND a.attnum = ANY (i.indkey)) AS unique,
         (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conrelid = a.attrelid
           AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum] LIMIT 1) AS check
       FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
       ORDER BY a.attnum`,
      [table.oid],
    );
    table.columns = rows;
    table.ofSites = rows.some(({ name }) => name === 'tenant_id');
  }
  return tables;
}

const constants = {
  jsonb: `'{}'::jsonb`,
  json: `'{}'::json`,
  interval: `interval '1 hour'`,
  'time without time zone': `time '09:00'`,
  'time without time zone[]': `'{09:00}'::time[]`,
  'integer[]': `'{1,2}'::int[]`,
  'bigint[]': `'{1,2}'::bigint[]`,
  'text[]': `'{en}'::text[]`,
  inet: `inet '127.0.0.1'`,
};

// The column's value in row `g` of site `s`: eight rows share a parent, a quarter of what may be
// absent is.
export function expression(column) {
  const { name, type, foreign, unique, required } = column;
  if (name === 'tenant_id') return 's';
  const words = [...(column.check ?? '').matchAll(/'[a-z_]+'::text/g)];
  let value;
  if (constants[type]) value = constants[type];
  else if (['bigint', 'integer', 'smallint', 'numeric'].includes(type)) {
    value = `(${foreign ? '1 + (g - 1) / 8' : unique ? 'g' : '1 + g % 1000'})::${type}`;
  } else if (type === 'text' && words.length > 1) {
    value = `(ARRAY[${words.join()}])[1 + g % ${words.length}]`;
  } else if (type === 'text') value = `'v' || s || '-' || g`;
  else if (type === 'boolean') value = 'g % 2 = 0';
  else if (type === 'bytea') value = `decode(md5(s || '-' || g), 'hex')`;
  else if (type === 'uuid') value = `md5(s || '-' || g)::uuid`;
  else if (type.startsWith('timestamp')) {
    value = `(timestamptz '2026-11-01 00:00Z' + g * interval '1 minute')`;
  } else if (type === 'date') value = `(date '2026-11-01' + (g / 100)::int)`;
  else throw new Error(`no value for a column ${name} of type ${type}: teach tests/lib/catalogue.mjs`);
  return required || foreign || unique ? value : `CASE WHEN g % 4 > 0 THEN ${value} END`;
}

// Only for a throw-away database: its checks and foreign keys are dropped, so that rows can be made
// without knowing what they mean.
export async function dropRules(client, tables) {
  for (const table of tables) {
    const { rows } = await client.query(
      `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', $2::text, conname) AS drop
       FROM pg_constraint WHERE conrelid = $1 AND contype IN ('c', 'f') AND conparentid = 0`,
      [table.oid, table.name],
    );
    for (const { drop } of rows) await client.query(drop);
  }
}

// `count` rows for each of the sites `from` … `to`, in every table.
export async function fill(client, tables, { from, to, count }) {
  for (const table of tables) {
    const columns = table.columns.filter(({ generated }) => !generated);
    await client.query(
      `INSERT INTO ${table.name} (${columns.map(({ name }) => `"${name}"`).join(', ')})
       SELECT ${columns.map(expression).join(', ')}
       FROM generate_series($1::bigint, $2::bigint) s, generate_series(1::bigint, $3::bigint) g
       ON CONFLICT DO NOTHING`,
      [from, to, count],
    );
  }
}
