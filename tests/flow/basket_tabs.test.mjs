import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const slots = await slotsOf(server, site, 'tour');

test('ux 8: tabs that change the basket at the same moment all have their effect', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slots[0], { adult: 1 });
  const pages = await Promise.all(slots.slice(1, 11).map((slot) => ann.book('tour', slot, { adult: 1 })));
  assert.deepEqual(pages.map((p) => p.status), Array(10).fill(201), pages.map((p) => p.text).join('\n'));
  assert.equal((await ann.basket()).order.lines.length, 11);
  await checkInvariants(server);
});

test('ux 8: a session has one basket, even when two tabs begin it together', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slots[7], { adult: 1 });
  await server.sql('UPDATE orders SET session_id = NULL'); // as if it had been placed
  const pages = await Promise.all([8, 9, 10, 11].map((i) => ann.book('tour', slots[i], { adult: 1 })));
  assert.deepEqual(pages.map((p) => p.status), Array(4).fill(201), pages.map((p) => p.text).join('\n'));
  assert.equal((await ann.basket()).order.lines.length, 4);
  await checkInvariants(server);
});

test('ux 8: the same request twice at once holds the places once', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slots[12], { adult: 1 });
  const pages = await Promise.all(Array.from({ length: 5 }, () => ann.book('tour', slots[13], { adult: 4 })));
  assert.deepEqual(pages.map((p) => p.status), Array(5).fill(201));
  const [{ taken }] = await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slots[13].id]);
  assert.equal(taken, 4);
  await checkInvariants(server);
});

test('a tab whose page is older than the session may still add to the basket', async () => {
  const ann = new Buyer(site);
  const form = (slot) => ({ slot: slot.id, quantity_adult: '1' });
  assert.equal((await ann.visitor.post('/offers/tour', { form: form(slots[14]) })).status, 303);
  assert.equal((await ann.visitor.post('/offers/tour', { form: form(slots[15]) })).status, 303);
  assert.equal((await ann.basket()).order.lines.length, 2);

  const foreign = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.localhost' };
  assert.equal((await ann.visitor.post('/offers/tour', { form: form(slots[16]), headers: foreign })).status, 403);
  const silent = { 'sec-fetch-site': null, origin: null };
  assert.equal((await ann.visitor.post('/offers/tour', { form: form(slots[16]), headers: silent })).status, 403);
  assert.equal((await ann.basket()).order.lines.length, 2);
});
