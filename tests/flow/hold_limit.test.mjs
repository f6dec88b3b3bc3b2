// A script that holds every place of a venue: what one client address may put on hold at a site in
// ten minutes has an end, far above what a school class behind one address needs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer({ workers: 2, env: { VITRINE_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.9' } });
await server.time('set 2026-11-20T11:03:00Z');
const offers = [tour({ capacity: 5000 })];
const site = await server.createSite({ offers });
const neighbour = await server.createSite({ offers });
const slots = await slotsOf(server, site, 'tour');
const at = (address) => ({ headers: { 'x-forwarded-for': address } });
const taken = async () => (await server.sql('SELECT sum(taken)::int AS n FROM slot WHERE slot_id = $1', [slots[0].id]))[0].n;

const hold = (address, places = 8, where = site, slot = slots[0]) =>
  new Buyer(where).book('tour', slot, { adult: places }, at(address));

async function fill(address) {
  for (let i = 0; i < 18; i++) assert.equal((await hold(address)).status, 201);
  assert.equal((await hold(address, 6)).status, 201, '150 in all');
}

test('150 places, then 429 with the seconds to wait, and nothing more is held', async () => {
  await fill('198.51.100.7');
  const before = await taken();
  const page = await hold('198.51.100.7', 1);
  assert.equal(page.status, 429);
  assert.equal(page.headers['content-type'], 'application/problem+json');
  assert.equal(page.json.errors[0].code, 'too_many_holds');
  const wait = Number(page.headers['retry-after']);
  assert.ok(wait > 380 && wait <= 420, `${wait}`);
  assert.equal(await taken(), before);
  // Others, and this client elsewhere, notice nothing.
  assert.equal((await hold('198.51.100.8')).status, 201);
  const [there] = await slotsOf(server, neighbour, 'tour');
  assert.equal((await hold('198.51.100.7', 8, neighbour, there)).status, 201);
  await server.time(`+${wait}`);
  assert.equal((await hold('198.51.100.7', 1)).status, 201);
  await checkInvariants(server);
});

test('as a page: the offer with the reason in words, nothing typed lost', async () => {
  await fill('198.51.100.20');
  const visitor = site.visitor();
  const chosen = await visitor.visit(`/offers/tour?slot=${slots[1].id}`);
  const page = await chosen.form('Book for', { Adult: 3 }).submit(at('198.51.100.20'));
  assert.equal(page.status, 429);
  assert.ok(Number(page.headers['retry-after']) > 0);
  assert.match(page.words('.booking .notice'), /from your network/);
  assert.equal(page.form('Book for').fields.find((f) => f.getAttribute('data-price') === '1200').getAttribute('value'), '3');
});

test('more places in a basket count too, fewer and refused ones don’t', async () => {
  const address = '198.51.100.30';
  for (let i = 0; i < 3; i++) assert.equal((await hold(address, 9000)).status, 422, 'above the offer’s own limit');
  for (let i = 0; i < 17; i++) assert.equal((await hold(address)).status, 201);
  const ann = new Buyer(site);
  await ann.book('tour', slots[0], { adult: 8 }, at(address));
  const [line] = (await ann.basket()).order.lines;
  const change = (quantity) => ann.visitor.postJson(`/basket/lines/${line.id}`, { quantity }, at(address));
  assert.equal((await change(2)).status, 200);
  assert.equal((await hold(address, 3)).status, 201, '147');
  assert.equal((await change(5)).status, 200, '150');
  const late = await change(6);
  assert.equal(late.status, 429);
  assert.match(late.json.errors[0].text, /in \d+ minutes?/);
  assert.equal((await change(4)).status, 200);
  await checkInvariants(server);
});

test('what a client writes into X-Forwarded-For itself changes nothing', async () => {
  await fill('198.51.100.40');
  for (const chain of ['203.0.113.5, 198.51.100.40', '127.0.0.1, 198.51.100.40, 10.0.0.9', ' 198.51.100.40 , 127.0.0.1']) {
    assert.equal((await hold(chain)).status, 429, chain);
  }
  assert.equal((await hold('198.51.100.40, 198.51.100.41')).status, 201);
});

test('an IPv6 line is one client, whichever of its addresses asks', async () => {
  for (let i = 0; i < 18; i++) assert.equal((await hold(`2001:db8:1:2::${i + 1}`)).status, 201);
  assert.equal((await hold('2001:db8:1:2:ffff::1')).status, 429);
  assert.equal((await hold('2001:db8:1:3::1')).status, 201);
});

test('without Redis there is no limit, and the sale goes on', async () => {
  await fill('198.51.100.50');
  assert.equal((await hold('198.51.100.50')).status, 429);
  await server.redis.kill();
  assert.equal((await hold('198.51.100.50')).status, 201);
  await server.redis.resume();
});

test('the machine itself is not counted', async () => {
  for (let i = 0; i < 25; i++) assert.equal((await hold('127.0.0.1', 8, site, slots[1])).status, 201);
});
