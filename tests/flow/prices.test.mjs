import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';
import { offerId, staff } from '../lib/office.mjs';

const server = await startServer();
const words = (en) => ({ en, fr: en, es: en });
const rate = (price) => [{ code: 'adult', name: words('Adult'), price }];
const site = await server.createSite({
  taxes: [
    { code: 'standard', name: words('VAT'), rate_ppm: 200_000, included: true },
    { code: 'reduced', name: words('VAT'), rate_ppm: 55_000, included: true },
    { code: 'city', name: words('City tax'), rate_ppm: 82_500, included: false },
    { code: 'none', name: words('No tax'), rate_ppm: 0, included: true },
  ],
  offers: [
    tour({ slug: 'standard', tax: 'standard', rates: rate(1250) }),
    tour({ slug: 'reduced', tax: 'reduced', rates: rate(999) }),
    tour({ slug: 'added', tax: 'city', rates: rate(1010) }),
    tour({ slug: 'untaxed', tax: 'none', rates: rate(300) }),
  ],
});

async function basketOf(counts) {
  const ann = new Buyer(site);
  for (const [offer, adult] of Object.entries(counts)) {
    const [slot] = await slotsOf(server, site, offer);
    assert.equal((await ann.book(offer, slot, { adult })).status, 201);
  }
  await checkInvariants(server);
  return (await ann.basket()).order;
}
const taxes = (rows) => rows.map(({ label, amount }) => [label, amount.minor]);

test('tax inside the price: it is shown, not added', async () => {
  const order = await basketOf({ standard: 3 });
  assert.equal(order.total.minor, 3750);
  assert.deepEqual(taxes(order.included_taxes), [['VAT 20% included', 625]]);
  assert.deepEqual(order.added_taxes, []);
});

test('tax on top of the price: in the total from the first view of the basket (ux 4)', async () => {
  const order = await basketOf({ added: 3 });
  assert.equal(order.lines[0].total.minor, 3030);
  assert.deepEqual(taxes(order.added_taxes), [['City tax 8.25%', 250]], 'rounded once for the line: 249.975');
  assert.equal(order.total.minor, 3280);
});

test('several rates of tax stand apart, an untaxed line adds none', async () => {
  const order = await basketOf({ standard: 1, reduced: 7, added: 1, untaxed: 2 });
  assert.deepEqual(taxes(order.included_taxes), [['VAT 20% included', 208], ['VAT 5.5% included', 365]]);
  assert.deepEqual(taxes(order.added_taxes), [['City tax 8.25%', 83]]);
  assert.equal(order.total.minor, 1250 + 6993 + 1010 + 83 + 600);
});

test('amounts are whole yen where a currency has no smaller unit', async () => {
  const tokyo = await server.createSite({ currency: 'JPY', time_zone: 'Asia/Tokyo', offers: [tour({ rates: rate(1999) })] });
  const [slot] = await slotsOf(server, tokyo, 'tour');
  const { json } = await new Buyer(tokyo).book('tour', slot, { adult: 3 });
  assert.equal(json.order.total.minor, 5997);
  assert.match(json.order.total.text, /¥5,997$/);
  assert.deepEqual(taxes(json.order.included_taxes), [['VAT 20% included', 1000]]);
});

test('what a line costs is a snapshot: a later price is for later buyers', async () => {
  const [slot] = await slotsOf(server, site, 'untaxed');
  const ann = new Buyer(site);
  await ann.book('untaxed', slot, { adult: 1 });
  await server.sql("UPDATE rate SET price_minor = 900 FROM offer o WHERE o.offer_id = rate.offer_id AND o.slug = 'untaxed'");
  const [{ id }] = (await ann.basket()).order.lines;
  await ann.change({ id }, 2);
  assert.equal((await ann.basket()).order.total.minor, 600);
  await checkInvariants(server);
});

test('P10: a changed tax and price hold for what is put into a basket from then on; who had it keeps what was shown', async () => {
  const place = await server.createSite({
    taxes: [{ code: 'standard', name: words('VAT'), rate_ppm: 200_000, included: false }],
    offers: [tour({ tax: 'standard', rates: rate(1000) })],
  });
  const mary = await staff(place);
  const [slot] = await slotsOf(server, place, 'tour');
  const shown = (order) => [order.lines[0].total.minor, taxes(order.added_taxes), order.total.minor];
  const [early, late] = [new Buyer(place), new Buyer(place)];
  assert.equal((await early.book('tour', slot, { adult: 1 })).status, 201);
  const before = [1000, [['VAT 20%', 200]], 1200];
  assert.deepEqual(shown((await early.basket()).order), before);

  const [tax] = (await mary.getJson('/manage/legal')).json.taxes;
  assert.equal((await mary.postJson(`/manage/legal/taxes/${tax.tax_id}`, { name: { en: 'VAT' }, rate: '10', included: false, version: tax.version })).status, 200);
  const id = await offerId(server, place, 'tour');
  const [adult] = (await mary.getJson(`/manage/offers/${id}/rates`)).json.rates;
  const { json: page } = await mary.getJson(`/manage/offers/${id}/rates/${adult.id}`);
  assert.equal((await mary.postJson(`/manage/offers/${id}/rates/${adult.id}`, { price: '15', name: { en: 'Adult' }, version: page.rate.version })).status, 200);

  assert.equal((await late.book('tour', slot, { adult: 1 })).status, 201);
  assert.deepEqual(shown((await late.basket()).order), [1500, [['VAT 10%', 150]], 1650]);
  assert.deepEqual(shown((await early.basket()).order), before, 'the hold keeps it');
  await early.buy();
  await late.buy();
  const sold = await server.sql(`SELECT o.total_minor::int AS total, l.tax_ppm::int AS tax FROM orders o JOIN order_line l USING (tenant_id, order_id)
    JOIN site s USING (tenant_id) WHERE s.slug = $1 AND l.state = 'confirmed' ORDER BY 1`, [place.slug]);
  assert.deepEqual(sold, [{ total: 1200, tax: 200_000 }, { total: 1650, tax: 100_000 }]);
  await checkInvariants(server);
});
