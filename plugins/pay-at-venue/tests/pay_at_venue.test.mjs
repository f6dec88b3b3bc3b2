// Paying at the venue: the order is firm at once and the amount stays due.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  Buyer, checkInvariants, eventually, slotsOf, startServer, tour, turnFeature,
} from '../../../tests/lib/index.mjs';

const server = await startServer();
const features = { 'pay-at-venue': { most: 3000, text_fr: 'À la caisse <rouge>' }, 'sandbox-pay': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 20 })] });
const other = await server.createSite({ features: { 'pay-at-venue': {} } });
const slots = {
  [site.slug]: await slotsOf(server, site, 'tour'),
  [other.slug]: await slotsOf(server, other, 'tour'),
};

async function buyerAt(where, adult = 1) {
  const buyer = new Buyer(where);
  const booked = await buyer.book('tour', slots[where.slug][0], { adult });
  assert.equal(booked.status, 201, booked.text);
  await buyer.details();
  return buyer;
}
const methods = async (buyer, prefix = '') =>
  (await buyer.visitor.getJson(`${prefix}/checkout/pay`)).json.methods;
const own = async (buyer, prefix) =>
  (await methods(buyer, prefix)).find((method) => method.code === 'pay-at-venue');
const codes = async (buyer) => (await methods(buyer)).map((method) => method.code);

test('the order is placed and its amount is due', async () => {
  const buyer = await buyerAt(site, 2);
  const paid = await buyer.pay('pay-at-venue');
  assert.equal(paid.status, 201, paid.text);
  assert.match((await buyer.visitor.visit(paid.json.location)).words('main'), /€24.00/);
  const [order] = await server.sql(
    'SELECT due_minor::int AS due, total_minor::int AS total FROM orders WHERE placed_at IS NOT NULL',
  );
  assert.deepEqual(order, { due: 2400, total: 2400 });
  assert.deepEqual(await server.sql('SELECT 1 FROM payment'), []);
  await checkInvariants(server);
});

test('above the highest total it isn’t offered, and a forged choice is refused', async () => {
  const buyer = await buyerAt(site, 3);
  assert.deepEqual(await codes(buyer), ['sandbox-pay']);
  assert.equal((await buyer.pay('pay-at-venue')).status, 422);
  assert.deepEqual(await codes(await buyerAt(site, 2)), ['sandbox-pay', 'pay-at-venue']);
});

test('the venue’s own words stand at checkout, escaped, in each language its own', async () => {
  const buyer = await buyerAt(site);
  assert.match((await own(buyer)).text, /by card or in cash/i);
  assert.equal((await own(buyer, '/fr')).text, 'À la caisse <rouge>');
  assert.match((await buyer.visitor.visit('/fr/checkout/pay')).text, /À la caisse &lt;rouge&gt;/);
});

test('off, on, off and on again; a second site notices nothing', async () => {
  const [here, there] = [await buyerAt(site), await buyerAt(other)];
  for (const state of ['off', 'on', 'off', 'on']) {
    await turnFeature(server, site, 'pay-at-venue', state);
    await eventually(() => codes(here), state === 'on' ? ['sandbox-pay', 'pay-at-venue'] : ['sandbox-pay']);
    if (state === 'off') assert.equal((await here.pay('pay-at-venue')).status, 422);
    assert.deepEqual(await codes(there), ['pay-at-venue']);
  }
  assert.equal((await here.pay('pay-at-venue')).status, 201);
});
