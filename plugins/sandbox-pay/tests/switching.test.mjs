// Off, on, off and on again on one site, while a second one notices nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, eventually, slotsOf, startServer, tour, turnFeature } from '../../../tests/lib/index.mjs';

const server = await startServer({ workers: 2 });
const features = { 'sandbox-pay': {}, 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 9 })] });
const other = await server.createSite({ features });
const slots = { [site.slug]: await slotsOf(server, site, 'tour'), [other.slug]: await slotsOf(server, other, 'tour') };

async function buyerAt(where) {
  const buyer = new Buyer(where);
  await buyer.book('tour', slots[where.slug][0], { adult: 1 });
  await buyer.details();
  return buyer;
}

const shopper = { [site.slug]: await buyerAt(site), [other.slug]: await buyerAt(other) };
const methods = async (where) =>
  (await shopper[where.slug].visitor.getJson('/checkout/pay')).json.methods.map((method) => method.code);
const notify = async (where) => (await where.visitor().post('/x/sandbox-pay/notify', { body: '{}' })).status;

test('off is off everywhere, on comes back with what it had, the second site notices nothing', async () => {
  for (const round of [1, 2]) {
    await turnFeature(server, site, 'sandbox-pay', 'off');
    await eventually(() => methods(site), ['pay-at-venue']);
    await eventually(() => notify(site), 404);
    const forged = await shopper[site.slug].pay('sandbox-pay');
    assert.equal(forged.status, 422, `round ${round}: ${forged.text}`);
    assert.deepEqual(await methods(other), ['sandbox-pay', 'pay-at-venue']);
    assert.equal(await notify(other), 403);

    await turnFeature(server, site, 'sandbox-pay', 'on');
    await eventually(() => methods(site), ['sandbox-pay', 'pay-at-venue']);
    await eventually(() => notify(site), 403);
    const paid = await shopper[site.slug].pay('sandbox-pay');
    assert.equal(paid.status, 201, `round ${round}: ${paid.text}`);
    const page = await shopper[site.slug].visitor.visit(paid.json.location);
    assert.match((await page.submit('Approve')).words('main'), /Your places are booked/);
    shopper[site.slug] = await buyerAt(site);
  }
  assert.equal((await shopper[other.slug].pay('sandbox-pay')).status, 201);
});

test('while it closes, nothing new starts and what is under way is honoured', async () => {
  const paying = await buyerAt(site);
  const page = await paying.visitor.visit((await paying.pay('sandbox-pay')).json.location);
  await turnFeature(server, site, 'sandbox-pay', 'closing');
  await eventually(() => methods(site), ['pay-at-venue']);
  assert.equal((await shopper[site.slug].pay('sandbox-pay')).status, 422);
  assert.match((await page.submit('Approve')).words('main'), /Your places are booked/);
});
