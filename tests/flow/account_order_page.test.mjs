// An order in the account: one that mixes several things stands in both lists, each with its own
// lines (T10–T12); its number (T13), when it was placed (T14) and for whom (T15), what was bought as
// it was called (T16), when it is and how long (T17, T18), and every discount (T19).
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { addSlots, Buyer, court, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {}, coupons: {}, 'customer-categories': {} };
const coupons = [{ code: 'FREE', kind: 'percent', value: 100, offers: null, uses: 100, per_buyer: 5 }];
const words = (en) => ({ en, fr: en, es: en });
const offers = [tour({ schedule: [], capacity: 100, rates: [{ code: 'adult', name: words('Adult'), price: 1005 }] }), court()];
const make = () => server.createSite({ time_zone: 'Europe/Paris', features, coupons, offers });
const site = await make();
const other = await make();
for (const where of [site, other]) {
  await (await (await (await staff(where)).visit('/manage/channels')).click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 1000);
}
const hour = 3_600_000;
let made = 0;
const slotAt = async (at, offer = 'tour', where = site) => (await addSlots(server, where.slug, offer, [new Date(new Date(at).getTime() + 60_000 * made++).toISOString()]))[0];

async function register(name, where = site) {
  const visitor = where.visitor();
  const page = await visitor.postJson('/account/register', {
    first_name: name, last_name: 'Buyer', email: `${name}@buyer.example`, password: 'analytical engine 1843', keep: true });
  assert.equal(page.status, 200, page.text);
  return visitor;
}
async function buy(visitor, slots, { code, name = 'Ann Buyer', where = site } = {}) {
  const buyer = Object.assign(new Buyer(where), { visitor });
  for (const [offer, slot, counts] of slots) {
    const booked = await buyer.book(offer, slot, counts);
    assert.equal(booked.status, 201, booked.text);
  }
  if (code) {
    const applied = await visitor.postJson('/basket/codes', { code });
    assert.equal(applied.status, 200, applied.text);
  }
  const details = await buyer.details({ email: 'ann@buyer.example', name });
  const done = details.status === 201 ? details : await buyer.pay('pay-at-venue');
  assert.equal(done.status, 201, done.text);
  return done.json.location.match(/orders\/([0-9A-Z]{8})/)[1];
}
const codesIn = async (visitor, path) => (await visitor.getJson(path)).json.items.map(({ title, code, state }) => [title, code, state]);
const ann = await register('ann');
const now = Date.now();

test('T10–T12: a mixed order stands in both tabs, each with its own lines; a cancelled one among the previous', async () => {
  const soon = await slotAt(now + 2 * hour);
  const later = await slotAt(now + 50 * hour);
  const third = await slotAt(now + 60 * hour);
  const code = await buy(ann, [['tour', soon, { adult: 1 }], ['tour', later, { adult: 2 }], ['tour', third, { adult: 1 }]]);
  const ends = async (slot) => (await server.sql('SELECT ends_at FROM slot WHERE slot_id = $1', [slot]))[0].ends_at.getTime();
  assert.equal((await codesIn(ann, '/account/orders')).length, 3);
  assert.deepEqual(await codesIn(ann, '/account/orders/previous'), []);
  await server.sql(`UPDATE order_line SET state = 'cancelled', cancelled_at = now() WHERE slot_id = $1`, [third]);
  await server.time(`set ${new Date(await ends(soon) - 1000).toISOString()}`);
  assert.equal((await codesIn(ann, '/account/orders')).length, 2, 'on now is upcoming');
  await server.time(`set ${new Date(await ends(soon)).toISOString()}`);
  const quantities = async (path) => (await ann.getJson(path)).json.items.map(({ quantity, state }) => `${quantity} ${state}`);
  assert.deepEqual(await quantities('/account/orders'), ['2 confirmed']);
  assert.deepEqual((await quantities('/account/orders/previous')).sort(), ['1 cancelled', '1 confirmed']);
  const previous = await ann.visit('/account/orders/previous');
  assert.match(previous.words('.bookeds'), /Cancelled/);
  const page = await previous.click('View and manage order');
  assert.equal(page.url.pathname, `/orders/${code}`);
  assert.equal(page.all('.receipt .mini__title').length, 3, 'the order has all its lines');
  await server.time('real');
  const bob = await register('bob');
  const there = await register('ann', other);
  for (const visitor of [bob, there, site.visitor()]) assert.equal((await visitor.get(`/orders/${code}`)).status, 404);
});

test('T13: eight characters that nobody mistakes, in no order, each once at a site', async () => {
  const slot = await slotAt(now + 70 * hour);
  const codes = [];
  for (let i = 0; i < 8; i++) codes.push(await buy(ann, [['tour', slot, { adult: 1 }]]));
  assert.equal(new Set(codes).size, 8);
  for (const code of codes) assert.match(code, /^[2-9A-HJ-NP-Z]{8}$/);
  assert.notDeepEqual(codes, [...codes].sort());
  await assert.rejects(server.sql('UPDATE orders SET code = $1 WHERE code = $2', [codes[0], codes[1]]), { code: '23505' });
  const there = await buy(await register('cy', other), [['tour', await slotAt(now + 70 * hour, 'tour', other), { adult: 1 }]], { where: other });
  await server.sql('UPDATE orders SET code = $1 WHERE code = $2', [codes[0], there]);
  assert.match((await ann.visit(`/orders/${codes[0]}`)).text, /Ann Buyer/, 'another site may have the same');
});

test('T14, T15: when it was placed and for whom, also when somebody else comes', async () => {
  await server.time('set 2026-12-04T08:07:00Z');
  const slot = await slotAt('2026-12-07T10:00:00Z');
  const code = await buy(ann, [['tour', slot, { adult: 3 }]], { name: 'Grandmother Smith' });
  const page = await ann.visit(`/orders/${code}`);
  assert.match(page.words('.paid'), /Friday, 4 December( 2026)? at 09:07/);
  assert.match(page.words('.paid'), /Grandmother Smith/);
  const { json } = await ann.getJson(`/orders/${code}`);
  assert.equal(json.order.placed.at, '2026-12-04T09:07:00+01:00');
  await server.time('real');
});

test('T16: it is called what it was called that day, however it is called or archived since', async () => {
  const slot = await slotAt(now + 80 * hour);
  const code = await buy(ann, [['tour', slot, { adult: 1 }]]);
  const call = (title, state) => server.sql('UPDATE offer SET title = $1, state = $2 WHERE slug = $3', [JSON.stringify(words(title)), state, 'tour']);
  await call('Promenade', 'archived');
  await server.sql(`UPDATE rate SET name = '{"en":"Grown-up"}' WHERE code = 'adult'`);
  const page = await ann.visit(`/orders/${code}`);
  assert.match(page.words('.receipt'), /Tour.*1 × Adult/);
  assert.doesNotMatch(page.words('main'), /Promenade|Grown-up/);
  assert.ok((await codesIn(ann, '/account/orders')).some(([title, of]) => of === code && title === 'Tour'));
  await call('Tour', 'published');
});

test('T17, T18: day, time and what really passes: over midnight, over both changes of the clock', async () => {
  const cases = [
    ['2027-02-10T22:30:00Z', '2027-02-11T01:00:00Z', /10 February/, /23:30|11:30 pm/i, /2 hrs 30 mins/],
    ['2027-03-28T00:30:00Z', '2027-03-28T02:30:00Z', /28 March/, /1:30/, /· 2 hrs/],
    ['2027-10-30T23:30:00Z', '2027-10-31T02:30:00Z', /31 October/, /1:30/, /· 3 hrs/],
  ];
  for (const [starts, ends, day, time, duration] of cases) {
    const slot = await slotAt(now + 90 * hour);
    const code = await buy(ann, [['tour', slot, { adult: 1 }]]);
    await server.sql('UPDATE order_line l SET starts_at = $2, ends_at = $3 FROM orders o WHERE o.order_id = l.order_id AND o.code = $1', [code, starts, ends]);
    const page = await ann.visit(`/orders/${code}`);
    for (const place of ['.receipt', '.ticket']) for (const wanted of [day, time, duration]) assert.match(page.words(place), wanted, `${starts} ${place}`);
    const list = await ann.visit('/account/orders');
    const line = list.all('.booked').map((item) => item.textContent).find((text) => text.includes(code));
    for (const wanted of [day, time, duration]) assert.match(line, wanted);
  }
});

test('T19: every discount stands with its amount, the parts make the sum, and nothing costs less than nothing', async () => {
  const mary = await staff(site);
  const { json: { id } } = await mary.postJson('/manage/x/customer-categories/new', { name_en: 'Club', kind: 'percent', value: '33.33', applies: 'all' });
  const [{ customer }] = await server.sql(`SELECT customer_id AS customer FROM customer WHERE email_folded = 'ann@buyer.example' AND tenant_id = (SELECT tenant_id FROM site WHERE slug = $1)`, [site.slug]);
  const put = await mary.postJson(`/manage/x/customer-categories/customers/${customer}`, { category: id });
  assert.equal(put.status, 200, put.text);
  const slot = await slotAt(now + 100 * hour);
  const member = await buy(ann, [['tour', slot, { adult: 3 }]]);
  const { order } = (await ann.getJson(`/orders/${member}`)).json;
  assert.deepEqual(order.discounts.map(({ label, amount }) => [label, amount.minor]), [['Club', -1005]], '33.33 % of 30.15, rounded once');
  assert.equal(order.total.minor, 3015 - 1005);
  const whole = await buy(ann, [['tour', slot, { adult: 3 }]], { code: 'FREE' });
  const free = (await ann.getJson(`/orders/${whole}`)).json.order;
  assert.deepEqual(free.discounts.map(({ label, amount }) => [label, amount.minor]), [['Club', -1005], ['Code FREE, −100%', -2010]]);
  assert.equal(free.total.minor, 0);
  assert.equal(free.due, null);
  const page = await ann.visit(`/orders/${whole}`);
  assert.match(page.words('.totals'), /Club.*10\.05.*FREE.*20\.10.*Total ?€0\.00/);
});
