// The last use of a coupon goes to exactly one buyer, and a race shows without the guard.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../../../tests/lib/index.mjs';

const coupons = ['VENUE', 'CARD', 'MIXED', 'BUYER', 'LATE', 'KEPT', 'UNGUARDED'].map((code) => ({
  code,
  kind: 'amount',
  value: 200,
  offers: null,
  ...(code === 'BUYER' ? { per_buyer: 1 } : { uses: 1 }),
}));
const server = await startServer({ workers: 2 });
const site = await server.createSite({ offers: [tour({ capacity: 500 })], coupons });
await server.jobs();
// The clock moves on by hours: no time of today begins meanwhile.
const slots = (await slotsOf(server, site, 'tour')).slice(2);
const buyers = 24;

// So many buyers with the code in their baskets, each in another slot, ready to pay.
async function ready(code, email = (i) => `buyer${i}@example.com`) {
  return Promise.all(
    Array.from({ length: buyers }, async (_, i) => {
      const buyer = new Buyer(site);
      await buyer.book('tour', slots[i % slots.length], { adult: 1 });
      await server.sql('DELETE FROM attempt');
      const applied = await buyer.visitor.postJson('/basket/codes', { code });
      assert.equal(applied.status, 200, applied.text);
      await buyer.details({ email: email(i) });
      return buyer;
    }),
  );
}

const statuses = (pages) => pages.map((page) => page.status).sort();
const oneWon = [201, ...Array(buyers - 1).fill(422)];
const cheaper = async (code) =>
  (
    await server.sql(
      `SELECT count(DISTINCT l.order_id)::int AS n FROM order_line l
        WHERE l.state IN ('paying', 'confirmed') AND l.discounts->0->>'code' = $1`,
      [code],
    )
  )[0].n;

test('at the venue', async () => {
  const pages = await Promise.all((await ready('VENUE')).map((buyer) => buyer.pay('pay-at-venue')));
  assert.deepEqual(statuses(pages), oneWon);
  assert.equal(await cheaper('VENUE'), 1);
  for (const page of pages.filter(({ status }) => status === 422)) {
    assert.match(page.text, /used as often as it could be/);
  }
  await checkInvariants(server);
});

test('by card: going to the payment page takes it, coming back without paying gives it back', async () => {
  const all = await ready('CARD');
  const pages = await Promise.all(all.map((buyer) => buyer.pay('sandbox-pay')));
  assert.deepEqual(statuses(pages), oneWon);
  const winner = pages.findIndex(({ status }) => status === 201);
  const page = await all[winner].visitor.visit(pages[winner].json.location);
  await page.submit('Leave without paying');
  const again = await Promise.all(all.map((buyer) => buyer.pay('sandbox-pay')));
  assert.deepEqual(statuses(again), oneWon);
});

test('both ways at once', async () => {
  const methods = ['pay-at-venue', 'sandbox-pay'];
  const pages = await Promise.all((await ready('MIXED')).map((buyer, i) => buyer.pay(methods[i % 2])));
  assert.deepEqual(statuses(pages), oneWon);
});

test('one buyer in many tabs', async () => {
  const all = await ready('BUYER', (i) => (i % 2 ? 'Tab@example.com' : 'tab@EXAMPLE.com'));
  const pages = await Promise.all(all.map((buyer) => buyer.pay('pay-at-venue')));
  assert.deepEqual(statuses(pages), oneWon);
});

// A buyer at the provider's page, until the shop gave the payment up; the page that still is open.
async function givenUp(code) {
  const ann = new Buyer(site);
  await ann.book('tour', slots[0], { adult: 1 });
  await server.sql('DELETE FROM attempt');
  assert.equal((await ann.visitor.postJson('/basket/codes', { code })).status, 200);
  await ann.details({ email: `ann@${code.toLowerCase()}.example` });
  await server.payments.pause();
  const page = await ann.visitor.visit((await ann.pay('sandbox-pay')).json.location);
  await server.time('+2700');
  await server.jobs();
  const [{ state }] = await server.sql('SELECT state FROM payment ORDER BY payment_id DESC LIMIT 1');
  assert.equal(state, 'abandoned');
  return page;
}

async function approveLate(page) {
  await page.submit('Approve', {}, { follow: false });
  assert.ok((await server.payments.deliver()).every((status) => status === 200));
  await server.jobs();
}

const paymentsOf = (code) =>
  server.sql(
    `SELECT p.state, p.refund_of IS NOT NULL AS refund FROM payment p JOIN orders o USING (tenant_id, order_id)
      WHERE o.plugin_data->'coupons'->>'code' = $1 AND p.state = 'captured' ORDER BY p.payment_id`,
    [code],
  );

test('a payment heard of after it was given up: the last use is somebody else’s by then, the money goes back', async () => {
  const page = await givenUp('LATE');
  const [bob] = await ready('LATE');
  assert.equal((await bob.pay('pay-at-venue')).status, 201);
  await approveLate(page);
  assert.equal(await cheaper('LATE'), 1);
  assert.deepEqual(await paymentsOf('LATE'), [{ state: 'captured', refund: false }, { state: 'captured', refund: true }]);
  assert.ok(await server.mail({ to: 'ann@late.example' }));
  await checkInvariants(server);
});

test('a payment heard of after it was given up: nobody used the coupon, the sale stands', async () => {
  await approveLate(await givenUp('KEPT'));
  assert.equal(await cheaper('KEPT'), 1);
  assert.deepEqual(await paymentsOf('KEPT'), [{ state: 'captured', refund: false }]);
  await checkInvariants(server);
});

test('control: with the guard off the race shows', async () => {
  const all = await ready('UNGUARDED');
  const [{ definition }] = await server.sql(
    `SELECT pg_get_functiondef('vt_require(boolean, text)'::regprocedure) AS definition`,
  );
  await server.sql(
    `CREATE OR REPLACE FUNCTION vt_require(ok boolean, code text) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
  );
  try {
    await Promise.all(all.map((buyer) => buyer.pay('pay-at-venue')));
  } finally {
    await server.sql(definition);
  }
  assert.ok((await cheaper('UNGUARDED')) > 1);
});
