// Addresses that make no sense get a clear page with the right status, and change nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const site = await server.createSite({ offers: [tour({ schedule: [] })] });
await addSlots(server, site.slug, 'tour', ['2026-11-21T14:00:00+01:00']);
const get = (path) => site.visitor().get(path);
const long = 'a'.repeat(3000);

const cases = {
  '/offers?date=2026-02-30': 422,
  '/offers?date=tomorrow': 422,
  '/offers?when=yesterday': 422,
  [`/offers?q=${long}`]: 422,
  '/offers?category=nothing': 404,
  [`/offers?category=${long}`]: 422,
  '/offers?after=1': 404,
  '/offers?after=1.x': 404,
  '/offers?after=99999999999999999999.1': 404,
  '/offers?q=%ff%fe': 400,
  '/offers?q=%zz': 400,
  '/offers?q=%00': 400,
  '/offers/tour?date=2027-02-29': 422,
  '/offers/tour?view=dance': 422,
  '/offers/tour?from=0000-00-00': 422,
  '/offers/tour?month=2026-13': 200,
  '/offers/tour?month=9999-12': 200,
  '/offers/tour?date=9999-12-31': 200,
  '/offers/tour?date=0001-01-01': 200,
  '/offers/tour?from=9999-12-31': 200,
  '/offers/tour?date=2026-11-20&slot=1': 200,
  '/offers/tour?slot=-1': 200,
  "/offers/tour?slot=1'%20OR%201=1": 200,
  '/offers/tour?slot=9223372036854775807': 200,
  '/offers/tour?slot=99999999999999999999': 200,
  [`/offers/${long}`]: 404,
  '/offers/%ff': 400,
  '/offers/tour/': 404,
  '/offers/..%2f..%2fetc%2fpasswd': 404,
  "/offers/';DROP%20TABLE%20offer;--": 404,
  '/nothing': 404,
};

for (const [path, status] of Object.entries(cases)) {
  test(`${path.slice(0, 60)} is ${status}`, async () => {
    const page = await get(path);
    assert.equal(page.status, status);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.ok(page.words('h1').length > 0, 'a designed page');
    const json = await site.visitor().getJson(path);
    assert.equal(json.status, status);
    if (status >= 400) assert.match(json.headers['content-type'], /^application\/problem\+json/);
  });
}

test('a refused field is named in words', async () => {
  const page = await get('/offers?date=2026-02-30');
  assert.match(page.words('.notices'), /date that exists/);
  assert.equal(page.all('.card').length, 1, 'the list is there all the same');
  const { json } = await site.visitor().getJson('/offers?date=2026-02-30');
  assert.deepEqual(json.errors.map(({ field, code }) => [field, code]), [['date', 'date']]);
});

test('a time that is gone says so and offers others', async () => {
  const page = await get('/offers/tour?date=2026-11-21&slot=12345');
  assert.match(page.words('[role=alert]'), /Pick another/);
  assert.equal(page.all('a.slot').length, 1);
});

test('too many fields are refused before anything else', async () => {
  const query = Array.from({ length: 300 }, (_, i) => `f${i}=1`).join('&');
  assert.equal((await get(`/offers?${query}`)).status, 400);
});

test('methods that a page does not have are refused by name', async () => {
  const answer = await site.visitor().request('DELETE', '/offers');
  assert.equal(answer.status, 405);
  assert.match(answer.headers.allow, /GET/);
});
