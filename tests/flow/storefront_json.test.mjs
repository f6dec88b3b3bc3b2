// Every page is a resource: as JSON it has the same content, without what belongs to the frame.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const site = await server.createSite({
  offers: [tour({ schedule: [] }), tour({ slug: 'added', schedule: [], tax: 'added' })],
  taxes: [
    { code: 'standard', name: { en: 'VAT' }, rate_ppm: 200_000, included: true },
    { code: 'added', name: { en: 'Sales tax' }, rate_ppm: 82_500, included: false },
  ],
});
const [slot] = await addSlots(server, site.slug, 'tour', ['2026-11-21T14:00:00+01:00', '2026-11-21T18:30:00+01:00']);
const [net] = await addSlots(server, site.slug, 'added', ['2026-11-21T14:00:00+01:00']);
const both = async (path) => [await site.visitor().get(path), (await site.visitor().getJson(path)).json];

test('home', async () => {
  const [page, json] = await both('/');
  assert.deepEqual(Object.keys(json), ['hero', 'soon', 'offers']);
  assert.equal(page.words('.hero__title'), json.hero.title);
  assert.deepEqual(page.all('.card__title a').map((a) => a.getAttribute('href')), json.offers.map((o) => o.offer_url));
  assert.deepEqual(page.all('.soon__words time').map((t) => t.getAttribute('datetime')), json.soon.items.map((i) => i.at.at));
  assert.equal(json.hero.next.offer_url, '/offers/tour?date=2026-11-21');
});

test('offers', async () => {
  const [page, json] = await both('/offers');
  assert.equal(json.next, null);
  assert.deepEqual(page.all('.card__title').map((e) => e.textContent), json.items.map((o) => o.title));
  assert.deepEqual(json.items[0].from, { minor: 600, currency: 'EUR', text: '€6.00' });
});

test('an offer, its times and the chosen one', async () => {
  const [page, json] = await both(`/offers/tour?date=2026-11-21&slot=${slot}`);
  assert.equal(page.words('h1'), json.offer.title);
  assert.equal(page.words('.prose'), 'Through every room.');
  assert.match(json.offer.description_html, /<strong>every<\/strong>/);
  const slots = json.booking.calendar.day.parts.flatMap((part) => part.slots);
  assert.deepEqual(page.all('.slot__time').map((t) => t.getAttribute('datetime')), slots.map((s) => s.at));
  assert.deepEqual(json.booking.calendar.day.parts.map((part) => part.name), ['afternoon', 'evening']);
  assert.equal(page.all('.strip li').length, 14);
  assert.equal(json.booking.calendar.strip.days.length, 14);
  assert.equal(json.booking.slot.id, slot);
  assert.equal(page.words('[data-total]'), json.booking.slot.total.text);
  assert.equal(json.booking.slot.total.minor, 1200, 'one of the first rate to start with');
  assert.equal(json.booking.slot.tax_text, 'includes VAT 20%: €2.00');
});

test('tax that is added is in the total', async () => {
  const [page, { booking }] = await both(`/offers/added?slot=${net}`);
  assert.equal(booking.slot.total.minor, 1299);
  assert.equal(booking.slot.tax_text, 'with Sales tax 8.25%: €0.99');
  assert.match(page.words('.booking__go'), /Book for €12\.99/);
});

test('the panel alone is a part of the page', async () => {
  const part = await site.visitor().get('/offers/tour?part=booking');
  const whole = await site.visitor().get('/offers/tour');
  assert.doesNotMatch(part.text, /<html/);
  assert.equal(part.words('#booking-panel'), whole.words('#booking-panel'));
});

test('the list has every time, day by day', async () => {
  const [page, { booking: { calendar } }] = await both('/offers/tour?view=list');
  assert.deepEqual(calendar.list.days.map(({ date, slots }) => [date, slots.length]), [['2026-11-21', 2]]);
  assert.equal(page.all('.slots__rows .slot').length, 2);
});

test('what is not there is a problem document', async () => {
  const answer = await site.visitor().getJson('/offers/nothing');
  assert.equal(answer.status, 404);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.equal(answer.json.code, 'not_found');
});
