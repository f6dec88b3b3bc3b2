// Times are the venue's, on the days of clock changes too: a time that happens twice names its zone,
// one that is skipped never shows, and a day has all its slots.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const offers = [tour({ schedule: [] })];
const paris = await server.createSite({ offers });
const tokyo = await server.createSite({ offers, time_zone: 'Asia/Tokyo', currency: 'JPY' });
const day = async (site, query) => (await site.visitor().getJson(`/offers/tour${query}`)).json.booking.calendar;
const times = ({ day: { parts } }) => parts.flatMap(({ slots }) => slots.map(({ at, time_text: text }) => [at, text]));

test('the hour that happens twice is told apart', async () => {
  await server.time('set 2027-10-30T10:00:00Z');
  await addSlots(server, paris.slug, 'tour',
    ['2027-10-30T22:30:00Z', '2027-10-31T00:30:00Z', '2027-10-31T01:30:00Z', '2027-10-31T22:30:00Z']);
  assert.deepEqual(times(await day(paris, '?date=2027-10-31')), [
    ['2027-10-31T00:30:00+02:00', '00:30'],
    ['2027-10-31T02:30:00+02:00', '02:30 CEST'],
    ['2027-10-31T02:30:00+01:00', '02:30 CET'],
    ['2027-10-31T23:30:00+01:00', '23:30'],
  ]);
});

test('the short day begins and ends at its own midnights', async () => {
  await server.time('set 2028-03-25T10:00:00Z');
  await addSlots(server, paris.slug, 'tour',
    ['2028-03-25T22:59:00Z', '2028-03-25T23:00:00Z', '2028-03-26T01:00:00Z', '2028-03-26T21:59:00Z', '2028-03-26T22:00:00Z']);
  assert.deepEqual(times(await day(paris, '?date=2028-03-26')), [
    ['2028-03-26T00:00:00+01:00', '00:00'],
    ['2028-03-26T03:00:00+02:00', '03:00'],
    ['2028-03-26T23:59:00+02:00', '23:59'],
  ]);
});

test('the same instant is another day elsewhere', async () => {
  await server.time('set 2026-11-20T20:00:00Z');
  await addSlots(server, tokyo.slug, 'tour', ['2026-11-21T16:00:00Z']);
  await addSlots(server, paris.slug, 'tour', ['2026-11-21T16:00:00Z']);
  const [east, west] = [await day(tokyo, ''), await day(paris, '')];
  assert.equal(east.day.date, '2026-11-22');
  assert.equal(west.day.date, '2026-11-21');
  assert.deepEqual(times(east), [['2026-11-22T01:00:00+09:00', '01:00']]);
  assert.equal(east.strip.days[0].date, '2026-11-21', 'today in Tokyo');
  assert.equal(west.strip.days[0].date, '2026-11-20');
  const page = await tokyo.visitor().visit('/offers/tour');
  assert.match(page.words('#booking-panel'), /Times shown for Japan/);
  assert.equal(page.words('.prices dd'), '¥1,200', 'no decimals where the currency has none');
});

test('a slot of the night stands under its own part of the day', async () => {
  const { day: { parts } } = await day(tokyo, '?date=2026-11-22');
  assert.deepEqual(parts.map(({ name }) => name), ['night']);
});
