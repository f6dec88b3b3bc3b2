// Postings: spread over accounts, and all on one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, root, temporaryFolder } from '../../lib/place.mjs';
import { alternate } from './rounds.mjs';
import { bestClients, pgbench } from './tools.mjs';
import { pgbenchScript } from './trace.mjs';

const many = 1000;
const hot = 1_000_000_001;
const clients = 64;

// A thousand and one accounts with one lot each, more than can be spent.
async function ledgerSite(stage) {
  if (stage.ledger) return stage.ledger;
  const site = await stage.server.createSite({ slug: 'house-of-points' });
  const [{ tenant }] = await stage.sql('SELECT tenant_id::text AS tenant FROM site WHERE slug = $1', [site.slug]);
  await stage.sql(
    `WITH n AS (SELECT $1::bigint AS tenant, $2::bigint + i AS id FROM generate_series(0, $3::int) i),
          account AS (INSERT INTO ledger_account (tenant_id, account_id, plugin, code, unit, is_system, created_at)
                      SELECT tenant, id, 'bench', 'purse:' || id, 'points', false, now() FROM n
                       UNION ALL SELECT $1::bigint, 1, 'bench', 'issued', 'points', true, now()),
          posting AS (INSERT INTO posting (tenant_id, posting_id, plugin, key, fingerprint, kind, unit, at, actor_kind)
                      SELECT tenant, id, 'bench', 'given:' || id, '', 'given', 'points', now(), 'system' FROM n),
          lot AS (INSERT INTO lot (tenant_id, lot_id, account_id, posting_id, amount, expires_at)
                  SELECT tenant, id, id, id, 1e12, 'infinity' FROM n),
          entry AS (INSERT INTO entry (tenant_id, posting_id, number, account_id, lot_id, amount)
                    SELECT tenant, id, 1, id, id, 1e12 FROM n UNION ALL SELECT tenant, id, 2, 1, NULL, -1e12 FROM n)
     INSERT INTO lot_balance (tenant_id, lot_id, account_id, expires_at, amount, remaining)
     SELECT tenant, id, id, 'infinity', 1e12, 1e12 FROM n`, [tenant, hot, many]);
  return (stage.ledger = { slug: site.slug, tenant });
}

async function post(stage, site, first, count, seconds, trace) {
  const args = [site.tenant, first, count, clients, seconds, ...(trace ? [trace] : [])].map(String);
  const env = { ...process.env, VITRINE_DATABASE_URL: stage.server.env.VITRINE_DATABASE_URL };
  return Number((await promisify(execFile)(join(build, 'ledger_bench'), args, { cwd: root, env })).stdout);
}

// The unit of a posting, twice, as a script of the peer's.
async function scriptOf(stage, site, first, count, vary) {
  const file = join(temporaryFolder(), 'ledger.trace');
  await post(stage, site, first, count, 1, file);
  const [once, again] = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  rmSync(file);
  return pgbenchScript([once], [again], vary);
}

async function measured(stage, site, name, { first, count, script, seconds, rounds }) {
  await post(stage, site, first, count, 1);
  await stage.settle();
  const best = await bestClients(stage.database, script, Math.min(seconds, 2));
  const found = await alternate(
    rounds,
    () => post(stage, site, first, count, seconds),
    () => pgbench(stage.database, script, { clients: best, seconds }),
  );
  return { name, unit: 'postings/s', peer: `pgbench c=${best}`, ...found };
}

export async function ledgerPost(stage, { seconds, rounds }) {
  const site = await ledgerSite(stage);
  await stage.pause();
  const one = await scriptOf(stage, site, hot, 1, {});
  const spread = await scriptOf(stage, site, hot, 1, { [hot]: `random(${hot + 1}, ${hot + many})` });
  const lines = [
    await measured(stage, site, 'ledger_post', { first: hot + 1, count: many, script: spread, seconds, rounds }),
    await measured(stage, site, 'ledger_post_hot', { first: hot, count: 1, script: one, seconds, rounds }),
  ];
  assert.match(await stage.server.vitrine('ledger', 'verify', '--site', site.slug), /holds/);
  return lines;
}
