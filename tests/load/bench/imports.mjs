// A venue imports a hundred thousand customers (twenty thousand with --quick), from Apply to done,
// beside psql, which has the same rows and search terms in a staging table and writes what the
// import writes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { base, csv, look, mapping, name as plugin, people, send } from '../../../plugins/customer-import/tests/lib.mjs';
import { temporaryFolder } from '../../lib/place.mjs';
import { Visitor } from '../../lib/visitor.mjs';
import { alternate } from './rounds.mjs';

const bin = '/usr/lib/postgresql/15/bin';

async function until(stage, id, state) {
  for (const end = Date.now() + 600_000; Date.now() < end; await sleep(100)) {
    const [now] = await stage.sql('SELECT state FROM plugin_customer_import.import WHERE import_id = $1', [id]);
    if (now.state === state) return;
  }
  throw new Error(`the import isn't ${state} after ten minutes`);
}

// Looked at, to be applied.
async function prepare(stage, visitor, file) {
  const { id } = (await send(visitor, file)).json;
  const mapped = await visitor.postJson(`${base}/${id}/map`, mapping(await look(visitor, id)));
  assert.equal(mapped.status, 200, mapped.text);
  await until(stage, id, 'preview');
  return look(visitor, id);
}

// As the import left them, a customer a line with the search terms.
async function staged(stage, tenant) {
  const { socket, name } = stage.database;
  const folder = temporaryFolder();
  const file = join(folder, 'staging.txt');
  const rows = `COPY (SELECT c.first_name, c.last_name, c.email, c.email_folded, c.phone, c.gender, c.birthdate, t.terms
    FROM customer c CROSS JOIN LATERAL (SELECT array_agg(s.term) AS terms FROM search_term s
    WHERE s.tenant_id = c.tenant_id AND s.kind = 'customer' AND s.object_id = c.customer_id) t WHERE c.tenant_id = ${tenant}) TO STDOUT`;
  const { stdout } = await promisify(execFile)(`${bin}/psql`, ['-Xq', '-h', socket, '-U', 'vitrine_owner', name, '-c', rows], { maxBuffer: 1 << 28 });
  writeFileSync(file, stdout);
  const script = join(folder, 'import.sql');
  writeFileSync(script, `
BEGIN;
SELECT set_config('vitrine.tenant', '${tenant}', true);
CREATE TEMPORARY TABLE staging (customer_id bigint DEFAULT vt_id(), first_name text, last_name text, email text, email_folded text,
  phone text, gender text, birthdate date, terms text[]) ON COMMIT DROP;
\\copy staging (first_name, last_name, email, email_folded, phone, gender, birthdate, terms) FROM '${file}'
INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone, gender, birthdate, language, made_by, created_at)
SELECT ${tenant}, n.customer_id, n.first_name, n.last_name, n.email, n.email_folded, n.phone, n.gender, n.birthdate, 'en', 'import', now()
  FROM staging n WHERE NOT EXISTS (SELECT 1 FROM customer o WHERE o.tenant_id = ${tenant} AND o.email_folded = n.email_folded);
INSERT INTO search_term (tenant_id, kind, term, object_id)
SELECT ${tenant}, 'customer', t.term, n.customer_id FROM staging n CROSS JOIN LATERAL unnest(n.terms) AS t (term)
ON CONFLICT (tenant_id, kind, term, object_id) DO NOTHING;
INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id)
SELECT ${tenant}, now(), 'staff', 1, 'Mary Manager', 'customer.import', 'customer', n.customer_id::text FROM staging n;
COMMIT;
`);
  return script;
}

// As before the round: nobody, and nothing left of them.
async function clear(stage, tenant) {
  for (const table of ['customer', 'search_term', 'audit']) await stage.sql(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenant]);
  for (const table of ['customer', 'search_term', 'audit']) await stage.sql(`VACUUM ANALYZE ${table}`);
}

export async function import100k(stage, { quick, rounds }) {
  const count = quick ? 20_000 : 100_000;
  const site = await stage.server.createSite({ slug: 'house-of-imports', features: { [plugin]: {} } });
  const [{ tenant }] = await stage.sql('SELECT tenant_id::text AS tenant FROM site WHERE slug = $1', [site.slug]);
  await stage.serve();
  const visitor = new Visitor({ host: stage.host(site.slug), port: stage.server.port });
  const { email, password } = site.manager;
  assert.equal((await visitor.postJson('/manage/login', { email, password })).status, 200);
  const file = csv(people(count));
  const { socket, name } = stage.database;
  const known = async () => (await stage.sql('SELECT count(*)::int AS n FROM customer WHERE tenant_id = $1', [tenant]))[0].n;
  let script;
  let before = 0;
  let most = 0;
  const ours = async () => {
    await clear(stage, tenant);
    const page = await prepare(stage, visitor, file);
    assert.equal(page.new, count);
    before ||= stage.workerMemory();
    const watch = setInterval(() => (most = Math.max(most, stage.workerMemory())), 300);
    const start = performance.now();
    const answer = await visitor.postJson(`${base}/${page.id}/apply`, { version: page.version });
    assert.equal(answer.status, 200, answer.text);
    await until(stage, page.id, 'done');
    const rate = count / ((performance.now() - start) / 1000);
    clearInterval(watch);
    assert.equal(await known(), count);
    script ??= await staged(stage, tenant);
    return rate;
  };
  const peers = async () => {
    await clear(stage, tenant);
    const start = performance.now();
    await promisify(execFile)(`${bin}/psql`, ['-Xq', '-v', 'ON_ERROR_STOP=1', '-h', socket, '-U', 'vitrine_app', name, '-f', script]);
    const rate = count / ((performance.now() - start) / 1000);
    assert.equal(await known(), count);
    return rate;
  };
  const found = await alternate(Math.min(rounds, 3), ours, peers);
  return [
    { name: 'import_100k', unit: 'rows/s', peer: '\\copy, upserts', ...found },
    { name: 'import_100k_memory', unit: 'MB more', value: most - before },
  ];
}
