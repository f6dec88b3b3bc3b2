// Pages of a demo site: from memory against nginx, computed against their own statements in pgbench.
import assert from 'node:assert/strict';
import { Visitor } from '../../lib/visitor.mjs';
import { alternate } from './rounds.mjs';
import { bestClients, p99AtRate, pgbench, startNginx, wrk } from './tools.mjs';
import { pgbenchScript, traced } from './trace.mjs';
import { workers } from './stage.mjs';

const slug = 'beckwith-baths';
const offer = '/offers/the-long-bath';

async function demoSites(stage) {
  stage.demo ??= await stage.server.vitrine('site', 'demo', 'tenants/demo');
}

const visitorOf = (stage) => new Visitor({ host: stage.host(slug), port: stage.server.port });

// p99 of both at the same rate, 30 % of what the slower one can do at most.
async function latency(found, url, peerUrl, headers, seconds) {
  const rate = Math.min(found.value, found.peer_value) * 0.3;
  const value = await p99AtRate([url], { headers, rate, seconds });
  const peer = await p99AtRate([peerUrl], { headers, rate, seconds });
  return { value, peer_value: peer, ratio: value / peer };
}

// The peer answers with the same bytes under the same header fields.
async function checkAlike(url, page, own) {
  const { port, pathname } = new URL(url);
  const other = await new Visitor({ host: '127.0.0.1', port }).get(pathname);
  assert.ok(page.bytes.equals(other.bytes), 'nginx answers other bytes');
  for (const [name, value] of Object.entries(page.headers)) {
    if (!own.includes(name)) assert.equal(other.headers[name], value, `nginx answers another ${name}`);
  }
}

export async function pageCached(stage, { seconds, rounds }) {
  await demoSites(stage);
  await stage.serve();
  const headers = { Host: stage.host(slug), 'Accept-Encoding': 'gzip' };
  const page = await visitorOf(stage).get('/', { headers: { 'accept-encoding': 'gzip' } });
  const again = await visitorOf(stage).get('/', { headers: { 'accept-encoding': 'gzip' } });
  if (again.status !== 200 || !again.headers.etag) throw new Error('the home page is not cached');
  const { 'content-type': type, ...rest } = again.headers;
  const own = ['etag', 'content-length', 'date', 'server', 'connection', 'keep-alive', 'last-modified'];
  const same = Object.fromEntries(Object.entries(rest).filter(([name]) => !own.includes(name)));
  const nginx = await startNginx({ bytes: page.bytes, type, headers: same, workers });
  await checkAlike(nginx.url, page, own);
  // Until every worker has it in memory.
  await wrk(stage.url('/'), { headers, seconds: 1 });
  const found = await alternate(
    rounds,
    async () => (await wrk(stage.url('/'), { headers, seconds })).rate,
    async () => (await wrk(nginx.url, { headers, seconds })).rate,
  );
  const p99 = await latency(found, stage.url('/'), nginx.url, headers, seconds);
  await nginx.stop();
  return [
    { name: 'page_cached', unit: 'req/s', peer: 'nginx', ...found },
    { name: 'page_cached_p99', unit: 'ms', peer: 'nginx', ...p99 },
  ];
}

// A page's rate against its statements alone, then its p99 at 30 % of that rate.
export async function computed(stage, { name, path = offer, script, headers, seconds, rounds, settings }) {
  const clients = await bestClients(stage.database, script, Math.min(seconds, 2));
  await stage.serve(settings);
  await wrk(stage.url(path), { headers, seconds: 1 });
  const found = await alternate(
    rounds,
    async () => (await wrk(stage.url(path), { headers, seconds })).rate,
    async () => pgbench(stage.database, script, { clients, seconds }),
  );
  const p99 = await p99AtRate([stage.url(path)], { headers, rate: found.value * 0.3, seconds });
  const peer = `pgbench c=${clients}`;
  return [
    { name, unit: 'req/s', peer, ...found },
    { name: `${name}_p99`, unit: 'ms', value: p99 },
  ];
}

const off = { VITRINE_CACHE: 'off' };

export async function pageUncached(stage, options) {
  await demoSites(stage);
  const script = await traced(stage, off, async (units) => {
    await visitorOf(stage).get(offer);
    await units();
    const page = await visitorOf(stage).get(offer);
    if (page.status !== 200) throw new Error(`${offer}: ${page.status}`);
    return pgbenchScript(await units());
  });
  const headers = { Host: stage.host(slug), 'Accept-Encoding': 'gzip' };
  return computed(stage, { name: 'page_uncached', script, headers, settings: off, ...options });
}

// A guest with something in the basket: the page shows it, so nothing comes from a cache.
export async function pageSignedIn(stage, options) {
  await demoSites(stage);
  const visitor = visitorOf(stage);
  const script = await traced(stage, off, async (units) => {
    visitor.port = stage.server.port;
    await fillBasket(stage, visitor);
    await units();
    const page = await visitor.get(offer);
    if (page.status !== 200) throw new Error(`${offer}: ${page.status}`);
    return pgbenchScript(await units());
  });
  const cookie = [...visitor.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const headers = { Host: stage.host(slug), 'Accept-Encoding': 'gzip', Cookie: cookie };
  return computed(stage, { name: 'page_signed_in', script, headers, settings: off, ...options });
}

async function fillBasket(stage, visitor) {
  const [free] = await stage.sql(
    `SELECT s.slot_id, r.code FROM slot s JOIN offer o USING (tenant_id, offer_id) JOIN site USING (tenant_id)
       JOIN rate r USING (tenant_id, offer_id)
      WHERE site.slug = $1 AND o.slug = $2 AND s.starts_at > now() + interval '1 day' AND s.taken < s.capacity
      ORDER BY s.starts_at, r.position LIMIT 1`,
    [slug, offer.split('/').at(-1)],
  );
  const page = await visitor.post(offer, { form: { slot: free.slot_id, [`quantity_${free.code}`]: '1' } });
  if (page.status !== 303) throw new Error(`no basket: ${page.status} ${page.text}`);
}
