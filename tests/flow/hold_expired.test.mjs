import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const free = [{ code: 'guest', name: { en: 'Guest', fr: 'Invité', es: 'Invitado' }, price: 0 }];
const server = await startServer();
const site = await server.createSite({
  offers: [tour({ capacity: 4 }), tour({ slug: 'talk', capacity: 2, rates: free })],
});
const slots = await slotsOf(server, site, 'tour');
const talks = await slotsOf(server, site, 'talk');

beforeEach(() => server.time('real'));
const taken = async (slot) => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot.id]))[0].taken;

test('whoever needs the places takes over an expired hold, and nobody before', async () => {
  const [ann, bob] = [new Buyer(site), new Buyer(site)];
  await ann.book('tour', slots[0], { adult: 4 });
  await server.time('+590');
  assert.equal((await bob.book('tour', slots[0], { adult: 1 })).status, 409);
  await server.time('+20');
  assert.equal((await bob.book('tour', slots[0], { adult: 1 })).status, 201);
  assert.equal(await taken(slots[0]), 1);

  const basket = await ann.basket();
  assert.equal(basket.hold.expired, true);
  assert.equal(basket.order.lines[0].state, 'expired');
  assert.equal(basket.order.lines[0].lost, 'sold_out');
  assert.equal(basket.order.total.minor, 0, 'what was lost is not charged');
  assert.equal(basket.checkout_url, null);
  await checkInvariants(server);
});

test('ux 9: expiry keeps the basket, and one press gets the same places again', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slots[1], { adult: 2 });
  await ann.book('tour', slots[2], { child: 1 });
  await server.time('+700');
  const over = await ann.basket();
  assert.equal(over.hold.expired, true);
  assert.equal(over.order.lines.length, 2);

  const renewed = await ann.renew();
  assert.equal(renewed.status, 200, renewed.text);
  assert.equal(renewed.json.hold.expired, false);
  assert.equal(Math.ceil(renewed.json.hold.seconds_left / 60), 10);
  assert.deepEqual(renewed.json.order.lines.map((l) => l.state), ['held', 'held']);
  assert.equal(await taken(slots[1]), 2);
  await checkInvariants(server);
});

test('ux 9: what somebody else took meanwhile is named, the rest is held again', async () => {
  const [ann, bob] = [new Buyer(site), new Buyer(site)];
  await ann.book('tour', slots[3], { adult: 2 });
  await ann.book('tour', slots[4], { adult: 2 });
  await server.time('+700');
  await bob.book('tour', slots[3], { adult: 3 });

  const renewed = await ann.renew();
  assert.equal(renewed.status, 409);
  assert.equal(renewed.json.code, 'sold_out');
  assert.equal(renewed.json.errors.length, 1);
  assert.match(renewed.json.errors[0].text, /^Tour, Adult: /);

  const basket = await ann.basket();
  assert.deepEqual(basket.order.lines.map((l) => [l.state, l.lost]), [['expired', 'sold_out'], ['held', null]]);
  assert.equal(basket.order.total.minor, 2400);
  await checkInvariants(server);

  await ann.change(basket.order.lines[0], 0);
  const rest = await ann.basket();
  assert.equal(rest.order.lines.length, 1);
  assert.equal(rest.checkout_url, '/checkout');
  await checkInvariants(server);
});

test('a fresh line beside one that was lost leaves that one lost', async () => {
  const [ann, bob] = [new Buyer(site), new Buyer(site)];
  await ann.book('tour', slots[5], { adult: 4 });
  await server.time('+700');
  await bob.book('tour', slots[5], { adult: 4 });
  assert.equal((await ann.book('tour', slots[6], { adult: 1 })).status, 201);
  const basket = await ann.basket();
  assert.deepEqual(basket.order.lines.map((l) => l.state), ['expired', 'held']);
  assert.equal(basket.checkout_url, null);
  await checkInvariants(server);
});

test('"expired hold": nothing is sold after the hold ran out, before it is renewed', async () => {
  const ann = new Buyer(site);
  await ann.book('talk', talks[0], { guest: 2 });
  await server.time('+700');
  const late = await ann.details();
  assert.equal(late.status, 409);
  assert.equal(late.json.code, 'hold_expired');
  assert.equal(await taken(talks[0]), 2);
  await checkInvariants(server);

  await ann.renew();
  assert.match(await ann.buy(), /^\/orders\/[A-Z0-9]{8}\?t=/);
  await checkInvariants(server);
});

test('"expired hold": somebody else has the places by the time of the purchase', async () => {
  const [ann, bob] = [new Buyer(site), new Buyer(site)];
  await ann.book('talk', talks[1], { guest: 2 });
  await server.time('+700');
  await bob.book('talk', talks[1], { guest: 2 });
  await bob.buy();
  const late = await ann.details();
  assert.equal(late.status, 409);
  assert.equal(late.json.code, 'hold_expired');
  assert.equal((await ann.renew()).status, 409);
  assert.equal(await taken(talks[1]), 2);
  await checkInvariants(server);
});
