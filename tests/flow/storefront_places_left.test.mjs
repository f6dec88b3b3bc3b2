// Places left are what could be sold now: capacity less what is taken, holds that ran out counted
// as free; a court is free when nobody uses it, whatever the offer it was sold by.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, court, startServer, takePlaces, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-21T08:00:00Z');
const courts = { exclusive: true, resources: ['court-1', 'court-2'], schedule: [] };
const site = await server.createSite({
  resources: ['court-1', 'court-2'].map((code) => ({ code, name: code, kind: 'court' })),
  offers: [
    tour({ schedule: [] }),
    court({ ...courts, resource: undefined, buffer_min: 10 }),
    court({ ...courts, resource: undefined, slug: 'long-court', duration_min: 90 }),
  ],
});
const at = (time) => `2026-11-22T${time}:00+01:00`;
const book = async (offer) => (await site.visitor().getJson(`/offers/${offer}?date=2026-11-22`)).json.booking;
const slotsOf = ({ calendar }) => calendar.day.parts.flatMap(({ slots }) => slots);
const free = async (offer) =>
  slotsOf(await book(offer)).filter(({ slot_url: url }) => url).map(({ time_text: time }) => time);

// Pages with places are kept for two seconds of the business clock.
const later = () => server.time('+3');

test('capacity less what is taken', async () => {
  const [ten, eleven, noon] = await addSlots(server, site.slug, 'tour', [at('10:00'), at('11:00'), at('12:00')]);
  await takePlaces(server, ten, 10);
  await takePlaces(server, eleven, 7);
  const [first, second, third] = slotsOf(await book('tour'));
  assert.equal(first.slot_url, null, 'sold out leads nowhere');
  assert.deepEqual([second.places_left, second.few], [3, true]);
  assert.deepEqual([third.places_left, third.few], [10, false], 'many are said quietly');
  const chosen = await site.visitor().getJson(`/offers/tour?date=2026-11-22&slot=${eleven}`);
  assert.deepEqual(chosen.json.booking.slot.rates.map(({ max }) => max), [3, 3]);
  const wide = await site.visitor().getJson(`/offers/tour?slot=${noon}`);
  assert.deepEqual(wide.json.booking.slot.rates.map(({ max }) => max), [8, 8], 'the offer’s own limit');
  assert.equal(wide.json.booking.slot.id, noon, 'a slot knows its day');
});

test('a hold takes places until it runs out', async () => {
  const [id] = await addSlots(server, site.slug, 'tour', [at('14:00')], { capacity: 2 });
  await takePlaces(server, id, 2, { until: '2026-11-21T09:00:00Z' });
  await later();
  assert.ok(!(await free('tour')).includes('14:00'));
  await server.time('set 2026-11-21T09:00:01Z');
  assert.ok((await free('tour')).includes('14:00'));
});

test('a court is taken for every offer that uses it, buffer included', async () => {
  const [, ten, eleven] = await addSlots(
    server, site.slug, 'court', [at('09:00'), at('10:00'), at('11:10')], { capacity: 2 });
  await addSlots(server, site.slug, 'long-court', [at('08:00'), at('10:00'), at('11:10')], { minutes: 90, capacity: 2 });
  await later();
  assert.deepEqual(await free('court'), ['09:00', '10:00', '11:10']);
  await takePlaces(server, ten, 1, { resource: 'court-1', buffer: 10 });
  await later();
  assert.deepEqual(await free('court'), ['09:00', '10:00', '11:10'], 'the other court is free');
  await takePlaces(server, ten, 1, { resource: 'court-2', buffer: 10 });
  await later();
  assert.deepEqual(await free('court'), ['11:10'], 'nine o’clock would need until ten past ten');
  assert.deepEqual(await free('long-court'), ['08:00', '11:10']);
  await takePlaces(server, eleven, 1, { resource: 'court-1', buffer: 10, until: '2026-11-21T08:30:00Z' });
  await later();
  assert.ok((await free('long-court')).includes('11:10'));
});

test('a hold on a court that ran out hides nothing that reaches over it', async () => {
  const [four, five] = await addSlots(server, site.slug, 'court', [at('16:00'), at('17:10')], { capacity: 2 });
  await addSlots(server, site.slug, 'long-court', [at('16:30')], { minutes: 90, capacity: 2 });
  for (const resource of ['court-1', 'court-2']) {
    await takePlaces(server, four, 1, { resource, buffer: 10 });
    await takePlaces(server, five, 1, { resource, buffer: 10, until: '2026-11-21T08:30:00Z' });
  }
  await later();
  assert.ok(!(await free('long-court')).includes('16:30'), 'the firm use before it still counts');
  assert.ok((await free('court')).includes('17:10'));
});

test('the day says when it is full, and what comes next', async () => {
  const tomorrow = '2026-11-23T10:00:00+01:00';
  const [next] = await addSlots(server, site.slug, 'tour', [tomorrow]);
  await server.sql("UPDATE order_line SET state = 'confirmed', hold_until = NULL");
  await server.sql('UPDATE slot SET taken = capacity WHERE slot_id <> $1', [next]);
  await later();
  const { calendar, refused } = await book('tour');
  assert.equal(calendar.day.full, true);
  assert.equal(calendar.next_free.next_free_url, '/offers/tour?date=2026-11-23');
  assert.equal(refused, null);
  const strip = Object.fromEntries(calendar.strip.days.map(({ date, free: f, day_url: url }) => [date, [f, Boolean(url)]]));
  assert.deepEqual(strip['2026-11-22'], [false, true]);
  assert.deepEqual(strip['2026-11-23'], [true, true]);
  assert.deepEqual(strip['2026-11-24'], [false, false]);
  await server.sql('UPDATE slot SET taken = capacity WHERE slot_id = $1', [next]);
  await later();
  const page = await site.visitor().visit('/offers/tour');
  assert.match(page.words('#booking-panel'), /Sold out/);
  assert.match(page.words('#booking-panel'), /See everything/, 'never a dead end');
});
