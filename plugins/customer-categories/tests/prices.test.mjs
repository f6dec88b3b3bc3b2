// Customer categories at the till (C4): whose prices, which of several and why, until when, and what
// becomes of a basket whose price holds no more.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, eventually, slotsOf, startServer, tour, turnFeature } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';
import { unguarded } from '../../../tests/lib/races.mjs';

const server = await startServer({ workers: 2 });
const features = { 'guest-login': {}, 'pay-at-venue': {}, 'sandbox-pay': {}, coupons: {}, 'customer-categories': {} };
const named = (en) => ({ en, fr: `${en} (fr)`, es: `${en} (es)` });
const setUp = {
  features,
  offers: [tour({ capacity: 500 }), tour({ slug: 'talk', title: named('Talk'), capacity: 500 })],
  coupons: [{ code: 'TEN', kind: 'percent', value: 10, offers: null }],
  'customer-categories': [
    { code: 'members', name: named('Members'), kind: 'percent', value: 20, offers: null },
    { code: 'students', name: named('Students'), kind: 'amount', value: 300, offers: ['tour'] },
    { code: 'partners', name: named('Partners'), kind: 'prices', value: null, offers: null },
  ],
};
const site = await server.createSite(setUp);
const other = await server.createSite(setUp);
await server.jobs();
for (const where of [site, other]) {
  const channels = await (await staff(where)).visit('/manage/channels');
  await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200);
}
const mary = await staff(site);
const OFFICE = '/manage/x/customer-categories/';
const categories = Object.fromEntries((await mary.getJson(OFFICE)).json.items.map(({ name, id }) => [name, id]));
const slots = { tour: (await slotsOf(server, site, 'tour')).slice(6), talk: (await slotsOf(server, site, 'talk')).slice(6) };
const email = (name) => `${name.toLowerCase()}@buyer.example`;

async function register(where, name, visitor = where.visitor()) {
  const page = await visitor.postJson('/account/register', { first_name: name, last_name: 'Lee', email: email(name), password: 'analytical engine 1843' });
  assert.equal(page.status, 200, page.text);
  const [{ id }] = await server.sql('SELECT customer_id::text AS id FROM customer JOIN site USING (tenant_id) WHERE slug = $1 AND email_folded = $2', [where.slug, email(name)]);
  return { id, visitor, buyer: Object.assign(new Buyer(where), { visitor }) };
}
const put = async (person, category, until) => {
  const done = await mary.postJson(`${OFFICE}customers/${person.id}`, { category: categories[category], ...(until && { until }) });
  assert.equal(done.status, 200, done.text);
};
const out = (person, category) => mary.postJson(`${OFFICE}customers/${person.id}/out`, { category: categories[category] });
async function priceOf(person, counts = { adult: 1 }, offer = 'tour', slot = slots[offer][0]) {
  const booked = await person.buyer.book(offer, slot, counts);
  assert.equal(booked.status, 201, booked.text);
  const { order } = await person.buyer.basket();
  return order;
}
const reasons = ({ lines }) => lines.map(({ reasons: [one] }) => one && [one.label, one.amount.minor, one.why]);
async function empty(person) {
  for (const line of (await person.buyer.basket()).order?.lines ?? []) await person.visitor.postJson(`/basket/lines/${line.id}/remove`, {});
}
const today = async () => (await server.sql(`SELECT (now() AT TIME ZONE time_zone)::date::text AS today, (extract(epoch FROM (((now() AT TIME ZONE time_zone)::date + 1)::timestamp AT TIME ZONE time_zone)))::bigint::text AS midnight FROM site WHERE slug = $1`, [site.slug]))[0];

const ann = await register(site, 'Ann');

test('C4: a percentage off, for who is in the category and logged in, and the line says why', async () => {
  assert.equal((await priceOf(ann)).total.minor, 1200);
  await empty(ann);
  await put(ann, 'Members', '2030-12-31');
  const order = await priceOf(ann, { adult: 2, child: 1 });
  assert.equal(order.total.minor, 2400);
  assert.deepEqual(reasons(order), [['Members', -480, 'Your price as Members (until Tuesday, 31 December 2030).'], ['Members', -120, 'Your price as Members (until Tuesday, 31 December 2030).']]);
  const page = await ann.visitor.visit('/basket');
  assert.match(page.words('#basket'), /Members · −€4\.80 ?Your price as Members/);
  assert.match((await ann.visitor.visit('/fr/basket')).words('#basket'), /Members/);
  assert.match((await ann.visitor.visit('/account')).words('main'), /Your prices ?Members \(until/);
  await empty(ann);
  const stranger = { buyer: new Buyer(site) };
  assert.equal((await priceOf(stranger)).total.minor, 1200, 'a guest');
  const ben = await register(site, 'Ben');
  assert.equal((await priceOf(ben)).total.minor, 1200, 'somebody else');
});

test('C4: two on one person: the best price line by line, and why; a coupon comes after', async () => {
  await put(ann, 'Students');
  const [rate] = (await mary.getJson(OFFICE + categories.Partners)).json.rates.filter(({ title, rate: name }) => title === 'Talk' && name === 'Adult');
  assert.equal((await mary.postJson(`${OFFICE}${categories.Partners}/prices`, { rate: rate.id, price: '5' })).status, 200);
  await put(ann, 'Partners');
  // tour: 20 % of 12 is 2.40, 3 off each place is better; of 6: 1.20 against 3.
  const visit = await priceOf(ann, { adult: 2, child: 1 });
  assert.deepEqual(reasons(visit).map(([label, minor]) => [label, minor]), [['Students', -600], ['Students', -300]]);
  assert.match(reasons(visit)[0][2], /Your price as Students: the best of .*Members.*/);
  await empty(ann);
  const talk = await priceOf(ann, { adult: 1, child: 1 }, 'talk');
  assert.deepEqual(reasons(talk).map(([label, minor]) => [label, minor]), [['Partners', -700], ['Members', -120]]);
  await ann.visitor.postJson('/basket/codes', { code: 'TEN' });
  const { order } = await ann.buyer.basket();
  assert.deepEqual(order.discounts.map(({ label, amount }) => [label, amount.minor]).sort(), [['Code TEN, −10%', -98], ['Members', -120], ['Partners', -700]]);
  assert.equal(order.total.minor, 500 + 480 - 98);
  await ann.visitor.postJson('/basket/codes/coupons/remove', {});
  await empty(ann);
  await out(ann, 'Students');
  await out(ann, 'Partners');
});

test('logging in with a basket in hand gives the price; “Not you?” takes it back', async () => {
  const visitor = site.visitor();
  const guest = { visitor, buyer: Object.assign(new Buyer(site), { visitor }) };
  assert.equal((await priceOf(guest)).total.minor, 1200);
  assert.equal((await visitor.postJson('/account/login', { email: email('Ann'), password: 'analytical engine 1843' })).status, 200);
  assert.equal((await guest.buyer.basket()).order.total.minor, 960);
  const left = await visitor.postJson('/account/leave', {});
  assert.equal(left.status, 200, left.text);
  assert.equal((await guest.buyer.basket()).order.total.minor, 1200);
});

test('staff who book for a customer sell at that customer’s price', async () => {
  const book = (customer) => mary.postJson('/manage/orders/new', { slot: String(slots.tour[1].id), quantity: [{ key: 'adult', count: 1 }], name: 'Ann Lee', email: email('Ann'), ...(customer && { customer }) }, { described: false });
  for (const [customer, total] of [[ann.id, 960], [undefined, 1200]]) {
    const { json } = await book(customer);
    const code = json.location.match(/orders\/(\w+)/)[1];
    assert.equal((await mary.getJson(`/manage/orders/${code}`)).json.order.total.minor, total);
  }
});

test('a basket of before the last midnight, paid after it: said, at the new price, and only then sold', async () => {
  const { today: day, midnight } = await today();
  const at = (seconds) => server.time(`set ${new Date((Number(midnight) + seconds) * 1000).toISOString()}`);
  const cy = await register(site, 'Cy');
  await put(cy, 'Members', day);
  await at(-120);
  assert.equal((await priceOf(cy, { adult: 1 }, 'tour', slots.tour[8])).total.minor, 960, 'the last day is a day of it');
  assert.equal((await cy.buyer.details({ email: email('Cy') })).status, 200);
  await at(60);
  const refused = await cy.buyer.pay('pay-at-venue');
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.json.code, 'repriced');
  assert.equal((await cy.buyer.basket()).order.total.minor, 1200);
  const paid = await cy.buyer.pay('pay-at-venue');
  assert.equal(paid.status, 201, paid.text);
  // The same with the card, in a browser: the page says it and shows the price.
  const di = await register(site, 'Di');
  await at(-86_400);
  await put(di, 'Members', day);
  await at(-120);
  await priceOf(di, { adult: 1 }, 'tour', slots.tour[8]);
  await di.buyer.details({ email: email('Di') });
  const page = await di.visitor.visit('/checkout/pay');
  await at(60);
  const again = await page.submit('form[action$="/checkout/pay"]', { method: 'sandbox-pay' });
  assert.equal(again.status, 422);
  assert.match(again.words('main'), /The price has changed meanwhile/);
  assert.match(again.words('.summary'), /12\.00/);
  await server.time('real');
  assert.deepEqual(await server.sql(`SELECT total_minor::int AS total FROM orders WHERE email = $1 AND placed_at IS NOT NULL`, [email('Cy')]), [{ total: 1200 }]);
});

test('taken out, changed, archived while in a basket: the price of now, said before it is sold', async () => {
  const version = async () => (await mary.getJson(OFFICE + categories.Members)).json.version;
  const change = async (percent) => mary.postJson(OFFICE + categories.Members, { version: await version(), name_en: 'Members', name_fr: 'Members (fr)', name_es: 'Members (es)', kind: 'percent', value: percent, applies: 'all' });
  const flip = (how) => mary.postJson(`${OFFICE}${categories.Members}/${how}`, {});
  const cases = [
    [() => out(ann, 'Members'), 1200, () => put(ann, 'Members')],
    [() => change('10'), 1080, () => change('20')],
    [() => change('30'), 840, () => change('20')],
    [() => flip('archive'), 1200, () => flip('restore')],
  ];
  for (const [make, total, undo] of cases) {
    assert.equal((await priceOf(ann)).total.minor, 960);
    await ann.buyer.details({ email: email('Ann') });
    assert.ok((await make()).status < 300);
    const refused = await ann.buyer.pay('pay-at-venue');
    assert.deepEqual([refused.status, refused.json.code], [409, 'repriced']);
    assert.equal((await ann.buyer.basket()).order.total.minor, total);
    assert.equal((await ann.buyer.pay('pay-at-venue')).status, 201);
    await undo();
  }
  await checkInvariants(server);
});

test('taken out at the very moment of the sale: whoever is first counts, and without the guard it would be sold', async () => {
  const eve = await register(site, 'Eve');
  await put(eve, 'Members');
  const ready = async () => {
    await put(eve, 'Members');
    await empty(eve);
    assert.equal((await priceOf(eve)).total.minor, 960);
    await eve.buyer.details({ email: email('Eve') });
  };
  // The price was found good; then a transaction that began before takes the customer out.
  const race = async () => {
    const leaving = server.sql(
      `WITH gone AS (DELETE FROM plugin_customer_categories.member WHERE customer_id = $1 RETURNING 1) SELECT pg_sleep(0.6) FROM gone`, [eve.id]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const paid = await eve.buyer.pay('pay-at-venue');
    await leaving;
    return paid;
  };
  await ready();
  const raced = await race();
  assert.equal(raced.status, 422, raced.text);
  assert.match(raced.text, /Your price has changed meanwhile/);
  assert.equal((await eve.buyer.pay('pay-at-venue')).json.code, 'repriced', 'then the price of now is shown');
  await ready();
  const sold = await unguarded(server, race);
  assert.equal(sold.status, 201, 'without the guard it is sold at the price of before');
  await put(eve, 'Members');
  await checkInvariants(server);
});

test('off, on, off and on again: prices, pages and tabs gone everywhere, kept; a second site notices nothing', async () => {
  const nora = await staff(other);
  const members = () => server.sql('SELECT customer_id, category_id FROM plugin_customer_categories.member ORDER BY 1, 2');
  const before = await members();
  for (const state of ['off', 'on', 'off', 'on']) {
    await turnFeature(server, site, 'customer-categories', state);
    const on = state === 'on';
    for (const path of [OFFICE, `${OFFICE}customers/${ann.id}`]) await eventually(async () => (await mary.get(path)).status, on ? 200 : 404);
    await eventually(async () => {
      await empty(ann);
      return (await priceOf(ann)).total.minor;
    }, on ? 960 : 1200);
    assert.equal(/Categories/.test((await mary.visit(`/manage/customers/${ann.id}`)).words('.object-tabs')), on);
    assert.equal(/Your prices/.test((await ann.visitor.visit('/account')).words('main')), on);
    assert.equal(/All categories/.test((await mary.visit('/manage/customers')).text), on);
    assert.deepEqual(await members(), before);
    assert.equal((await nora.get(OFFICE)).status, 200);
  }
  const theirs = await register(other, 'Ann');
  assert.equal((await theirs.visitor.getJson('/account')).json.home.cards.length, 0, 'the same address is somebody else there');
});
