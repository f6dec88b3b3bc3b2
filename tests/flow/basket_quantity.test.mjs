import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({
  offers: [tour({ capacity: 30, sales: { min_per_order: 2, max_per_order: 5, opens_days_before: 60, closes_min_before: 0 } })],
});
const [slot] = await slotsOf(server, site, 'tour');

const book = (quantity) => new Buyer(site).visitor.postJson('/offers/tour', { slot: slot.id, quantity });
const adults = (count) => [{ key: 'adult', count }];

// [what, the quantity that is sent, its refusal]
const refused = [
  ['0', adults(0), 'nothing_chosen'],
  ['-1', adults(-1), 'too_small'],
  ['10⁹', adults(1e9), 'too_large'],
  ['10¹⁸', adults(1e18), 'too_large'],
  ['a decimal', adults(1.5), 'choice'],
  ['text', adults('two'), 'choice'],
  ['no key', [{ count: 1 }], 'choice'],
  ['an unknown rate', [{ key: 'emperor', count: 2 }], 'not_on_sale'],
  ['SQL for a rate', [{ key: "adult' OR 1=1 --", count: 2 }], 'not_on_sale'],
  ['below the least number', adults(1), 'too_few'],
  ['above the greatest', adults(6), 'too_many'],
  ['above it in two rates', [...adults(3), { key: 'child', count: 3 }], 'too_many'],
  ['nothing', [], 'nothing_chosen'],
];

for (const [what, quantity, code] of refused) {
  test(`"a quantity of 0, −1, 10⁹": ${what} is refused beside the field, nothing is held`, async () => {
    const page = await book(quantity);
    assert.equal(page.status, 422, page.text);
    assert.equal(page.headers['content-type'], 'application/problem+json');
    assert.equal(page.json.errors[0].code, code, page.text);
    assert.ok(page.json.errors[0].text);
    assert.deepEqual(await server.sql('SELECT line_id FROM order_line'), []);
    await checkInvariants(server);
  });
}

for (const form of ['quantity_adult=2.5', 'quantity_adult=-1', 'quantity_adult=1e3', 'quantity_adult=٣', 'quantity_adult=0x10', 'quantity_adult=9999999999999999999999']) {
  test(`a form with ${form} is refused, nothing is held`, async () => {
    const page = await site.visitor().post('/offers/tour', {
      body: `slot=${slot.id}&${form}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(page.status, 422);
    assert.deepEqual(await server.sql('SELECT line_id FROM order_line'), []);
  });
}

for (const [what, quantity, status, code] of [
  ['-1', -1, 422, 'too_small'],
  ['10⁹', 1e9, 422, 'too_large'],
  ['a decimal', 2.5, 422, 'type'],
  ['text', 'three', 422, 'type'],
  ['above the greatest', 6, 422, 'too_many'],
  ['below the least', 1, 422, 'too_few'],
]) {
  test(`a line can't be set to ${what}`, async () => {
    const ann = new Buyer(site);
    const { json } = await ann.book('tour', slot, { adult: 2 });
    const page = await ann.change(json.order.lines[0], quantity);
    assert.equal(page.status, status);
    assert.equal(page.json.errors[0].code, code);
    assert.equal((await ann.basket()).order.lines[0].quantity, 2);
    await ann.change(json.order.lines[0], 0);
    assert.equal((await ann.basket()).order, null);
    await checkInvariants(server);
  });
}

test('asking again for the same slot and rate sets the number', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { adult: 2 });
  await ann.book('tour', slot, { adult: 3, child: 1 });
  assert.deepEqual((await ann.basket()).order.lines.map((l) => l.quantity), [3, 1]);
  await checkInvariants(server);
});
