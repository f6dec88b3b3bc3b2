// A code in the basket: its effect at once, to the cent, and a refusal that says why.
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import {
  Buyer, checkInvariants, eventually, slotsOf, startServer, tour, turnFeature,
} from '../../../tests/lib/index.mjs';

const date = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const prices = (adult, child) => [
  { code: 'adult', name: { en: 'Adult', fr: 'Adulte', es: 'Adulto' }, price: adult },
  { code: 'child', name: { en: 'Child', fr: 'Enfant', es: 'Niño' }, price: child },
];
const coupons = [
  { code: 'TEN', kind: 'percent', value: 10, offers: null },
  { code: 'SEVEN', kind: 'percent', value: 7, offers: null },
  { code: 'FIVE-OFF', kind: 'amount', value: 500, offers: null },
  { code: 'BIG', kind: 'amount', value: 100_000, offers: null },
  { code: 'TALKS', kind: 'percent', value: 50, offers: ['talk'] },
  { code: 'SOON', kind: 'percent', value: 10, offers: null, from: date(3) },
  { code: 'OVER', kind: 'percent', value: 10, offers: null, to: date(-2) },
  { code: 'TODAY', kind: 'percent', value: 10, offers: null, to: date(0) },
  { code: 'ONCE', kind: 'percent', value: 10, offers: null, uses: 1 },
  { code: 'MINE', kind: 'percent', value: 10, offers: null, per_buyer: 1 },
  { code: 'FREE', kind: 'percent', value: 100, offers: null, per_buyer: 1 },
];
const offers = [
  tour({ capacity: 200, rates: prices(1115, 333) }),
  tour({ slug: 'talk', capacity: 200, rates: prices(1000, 101) }),
];
const server = await startServer();
const site = await server.createSite({ offers, coupons });
const other = await server.createSite({ coupons: [{ code: 'THERE', kind: 'percent', value: 10, offers: null }] });
await server.jobs();
const slots = { tour: await slotsOf(server, site, 'tour'), talk: await slotsOf(server, site, 'talk') };

beforeEach(() => server.sql('DELETE FROM attempt'));

async function basketOf(wishes) {
  const buyer = new Buyer(site);
  for (const [offer, counts] of Object.entries(wishes)) {
    const booked = await buyer.book(offer, slots[offer][0], counts);
    assert.equal(booked.status, 201, booked.text);
  }
  buyer.code = (code) => buyer.visitor.postJson('/basket/codes', { code });
  return buyer;
}
const totals = ({ order }) => [order.total.minor, ...order.discounts.map((d) => d.amount.minor)];
const reason = (page) => page.json.errors[0].text;

test('a percentage is rounded once a line', async () => {
  const buyer = await basketOf({ tour: { adult: 3, child: 1 } });
  const done = await buyer.code('SEVEN');
  assert.equal(done.status, 200, done.text);
  // 7 % of 3345 is 234.15, of 333 is 23.31
  assert.deepEqual(totals(await buyer.basket()), [3678 - 234 - 23, -257]);
  assert.equal((await buyer.basket()).codes.applied[0].label, '−7%');
  await checkInvariants(server);
});

test('an amount falls on the lines in proportion, to the cent', async () => {
  const buyer = await basketOf({ tour: { adult: 1, child: 1 }, talk: { child: 1 } });
  await buyer.code('FIVE-OFF');
  assert.deepEqual(totals(await buyer.basket()), [1115 + 333 + 101 - 500, -500]);
  const lines = await server.sql(
    `SELECT (discounts->0->>'minor')::int AS minor FROM order_line WHERE discounts <> '[]'
       AND order_id = (SELECT max(order_id) FROM orders) ORDER BY unit_minor DESC`,
  );
  // 359.91, 107.49 and 32.60
  assert.deepEqual(lines.map((l) => l.minor), [-360, -107, -33]);
  await checkInvariants(server);
});

test('never below zero, and then there is nothing to pay', async () => {
  const buyer = await basketOf({ tour: { adult: 1 } });
  await buyer.code('BIG');
  assert.deepEqual(totals(await buyer.basket()), [0, -1115]);
  const order = await buyer.details();
  assert.equal(order.status, 201, order.text);
  assert.match((await buyer.visitor.visit(order.json.location)).words('main'), /Your places are booked/);
  await checkInvariants(server);
});

test('it follows the basket, and goes when it is taken out', async () => {
  const buyer = await basketOf({ tour: { adult: 1 } });
  await buyer.code('ten');
  const [line] = (await buyer.basket()).order.lines;
  await buyer.change(line, 4);
  assert.deepEqual(totals(await buyer.basket()), [4460 - 446, -446]);
  const page = await buyer.visitor.visit('/basket');
  const without = await page.submit('Remove code TEN');
  assert.doesNotMatch(without.words('main'), /Code TEN/);
  assert.deepEqual(totals(await buyer.basket()), [4460]);
});

test('one coupon an order: the next one takes its place', async () => {
  const buyer = await basketOf({ tour: { adult: 1 } });
  await buyer.code('TEN');
  await buyer.code('FIVE-OFF');
  const basket = await buyer.basket();
  assert.deepEqual(basket.codes.applied.map((c) => c.code), ['FIVE-OFF']);
  assert.deepEqual(totals(basket), [615, -500]);
});

test('typed with spaces, dashes and small letters it is the same code', async () => {
  for (const typed of ['five-off', ' FIVE OFF ', 'Five–off'.replace('–', '-'), 'fiveoff']) {
    assert.equal((await (await basketOf({ tour: { adult: 1 } })).code(typed)).status, 200, typed);
  }
});

test('only the offers it is for', async () => {
  const both = await basketOf({ tour: { adult: 1 }, talk: { adult: 1 } });
  await both.code('TALKS');
  assert.deepEqual(totals(await both.basket()), [1115 + 500, -500]);
  const refused = await (await basketOf({ tour: { adult: 1 } })).code('TALKS');
  assert.equal(refused.status, 422);
  assert.match(reason(refused), /doesn’t apply to what is in your basket/);
});

test('ux 14: a refusal says why and changes nothing', async () => {
  const why = {
    NOBODY: /don’t know this code/,
    THERE: /don’t know this code/,
    "' OR 1=1 --": /don’t know this code/,
    '<b>x</b>': /don’t know this code/,
    SOON: /can be used from/,
    OVER: /could be used until/,
  };
  const buyer = await basketOf({ tour: { adult: 1 } });
  await buyer.code('TEN');
  for (const [code, words] of Object.entries(why)) {
    const refused = await buyer.code(code);
    assert.equal(refused.status, 422, code);
    assert.match(reason(refused), words, code);
  }
  assert.deepEqual(totals(await buyer.basket()), [1115 - 112, -112]);
  assert.equal((await buyer.code('TODAY')).status, 200);
  const page = await (await buyer.visitor.visit('/fr/basket')).submit('Appliquer', { code: 'NOBODY' });
  assert.equal(page.status, 422);
  assert.match(page.words('main'), /Nous ne connaissons pas ce code/);
});

test('used up, and used by this buyer, whatever the e-mail’s capitals', async () => {
  const first = await basketOf({ tour: { adult: 1 } });
  await first.code('ONCE');
  await first.details({ email: 'eva@example.com' });
  assert.equal((await first.pay('pay-at-venue')).status, 201);
  assert.match(reason(await (await basketOf({ tour: { adult: 1 } })).code('ONCE')), /as often as it could be/);

  const mine = await basketOf({ tour: { adult: 1 } });
  await mine.code('MINE');
  await mine.details({ email: 'Eva@Example.com' });
  assert.equal((await mine.pay('pay-at-venue')).status, 201);
  const again = await basketOf({ tour: { adult: 1 } });
  assert.equal((await again.code('MINE')).status, 200, 'who it is isn’t known yet');
  await again.details({ email: 'EVA@example.COM' });
  const refused = await again.pay('pay-at-venue');
  assert.equal(refused.status, 422, refused.text);
  assert.match(refused.text, /You have used this code already/);
  assert.match(reason(await again.code('MINE')), /You have used this code already/);
  await again.visitor.postJson('/basket/codes/coupons/remove', {});
  assert.equal((await again.pay('pay-at-venue')).status, 201);
  await checkInvariants(server);
});

test('a free order counts its use too', async () => {
  const buy = async () => {
    const buyer = await basketOf({ tour: { adult: 1 } });
    await buyer.code('FREE');
    return buyer.details({ email: 'free@example.com' });
  };
  assert.equal((await buy()).status, 201);
  const refused = await buy();
  assert.equal(refused.status, 422);
  assert.match(refused.text, /You have used this code already/);
});

test('a use comes back when the order isn’t bought', async () => {
  const [code] = await server.sql(
    `UPDATE plugin_coupons.coupon SET uses = 2 WHERE code = 'ONCE' RETURNING uses`);
  assert.equal(code.uses, 2);
  const paying = await basketOf({ tour: { adult: 1 } });
  await paying.code('ONCE');
  await paying.details();
  const page = await paying.visitor.visit((await paying.pay('sandbox-pay')).json.location);
  assert.equal((await (await basketOf({ tour: { adult: 1 } })).code('ONCE')).status, 422);
  await page.submit('Leave without paying');
  assert.equal((await (await basketOf({ tour: { adult: 1 } })).code('ONCE')).status, 200);
});

test('guessing is limited, a thousand guesses find nothing', async () => {
  const buyer = await basketOf({ tour: { adult: 1 } });
  const answers = [];
  for (let i = 0; i < 1000; i += 20) {
    const round = Array.from({ length: 20 }, (_, n) => buyer.code(`GUESS${i + n}`));
    answers.push(...(await Promise.all(round)));
  }
  assert.equal(answers.filter((answer) => answer.status === 422 && /don’t know/.test(reason(answer))).length, 30);
  const refused = answers.filter(({ status }) => status === 429);
  assert.equal(refused.length, 970);
  for (const answer of refused) {
    assert.match(reason(answer), /Too many codes.*Wait \d+ minutes/);
    assert.ok(Number(answer.headers['retry-after']) > 500);
    assert.equal(answer.json.errors[0].field, 'code');
  }
  const page = await (await buyer.visitor.visit('/basket')).submit('Apply', { code: 'TEN' });
  assert.equal(page.status, 429);
  assert.ok(Number(page.headers['retry-after']) > 500);
  assert.match(page.errors.code, /Too many codes/);
  assert.match(page.words('.errors'), /Too many codes/);
  assert.match(reason(await (await basketOf({ tour: { adult: 1 } })).code('TEN')), /Too many/, 'a new session too');
  await server.time('+601');
  assert.equal((await (await basketOf({ tour: { adult: 1 } })).code('TEN')).status, 200);
  await server.time('real');
});

test('off, on, off and on again; a second site notices nothing', async () => {
  const there = new Buyer(other);
  await there.book('tour', (await slotsOf(server, other, 'tour'))[0], { adult: 1 });
  const buyer = await basketOf({ tour: { adult: 1 } });
  await buyer.code('TEN');
  for (const state of ['off', 'on', 'off', 'on']) {
    await turnFeature(server, site, 'coupons', state);
    await eventually(async () => (await buyer.basket()).codes !== null, state === 'on');
    const applied = await there.visitor.postJson('/basket/codes', { code: 'THERE' });
    assert.equal(applied.status, 200);
    if (state === 'on') continue;
    assert.equal((await buyer.code('TEN')).status, 422);
    assert.equal((await site.visitor().get('/manage/x/coupons/')).status, 404);
    const [line] = (await buyer.basket()).order.lines;
    await buyer.change(line, line.quantity + 1);
    assert.equal((await buyer.basket()).order.discounts.length, 0);
  }
  const [line] = (await buyer.basket()).order.lines;
  await buyer.change(line, 1);
  assert.deepEqual(totals(await buyer.basket()), [1115 - 112, -112]);
});
