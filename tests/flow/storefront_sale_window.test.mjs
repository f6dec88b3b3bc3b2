// An offer's times are on sale from so many days before, the whole day at the venue, until so many
// minutes before they start, through what the web channel's sale profiles allow.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, change, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({
  offers: [tour({ schedule: [], sales: { min_per_order: 1, max_per_order: 8, opens_days_before: 3, closes_min_before: 30 } })],
});
await addSlots(server, site.slug, 'tour', ['2026-11-24T00:30:00+01:00', '2026-11-24T23:30:00+01:00']);
const booking = async (query = '') => (await site.visitor().getJson(`/offers/tour${query}`)).json.booking;

test('before it opens the page says when', async () => {
  await server.time('set 2026-11-20T22:59:50Z');
  const { shut, calendar } = await booking();
  assert.equal(calendar, null);
  assert.equal(shut.reason, 'not_yet');
  assert.match(shut.opens_text, /21 November/);
  const page = await site.visitor().visit('/offers/tour');
  assert.match(page.words('#booking-panel'), /Sales open Saturday,? 21 November/);
});

test('it opens with the venue’s day, for the whole of the last one', async () => {
  await server.time('set 2026-11-20T23:00:05Z');
  const { shut, calendar } = await booking();
  assert.equal(shut, null);
  assert.deepEqual(calendar.day.parts.flatMap(({ slots }) => slots.map((s) => s.time_text)), ['00:30', '23:30']);
});

test('it closes so many minutes before', async () => {
  await server.time('set 2026-11-24T22:00:01Z');
  assert.equal((await booking()).shut.reason, 'over');
  await server.time('set 2026-11-24T21:59:50Z');
  assert.equal((await booking()).shut, null);
});

test('a profile’s dates narrow it, and without one nothing is on sale', async () => {
  await server.time('set 2026-11-23T12:00:00Z');
  await change(server, site.slug,
    "UPDATE profile SET to_date = '2026-11-23' FROM site WHERE site.tenant_id = profile.tenant_id AND slug = $1");
  assert.equal((await booking()).calendar, null);
  await change(server, site.slug,
    "UPDATE profile SET to_date = NULL, every_offer = false FROM site WHERE site.tenant_id = profile.tenant_id AND slug = $1");
  assert.equal((await site.visitor().get('/offers/tour')).status, 404);
  assert.deepEqual((await site.visitor().getJson('/')).json.offers, []);
  await change(server, site.slug,
    `INSERT INTO profile_offer SELECT p.tenant_id, p.profile_id, o.offer_id
       FROM profile p JOIN offer o USING (tenant_id) JOIN site s USING (tenant_id) WHERE s.slug = $1`);
  assert.equal((await booking()).shut, null);
});
