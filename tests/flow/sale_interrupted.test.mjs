import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const sales = { min_per_order: 1, max_per_order: 8, opens_days_before: 60, closes_min_before: 60 };
const site = await server.createSite({ offers: [tour({ sales }), tour({ slug: 'other' })] });
const slots = await slotsOf(server, site, 'tour');
const others = await slotsOf(server, site, 'other');

async function holding(offer, slot) {
  const ann = new Buyer(site);
  assert.equal((await ann.book(offer, slot, { adult: 2 })).status, 201);
  assert.equal((await ann.details()).status, 200);
  return ann;
}

test('"cancelled slot" between basket and payment: named in the basket, not charged, not sold', async () => {
  const ann = await holding('tour', slots[1]);
  await ann.book('other', others[1], { child: 1 });
  await server.sql("UPDATE slot SET state = 'cancelled' WHERE slot_id = $1", [slots[1].id]);
  const paid = await ann.pay('pay-at-venue');
  assert.equal(paid.status, 409);
  assert.equal(paid.json.code, 'hold_expired');
  const basket = await ann.basket();
  assert.deepEqual(basket.order.lines.map((l) => l.lost), ['closed', null]);
  assert.equal(basket.order.total.minor, 600);
  assert.equal((await ann.renew()).status, 409);
  await checkInvariants(server);
  for (const line of (await ann.basket()).order.lines.filter((l) => l.lost)) await ann.change(line, 0);
  assert.equal((await ann.pay('pay-at-venue')).status, 201);
  await checkInvariants(server);
});

test('the sale of a time ends while somebody holds it: the hold is good, a renewal is not', async () => {
  const opens = new Date(slots[0].starts_at.getTime() - 65 * 60_000);
  await server.time(`set ${opens.toISOString()}`);
  const [ann, bob] = [await holding('tour', slots[0]), await holding('tour', slots[0])];
  await server.time('+400'); // the sale has ended, the holds haven't
  assert.equal((await ann.pay('pay-at-venue')).status, 201);
  const [line] = (await bob.basket()).order.lines;
  assert.equal((await bob.change(line, 3)).status, 422, 'no more of it');
  await server.time('+400');
  assert.equal((await bob.renew()).status, 200, 'nobody has taken them over');
  await server.time('real');
  await checkInvariants(server);
});

test('"archived offer": what is held may still be paid', async () => {
  const ann = await holding('other', others[3]);
  await server.sql("UPDATE offer SET state = 'archived' WHERE slug = 'other'");
  assert.equal((await ann.pay('pay-at-venue')).status, 201);
  await checkInvariants(server);
  await server.sql("UPDATE offer SET state = 'published' WHERE slug = 'other'");
});

// What the office or an operator changes is seen everywhere within a second.
async function until(status) {
  for (let i = 0; i < 100 && (await site.visitor().get('/')).status !== status; i++) await sleep(20);
}

test('"suspended site": every step of a sale is closed with 503, nothing is lost', async () => {
  const ann = await holding('tour', slots[4]);
  await server.vitrine('site', 'suspend', site.slug);
  await until(503);
  const steps = [ann.visitor.getJson('/basket'), ann.visitor.getJson('/checkout'), ann.details(), ann.pay('pay-at-venue'), ann.book('tour', slots[5], { adult: 1 })];
  for (const page of await Promise.all(steps)) {
    assert.equal(page.status, 503, page.text);
    assert.ok(page.headers['retry-after']);
  }
  assert.equal((await ann.visitor.get('/basket')).status, 503);
  await server.sql("UPDATE site SET state = 'open'; UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()");
  await until(200);
  assert.equal((await ann.pay('pay-at-venue')).status, 201);
  await checkInvariants(server);
});

test('nothing to sell: each step of an empty basket leads back to it', async () => {
  const ann = new Buyer(site);
  for (const path of ['/checkout', '/checkout/pay']) {
    assert.equal((await ann.visitor.getJson(path)).status, 404);
    assert.equal((await ann.visitor.get(path)).headers.location, '/basket');
  }
  assert.equal((await ann.details()).status, 404);
  assert.equal((await ann.pay('pay-at-venue')).status, 404);
  assert.match((await ann.visitor.visit('/checkout')).words('main'), /Nothing in it yet/);
});

test('payment before the details are known is sent back to them; an unknown way to pay is refused', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slots[6], { adult: 1 });
  assert.equal((await ann.pay('pay-at-venue')).json.code, 'details_missing');
  assert.equal((await ann.visitor.get('/checkout/pay')).headers.location, '/checkout');
  await ann.details();
  for (const method of ['cash', '', "x' OR 1=1", 'coupons']) {
    const page = await ann.pay(method);
    assert.equal(page.status, 422, page.text);
    assert.equal(page.json.errors[0].field, 'method');
  }
  await checkInvariants(server);
});
