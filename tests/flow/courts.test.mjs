import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, slotsOf, startServer } from '../lib/index.mjs';

const server = await startServer();
const every = (minutes) => [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00', every_min: minutes }];
const site = await server.createSite({
  resources: [
    { code: 'court-1', name: 'Court 1', kind: 'court' },
    { code: 'court-2', name: 'Court 2', kind: 'court' },
    { code: 'room', name: 'Cedar room', kind: 'room' },
  ],
  offers: [
    court({ slug: 'hour', resource: undefined, resources: ['court-1', 'court-2'], duration_min: 60, schedule: every(30), sales: { min_per_order: 1, max_per_order: 2, opens_days_before: 60, closes_min_before: 0 } }),
    court({ slug: 'long', resource: undefined, resources: ['court-1', 'court-2'], duration_min: 90, schedule: every(30) }),
    court({ slug: 'massage', resource: 'room', duration_min: 60, buffer_min: 15, schedule: every(15) }),
  ],
});

// Slots of the day after tomorrow by their time in the venue's zone.
const day = new Date(Date.now() + 2 * 86_400_000).toLocaleDateString('sv', { timeZone: 'Europe/Paris' });
const clock = (at) => at.toLocaleTimeString('en-GB', { timeZone: 'Europe/Paris', hour: '2-digit', minute: '2-digit' });
const slots = {};
for (const offer of ['hour', 'long', 'massage']) {
  const all = await slotsOf(server, site, offer);
  const mine = all.filter((s) => s.starts_at.toLocaleDateString('sv', { timeZone: 'Europe/Paris' }) === day);
  slots[offer] = Object.fromEntries(mine.map((s) => [clock(s.starts_at), s]));
}
const book = async (offer, time, count = 1) =>
  (await new Buyer(site).book(offer, slots[offer][time], { court: count })).status;

test('"allocation … so offers of different lengths never collide": two courts, 60 and 90 minutes', async () => {
  assert.equal(await book('hour', '10:00'), 201);
  assert.equal(await book('long', '09:30'), 201, 'the other court');
  assert.equal(await book('hour', '10:30'), 409, 'both courts are in use');
  assert.equal(await book('long', '10:00'), 409);
  assert.equal(await book('hour', '11:00'), 201, 'from eleven a court is free again');
  assert.equal(await book('long', '11:00'), 201);
  assert.equal(await book('hour', '11:30'), 409);
  await checkInvariants(server);
});

test('two courts in one booking, then none is left', async () => {
  assert.equal(await book('hour', '14:00', 2), 201);
  assert.equal(await book('hour', '14:00'), 409);
  assert.equal(await book('long', '13:00'), 409);
  assert.equal(await book('hour', '15:00', 2), 201, 'one ends when the next begins');
  await checkInvariants(server);
});

test('a buffer keeps the room to itself after each use, and before the next', async () => {
  assert.equal(await book('massage', '12:00'), 201);
  assert.equal(await book('massage', '13:00'), 409, 'a quarter of an hour is for airing');
  assert.equal(await book('massage', '13:15'), 201);
  assert.equal(await book('massage', '11:00'), 409, 'its own buffer would reach in');
  assert.equal(await book('massage', '10:45'), 201);
  await checkInvariants(server);
});

test('an expired hold of one offer gives way to another offer on the same court', async () => {
  assert.equal(await book('hour', '18:00', 2), 201);
  assert.equal(await book('long', '17:30'), 409);
  await server.time('+660');
  assert.equal(await book('long', '17:30'), 201);
  await server.time('real');
  await checkInvariants(server);
});

test('taking a court out of the basket frees it', async () => {
  const ann = new Buyer(site);
  const { json } = await ann.book('hour', slots.hour['19:30'], { court: 2 });
  assert.match(json.order.lines[0].place, /Court 1, Court 2/);
  assert.equal(await book('long', '19:30'), 409);
  await ann.change(json.order.lines[0], 1);
  await checkInvariants(server);
  assert.equal(await book('long', '19:30'), 201);
  await ann.change(json.order.lines[0], 0);
  assert.equal(await book('hour', '20:00'), 201);
  await checkInvariants(server);
});
