import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({
  offers: [tour({ slug: 'play', capacity: 6, places: { rows: ['A', 'B'], per_row: 3 }, rates: [{ code: 'seat', name: { en: 'Seat', fr: 'Place', es: 'Butaca' }, price: 0 }] })],
});
const slots = await slotsOf(server, site, 'play');
const place = async (buyer) => (await buyer.basket()).order.lines[0].place;

test('numbered places: best first, each to one buyer, given back and taken over', async () => {
  const [ann, bob, cem] = [1, 2, 3].map(() => new Buyer(site));
  await ann.book('play', slots[0], { seat: 2 });
  await bob.book('play', slots[0], { seat: 3 });
  assert.equal(await place(ann), 'A1, A2');
  assert.equal(await place(bob), 'A3, B1, B2');
  await checkInvariants(server);
  assert.equal((await cem.book('play', slots[0], { seat: 2 })).status, 409);

  await bob.change((await bob.basket()).order.lines[0], 1);
  await checkInvariants(server);
  assert.equal((await cem.book('play', slots[0], { seat: 3 })).status, 201);
  const all = [ann, bob, cem].map(place);
  assert.equal((await Promise.all(all)).join(', ').split(', ').sort().join(), 'A1,A2,A3,B1,B2,B3');
  await checkInvariants(server);
});

test('every ticket names its own place', async () => {
  const ann = new Buyer(site);
  await ann.book('play', slots[1], { seat: 3 });
  const order = await ann.visitor.getJson(await ann.buy());
  assert.deepEqual(order.json.tickets.map((t) => t.place), ['A1', 'A2', 'A3']);
  assert.equal(new Set(order.json.tickets.map((t) => t.code)).size, 3);
  await checkInvariants(server);
});

test('after an expiry the places are others when those were taken, and the basket says which', async () => {
  const [ann, bob] = [new Buyer(site), new Buyer(site)];
  await ann.book('play', slots[2], { seat: 2 });
  await server.time('+660');
  await bob.book('play', slots[2], { seat: 2 });
  assert.equal(await place(bob), 'A1, A2');
  assert.equal((await ann.renew()).status, 200);
  await server.time('real');
  assert.equal(await place(ann), 'A3, B1');
  await checkInvariants(server);
});
