// Anonymous pages are shared: kept with their compressed form for two seconds of availability or
// until the office changes something, told by ETag, the same for everybody, and never anybody's own.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import test from 'node:test';
import { addSlots, change, startServer, takePlaces, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const site = await server.createSite({ offers: [tour({ schedule: [] })] });
const [slot] = await addSlots(server, site.slug, 'tour', ['2026-11-21T14:00:00+01:00', '2026-11-22T14:00:00+01:00']);
const get = (path, headers) => site.visitor().get(path, { headers });

test('a page has an ETag, may be asked for again, and varies by what it depends on', async () => {
  for (const path of ['/', '/offers', '/offers/tour', '/fr/offers/tour?view=list']) {
    const first = await get(path);
    assert.equal(first.status, 200);
    assert.equal(first.headers['cache-control'], 'no-cache');
    assert.match(first.headers.vary, /accept-encoding/);
    assert.match(first.headers.vary, /cookie/);
    assert.match(first.headers['content-security-policy'], /default-src 'none'/);
    const again = await get(path, { 'if-none-match': first.headers.etag });
    assert.deepEqual([again.status, again.text], [304, '']);
    const kept = await get(path);
    assert.equal(kept.text, first.text);
    assert.equal(kept.headers['content-security-policy'], first.headers['content-security-policy']);
    assert.equal(first.headers['set-cookie'], undefined);
  }
});

test('packed and plain are the same page', async () => {
  const plain = await get('/offers/tour');
  const packed = await get('/offers/tour', { 'accept-encoding': 'gzip' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(packed.bytes).toString(), plain.text);
});

test('JSON and the page are kept apart', async () => {
  assert.match((await get('/offers')).headers['content-type'], /^text\/html/);
  const json = await get('/offers', { accept: 'application/json' });
  assert.match(json.headers['content-type'], /^application\/json/);
  assert.match((await get('/offers')).headers['content-type'], /^text\/html/);
});

test('places left are two seconds old at most', async () => {
  const free = async () => (await site.visitor().getJson('/offers/tour?date=2026-11-21')).json.booking.calendar.day.full === false;
  assert.equal(await free(), true);
  await takePlaces(server, slot, 10);
  assert.equal(await free(), true, 'still the kept page');
  await server.time('+3');
  assert.equal(await free(), false);
});

test('a change of the office is seen without waiting for the clock', async () => {
  assert.equal((await get('/offers')).text.includes('Renamed'), false);
  await change(server, site.slug,
    `UPDATE offer SET title = '{"en": "Renamed"}' FROM site s WHERE s.tenant_id = offer.tenant_id AND s.slug = $1`);
  assert.equal((await get('/offers')).text.includes('Renamed'), true);
});

test('what a stranger adds to an address reaches nobody else', async () => {
  await server.time('+10');
  const poisoned = await get('/offers?when=tomorrow&utm_source=evil', { host: `${site.slug}.vitrine.localhost:6666` });
  const clean = await get('/offers?when=tomorrow');
  for (const page of [poisoned, clean]) assert.doesNotMatch(page.text, /evil|6666/);
  assert.match(clean.text, new RegExp(`<link rel="canonical" href="http://${site.slug}\\.vitrine\\.localhost:${server.port}/offers">`));
});

test('with a basket nothing is shared', async () => {
  const ann = site.visitor();
  const page = await ann.visit('/offers/tour?date=2026-11-22');
  const chosen = await page.click(page.words('.slot__time'));
  const basket = await chosen.submit('Book for', { Adult: 2 });
  assert.equal(basket.status, 200);
  const own = await ann.visit('/offers/tour');
  assert.equal(own.words('.basket-link__count'), '2');
  assert.equal(own.headers['cache-control'], 'no-store');
  assert.equal(own.headers.etag, undefined);
  assert.match(own.text, /name="csrf"|data-clock/);
  const stranger = await get('/offers/tour');
  assert.doesNotMatch(stranger.text, /basket-link__count|name="csrf"/);
  assert.doesNotMatch((await get('/')).text, /basket-link__count/);
});
