// Sales: a slot that everybody wants, and whole purchases over many slots.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Visitor } from '../../lib/visitor.mjs';
import { root } from '../../lib/place.mjs';
import { tour } from '../../lib/site.mjs';
import { alternate } from './rounds.mjs';
import { bestClients, pgbench, wrk } from './tools.mjs';
import { pgbenchScript, traced, twice } from './trace.mjs';

const buyers = 64;
const plenty = 1_000_000;

// A museum whose tours never sell out, numbered so that a script can name any of their slots.
async function saleSite(stage) {
  if (stage.sale) return stage.sale;
  const offers = [
    tour({ capacity: plenty, schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00', every_min: 15 }] }),
    tour({ slug: 'rare', capacity: 100 }),
  ];
  const site = await stage.server.createSite({ slug: 'house-of-sales', offers });
  await stage.sql(
    `UPDATE slot SET slot_id = 1000000000 + n FROM (
       SELECT tenant_id, slot_id AS old, row_number() OVER (ORDER BY offer.slug = 'tour', starts_at) AS n
         FROM slot JOIN offer USING (tenant_id, offer_id) JOIN site USING (tenant_id)
        WHERE site.slug = $1 AND starts_at > now() + interval '1 day') s
      WHERE slot.tenant_id = s.tenant_id AND slot.slot_id = s.old`,
    [site.slug],
  );
  const slots = await stage.sql(
    `SELECT offer.slug, min(slot_id)::text AS first, max(slot_id)::text AS last
       FROM slot JOIN offer USING (tenant_id, offer_id) JOIN site USING (tenant_id)
      WHERE site.slug = $1 AND slot_id BETWEEN 1000000000 AND 2000000000 GROUP BY 1`,
    [site.slug],
  );
  const of = (slug) => slots.find((s) => s.slug === slug);
  return (stage.sale = { slug: site.slug, tour: of('tour'), rare: of('rare') });
}

const visitorOf = (stage, site) => new Visitor({ host: stage.host(site.slug), port: stage.server.port });

async function hold(visitor, offer, slot) {
  const page = await visitor.post(`/offers/${offer}`, { form: { slot, quantity_adult: '1' } });
  assert.equal(page.status, 303, page.text);
}

const script = (name) => join(root, 'tests/load/bench', name);

// The unit that holds: what is read before it is no part of the queue for the slot. Once with every
// commit on disk, which is then what limits both, and once without waiting for the disk.
export async function hotSlot(stage, { quick, seconds, rounds }) {
  const site = await saleSite(stage);
  const slot = site.tour.first;
  const pgScript = await traced(stage, {}, async (units) => {
    const both = await twice(units, () => hold(visitorOf(stage, site), 'tour', slot));
    return pgbenchScript(...both.map((all) => all.filter((unit) => unit.set === 'write')));
  });
  const post = { headers: { Host: stage.host(site.slug) }, script: script('hold.lua'), clients: buyers };
  const holds = (offer, id, limit, refusals = false) =>
    wrk(stage.url(`/offers/${offer}`), { ...post, seconds: limit, args: [id], refusals });
  const measure = async () => {
    await holds('tour', slot, 1);
    await stage.settle();
    const clients = await bestClients(stage.database, pgScript, Math.min(seconds, 2));
    const ours = async () => (await holds('tour', slot, seconds)).rate;
    const found = await alternate(rounds, ours, () => pgbench(stage.database, pgScript, { clients, seconds }));
    return { unit: 'holds/s', peer: `pgbench c=${clients}`, ...found };
  };
  await stage.serve();
  const lines = [{ name: 'hot_slot', ...(await measure()) }];
  const purchases = await buyFor(stage, site, seconds, [slot, slot]);
  lines.push({ name: 'hot_slot_purchases', unit: 'purchases/s', value: purchases });
  const oversold = await rush(stage, site, () => holds('rare', site.rare.first, 3, true));
  lines.push({ name: 'hot_slot_oversold', unit: 'places', value: oversold });
  if (quick) return lines;
  await stage.waitForDisk(false);
  await stage.serve();
  lines.push({ name: 'hot_slot_no_disk', ...(await measure()) });
  await stage.waitForDisk(true);
  return lines;
}

// 100 places and as many buyers as come in two seconds: none is sold twice, none is left.
async function rush(stage, site, run) {
  const { said } = await run();
  const [{ taken, held }] = await stage.sql(
    `SELECT s.taken, (SELECT sum(quantity)::int FROM order_line l
                       WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id) AS held
       FROM slot s WHERE s.slot_id = $1`,
    [site.rare.first],
  );
  assert.ok(said.refused > 0, 'nobody came too late');
  assert.equal(taken, held);
  assert.ok(taken === 100, `${taken} of 100 places were sold`);
  return Math.max(0, held - 100);
}

// One guest's purchase, step by step as purchase.lua takes it.
async function buy(stage, site, slot) {
  const visitor = visitorOf(stage, site);
  const fields = {};
  const get = async (path) => {
    const page = await visitor.get(path);
    assert.equal(page.status, 200, `${path}: ${page.text.slice(0, 200)}`);
    for (const [, name, value] of page.text.matchAll(/name="(csrf|idempotency_key)" value="([^"]*)"/g)) fields[name] = value;
  };
  const post = async (path, form) => {
    const page = await visitor.post(path, { form: { ...fields, ...form } });
    assert.equal(page.status, 303, `${path}: ${page.text.slice(0, 200)}`);
    return page.headers.location;
  };
  await get('/offers/tour');
  await post('/offers/tour', { slot, quantity_adult: '1' });
  await get('/basket');
  await get('/checkout');
  await post('/checkout', { name: 'Ann Buyer', email: 'ann@buyer.example' });
  await get('/checkout/pay');
  await get(await post('/checkout/pay', { method: 'pay-at-venue' }));
}

// Whole purchases per second of 16 guests, each of any of the slots from the first to the last.
async function buyFor(stage, site, seconds, slots) {
  const headers = { Host: stage.host(site.slug) };
  const how = { headers, script: script('purchase.lua'), threads: 16, clients: 16, args: slots };
  const { said } = await wrk(stage.url('/'), { ...how, seconds });
  assert.equal(said.failed, 0, 'purchases failed');
  return said.bought / seconds;
}

export async function checkout(stage, { seconds, rounds }) {
  const site = await saleSite(stage);
  const { first, last } = site.tour;
  const pgScript = await traced(stage, {}, async (units) => {
    const [once, again] = await twice(units, () => buy(stage, site, first));
    return pgbenchScript(once, again, { [first]: `random(${first}, ${last})` });
  });
  await stage.serve();
  const purchases = (limit) => buyFor(stage, site, limit, [first, last]);
  await purchases(1);
  await stage.settle();
  const clients = await bestClients(stage.database, pgScript, Math.min(seconds, 2));
  const found = await alternate(
    rounds,
    () => purchases(seconds),
    () => pgbench(stage.database, pgScript, { clients, seconds }),
  );
  return [{ name: 'checkout', unit: 'purchases/s', peer: `pgbench c=${clients}`, ...found }];
}
