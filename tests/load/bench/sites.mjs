// Ten thousand sites, asked for as the popular and the unpopular are (Zipf), against ten: processor
// time a request, its p99 at a fixed rate, and what a worker keeps in memory. Nothing is cached but
// what a worker knows of a site. Then the same for a page that a Lua plugin takes part in.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { root } from '../../lib/place.mjs';
import { tour } from '../../lib/site.mjs';
import { Visitor } from '../../lib/visitor.mjs';
import { median } from './rounds.mjs';
import { wrk } from './tools.mjs';

const count = 10_000;
const few = 10;
const first = 1_000_000_000;

// Copies a small site's rows of every table, all under new numbers, site by site as they would have
// come, with slots for a fortnight and the basket of one guest, whose token is the same everywhere.
async function manySites(stage) {
  if (stage.many) return stage.many;
  const schedule = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00'] }];
  const sales = { min_per_order: 1, max_per_order: 8, opens_days_before: 7, closes_min_before: 0 };
  const offers = ['tour', 'walk'].map((slug) => tour({ slug, schedule, sales }));
  const features = { 'pay-at-venue': {} };
  const site = await stage.server.createSite({ slug: 'house-of-many', offers, features });
  await stage.serve();
  const guest = new Visitor({ host: stage.host(site.slug), port: stage.server.port });
  await fillBasket(stage, site, guest);
  guest.close();
  await stage.sql(
    `DELETE FROM slot USING site WHERE site.tenant_id = slot.tenant_id AND slug = $1
        AND starts_at > now() + interval '14 days'`,
    [site.slug],
  );
  await stage.server.postgres.sql(stage.server.database, copyAll(site.slug), [], 'postgres');
  await stage.settle();
  const cookie = [...guest.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');
  return (stage.many = { cookie });
}

async function fillBasket(stage, site, guest) {
  const [{ slot_id: slot }] = await stage.sql(
    `SELECT slot_id FROM slot JOIN site USING (tenant_id)
      WHERE slug = $1 AND starts_at > now() + interval '1 day' ORDER BY starts_at LIMIT 1`,
    [site.slug],
  );
  const held = await guest.post('/offers/tour', { form: { slot, quantity_adult: '1' } });
  assert.equal(held.status, 303, held.text);
  const told = await guest.postJson('/checkout', { name: 'Ann Buyer', email: 'ann@buyer.example' });
  assert.equal(told.status, 200, told.text);
  await stage.sql(
    `UPDATE orders SET hold_until = now() + interval '1 day'
      WHERE tenant_id = (SELECT tenant_id FROM site WHERE slug = $1)`,
    [site.slug],
  );
}

// As the superuser with triggers off, so that foreign keys aren't looked up a million times.
const copyAll = (slug) => `
  SET session_replication_role = replica;
  DO $$
  DECLARE
    source bigint := (SELECT tenant_id FROM site WHERE slug = '${slug}');
    name text; columns text; picked text;
  BEGIN
    FOR name, columns, picked IN
      SELECT c.table_name, string_agg(quote_ident(c.column_name), ', '),
             string_agg(CASE WHEN c.column_name = 'tenant_id' THEN '${first} + n'
                             WHEN c.table_name = 'site' AND c.column_name IN ('slug', 'skeleton') THEN '''site-'' || n'
                             WHEN c.data_type = 'bigint' AND c.column_name LIKE '%\_id' THEN format('t.%I + n * 1000003::bigint', c.column_name)
                             ELSE 't.' || quote_ident(c.column_name) END, ', ')
        FROM information_schema.columns c
        JOIN pg_tables p ON p.schemaname = 'public' AND p.tablename = c.table_name
       WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER'
         AND EXISTS (SELECT 1 FROM information_schema.columns k
                      WHERE k.table_schema = 'public' AND k.table_name = c.table_name AND k.column_name = 'tenant_id')
         AND c.table_name NOT IN ('job', 'audit', 'mail', 'attempt', 'idempotency')
       GROUP BY c.table_name
    LOOP
      EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %I t, generate_series(1, ${count}) n WHERE t.tenant_id = %s ORDER BY n',
                     name, columns, picked, name, source);
    END LOOP;
  END $$;`;

const zipf = join(root, 'tests/load/bench/zipf.lua');

// Seconds of processor a request, Vitrine's and PostgreSQL's together.
async function costOf(stage, page, sites, seconds) {
  const before = stage.cpu();
  const { requests } = await wrk(stage.url(page.path), {
    headers: page.headers,
    script: zipf,
    args: [sites, page.path],
    seconds,
  });
  const after = stage.cpu();
  const spent = after.vitrine - before.vitrine + after.postgres - before.postgres;
  return { microseconds: (spent / requests) * 1e6, rate: requests / seconds };
}

// h2load sends one host's name only, so wrk keeps the rate here: 16 connections that pause.
async function p99Of(stage, page, sites, rate, seconds) {
  const pause = Math.round((16 / rate) * 1000);
  const how = { headers: page.headers, script: zipf, clients: 16, seconds };
  return (await wrk(stage.url(page.path), { ...how, args: [sites, page.path, pause] })).p99;
}

// Every site in turn, as on a server that has been up for a while.
async function meetAll(stage, page) {
  const how = { headers: page.headers, script: zipf, args: [-count, page.path], seconds: 4 };
  for (let met = 0, tries = 0; met < page.visits * count && tries < 15; tries++) {
    met += (await wrk(stage.url(page.path), how)).requests;
  }
}

async function measure(stage, name, page, { seconds, rounds }) {
  await stage.pause();
  await stage.serve({ VITRINE_CACHE: 'off' });
  await meetAll(stage, page);
  await costOf(stage, page, few, 1);
  const [many, ten] = [[], []];
  for (let i = 0; i < rounds; i++) {
    many.push(await costOf(stage, page, count, seconds));
    ten.push(await costOf(stage, page, few, seconds));
  }
  const ratio = median(many.map((m, i) => m.microseconds / ten[i].microseconds));
  const [value, peer] = [many, ten].map((all) => median(all.map((m) => m.microseconds)));
  const rate = median(many.map((m) => m.rate)) * 0.3;
  const [p99, tens] = [await p99Of(stage, page, count, rate, seconds), await p99Of(stage, page, few, rate, seconds)];
  return [
    { name, unit: 'µs CPU', value, peer: `${few} sites`, peer_value: peer, ratio },
    { name: `${name}_p99`, unit: 'ms', value: p99, peer: `${few} sites`, peer_value: tens, ratio: p99 / tens },
    { name: `${name}_memory`, unit: 'MB', value: stage.workerMemory() },
  ];
}

export async function sites10k(stage, options) {
  const { cookie } = await manySites(stage);
  const visits = options.quick ? 1 : 3;
  const home = { path: '/', headers: {}, visits };
  const pay = { path: '/checkout/pay', headers: { Cookie: cookie }, visits };
  return [...(await measure(stage, 'sites_10k', home, options)), ...(await measure(stage, 'sites_10k_lua', pay, options))];
}
