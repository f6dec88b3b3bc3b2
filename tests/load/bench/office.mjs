// The back office of a venue with a hundred thousand orders: search as one types, the day's schedule
// with two hundred slots, all orders as a file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { manyOrders } from '../../lib/orders.mjs';
import { court as courtOffer, tour } from '../../lib/site.mjs';
import { readStatements } from '../../lib/statements.mjs';
import { takePlaces } from '../../lib/stock.mjs';
import { Visitor } from '../../lib/visitor.mjs';
import { computed } from './pages.mjs';
import { alternate } from './rounds.mjs';
import { p99AtRate } from './tools.mjs';
import { pgbenchScript, traced } from './trace.mjs';

const orders = 100_000;
// What a busy desk types, key by key: many times what one person can.
const typed = 40;
const bin = '/usr/lib/postgresql/15/bin';
const every = [1, 2, 3, 4, 5, 6, 7];
const times = Array.from({ length: 20 }, (_, i) => `${String(9 + Math.floor(i / 2)).padStart(2, '0')}:${i % 2 ? '30' : '00'}`);

// Ten offers of twenty times a day, two of them courts, half of which are booked.
async function officeSite(stage) {
  if (stage.office) return stage.office;
  const schedule = [{ days: every, at: times }];
  const offers = [
    ...Array.from({ length: 8 }, (_, i) => tour({ slug: `tour-${i + 1}`, schedule })),
    ...[1, 2].map((i) => courtOffer({ slug: `court-${i}`, resource: `court-${i}`, schedule })),
  ];
  const resources = [1, 2].map((i) => ({ code: `court-${i}`, name: `Court ${i}`, kind: 'court' }));
  const site = await stage.server.createSite({ slug: 'house-of-orders', offers, resources });
  await manyOrders(stage.server, site, orders);
  const [{ tenant }] = await stage.sql('SELECT tenant_id::text AS tenant FROM site WHERE slug = $1', [site.slug]);
  const [{ day }] = await stage.sql(`SELECT ((now() AT TIME ZONE 'Europe/Paris')::date + 3)::text AS day`);
  const slots = await stage.sql(
    `SELECT s.slot_id::text AS id, o.slug FROM slot s JOIN offer o USING (tenant_id, offer_id)
      WHERE s.tenant_id = $1 AND (s.starts_at AT TIME ZONE 'Europe/Paris')::date = $2::date ORDER BY s.starts_at`,
    [tenant, day],
  );
  assert.equal(slots.length, 200);
  await stage.sql('UPDATE slot SET taken = 6 WHERE tenant_id = $1 AND capacity >= 6', [tenant]);
  for (const court of ['court-1', 'court-2']) {
    const booked = slots.filter(({ slug }) => slug === court).filter((_, i) => i % 2 === 0);
    for (const { id } of booked) await takePlaces(stage.server, id, 1, { resource: court });
  }
  await stage.settle();
  return (stage.office = { ...site, tenant, day });
}

async function logIn(stage, site) {
  const visitor = new Visitor({ host: stage.host(site.slug), port: stage.server.port });
  const { email, password } = site.manager;
  const answer = await visitor.postJson('/manage/login', { email, password });
  assert.equal(answer.status, 200, answer.text);
  return visitor;
}

const cookieOf = (visitor) => [...visitor.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');

// As names, numbers and addresses are typed, from the second letter on.
async function searches(stage, site) {
  const some = await stage.sql(
    'SELECT code, name, email FROM orders WHERE tenant_id = $1 AND code IS NOT NULL ORDER BY md5(code) LIMIT 6', [site.tenant]);
  const words = some.flatMap(({ code, name, email }) => {
    const [first, last] = name.split(' ');
    return [first.slice(0, 2), first, `${first} ${last.slice(0, 2)}`, `${first} ${last}`, last.slice(0, 3), code.slice(0, 4), code,
      email.slice(0, email.indexOf('@') + 1), email];
  });
  return [...new Set(words), 'nobody'].map((word) => `/manage/orders?q=${encodeURIComponent(word)}`);
}

export async function orderSearch(stage, { seconds }) {
  const site = await officeSite(stage);
  await stage.serve();
  const visitor = await logIn(stage, site);
  const paths = await searches(stage, site);
  for (const path of paths) {
    const page = await visitor.get(path);
    assert.equal(page.status, 200, path);
    assert.equal(page.text.includes('row-link'), !path.endsWith('nobody'), path);
  }
  const headers = { Host: stage.host(site.slug), 'Accept-Encoding': 'gzip', Cookie: cookieOf(visitor) };
  const how = { headers, rate: typed, clients: 8, seconds: Math.max(seconds, 3) };
  return [{ name: 'order_search', unit: 'ms p99', value: await p99AtRate(paths.map((path) => stage.url(path)), how) }];
}

export async function officeDay(stage, options) {
  const site = await officeSite(stage);
  const path = `/manage/schedule?date=${site.day}`;
  let visitor;
  const script = await traced(stage, {}, async (units) => {
    visitor = await logIn(stage, site);
    await visitor.get(path);
    await units();
    const page = await visitor.get(path);
    assert.equal(page.status, 200);
    assert.ok((page.text.match(/\/manage\/schedule\/slots\/\d+/g) ?? []).length >= 200, 'not all of the slots');
    return pgbenchScript(await units());
  });
  const headers = { Host: stage.host(site.slug), 'Accept-Encoding': 'gzip', Cookie: cookieOf(visitor) };
  return computed(stage, { name: 'office_day', path, script, headers, settings: {}, ...options });
}

const execute = promisify(execFile);
const nothing = { maxBuffer: 1 << 20, timeout: 60_000 };

// Seconds that all of the orders take to `wc`, and how many lines it counted.
async function timed(command) {
  const start = performance.now();
  const { stdout } = await execute('bash', ['-c', `set -o pipefail; ${command} | wc -l`], nothing);
  return { seconds: (performance.now() - start) / 1000, lines: Number(stdout) };
}

// The export's statement for all orders at once, with the plan that PostgreSQL likes best.
function copyOf(site) {
  const { text } = readStatements().find(({ name }) => name === 'orders_export');
  const all = `(SELECT f.order_id, row_number() OVER (ORDER BY f.placed_at DESC, f.order_id DESC) AS place
                  FROM orders f WHERE f.tenant_id = $1 AND f.placed_at IS NOT NULL AND NOT f.practice) AS w`;
  const whole = text.replace('unnest($2::bigint[]) WITH ORDINALITY AS w (order_id, place)', all);
  assert.ok(whole.includes(all) && !whole.includes('$2'));
  return `BEGIN; SET LOCAL vitrine.tenant = '${site.tenant}'; SET LOCAL jit = off;
          COPY (${whole.replaceAll('$1', `'${site.tenant}'::bigint`).replaceAll('$3', `'t'`)}) TO STDOUT (FORMAT csv)`;
}

export async function export100k(stage, { rounds }) {
  const site = await officeSite(stage);
  await stage.serve();
  const cookie = cookieOf(await logIn(stage, site));
  const url = stage.url('/manage/orders/export.csv');
  const ours = async () => timed(`curl -sSf -H 'Host: ${stage.host(site.slug)}' -H 'Cookie: ${cookie}' ${url}`);
  const { socket, name } = stage.database;
  const peers = async () => timed(`${bin}/psql -Xq -h ${socket} -U vitrine_app ${name} -c "${copyOf(site).replaceAll('"', '\\"').replaceAll('$', '\\$')}"`);
  // Both know everything, and give the same lines.
  const [first, other] = [await ours(), await peers()];
  assert.ok(first.lines > orders && first.lines === other.lines + 1, `${first.lines} lines, ${other.lines} by COPY`);
  const before = stage.workerMemory();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, stage.workerMemory())), 20);
  const found = await alternate(rounds, async () => orders / (await ours()).seconds, async () => orders / (await peers()).seconds);
  clearInterval(watch);
  await sleep(100);
  const after = stage.workerMemory();
  return [
    { name: 'export_100k', unit: 'orders/s', peer: 'COPY', ...found },
    { name: 'export_100k_memory', unit: 'MB more', value: Math.max(most, after) - before },
  ];
}
