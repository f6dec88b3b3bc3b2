// Two people give back the same money at the same moment: once, whatever was paid in how many parts;
// the customer hears of what comes, no more. What would go wrong without the guards stands beside.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, Buyer, checkInvariants, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { atOnce, unguarded } from '../lib/races.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ features: { 'sandbox-pay': {} }, offers: [tour({ schedule: [] })] });
const [one, two] = [await staff(site), await staff(site)];
let day = 3;

// Paid by card, 24.00 in one part or 10.00 and 14.00.
async function paid({ parts = 1 } = {}) {
  const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + day++ * 86_400_000).toISOString()]);
  const buyer = new Buyer(site);
  assert.equal((await buyer.book('tour', slot, { adult: 2 })).status, 201);
  const code = (await buyer.buyByCard()).match(/orders\/(\w+)/)[1];
  if (parts === 2) {
    await server.sql(
      `WITH p AS (UPDATE payment p SET amount_minor = 1000 FROM orders o WHERE o.code = $1 AND p.order_id = o.order_id RETURNING p.*)
       INSERT INTO payment (tenant_id, order_id, provider, state, amount_minor, currency, reference, created_at, changed_at)
       SELECT tenant_id, order_id, provider, state, 1400, currency, 'pay_' || $1, created_at, changed_at FROM p`, [code]);
  }
  const path = `/manage/orders/${code}`;
  return { code, path, order: (await one.getJson(path)).json.order };
}
const refund = (who, { path, order }, amount) => who.postJson(`${path}/refunds`, { version: order.version, amount });
const cancel = (who, { path, order }) => who.postJson(`${path}/cancel`, {
  version: order.version, back_minor: 2400, lines: order.lines.map(({ id }) => ({ key: id, count: 1 })) });
const statuses = (pages) => pages.map(({ status }) => status).sort().join(' ');
const partsOf = ({ code }) => server.sql(
  `SELECT p.amount_minor::int AS amount, coalesce((SELECT sum(r.amount_minor) FROM payment r WHERE r.refund_of = p.payment_id), 0)::int AS back
     FROM payment p JOIN orders o USING (tenant_id, order_id) WHERE o.code = $1 AND p.refund_of IS NULL ORDER BY p.payment_id`, [code]);
const mailsOf = async ({ code }) =>
  (await server.mails({})).filter(({ subject }) => subject.includes(code) && /comes back to you|cancelled/.test(subject)).length;

test('two refunds of one payment at once: one is done, the other one looks again', async () => {
  const bought = await paid();
  assert.equal(statuses(await atOnce(server, bought.code, [() => refund(one, bought, '15'), () => refund(two, bought, '15')])), '200 409');
  assert.deepEqual(await partsOf(bought), [{ amount: 2400, back: 1500 }]);
  assert.equal(await mailsOf(bought), 1);
  await checkInvariants(server);
});

test('an order paid in two parts, a refund and a cancellation of all of it at once: never more than each part', async () => {
  const bought = await paid({ parts: 2 });
  const pages = await atOnce(server, bought.code, [() => refund(one, bought, '15'), () => cancel(two, bought)]);
  assert.equal(statuses(pages), '200 409');
  const back = (await partsOf(bought)).map(({ back }) => back);
  assert.deepEqual(back, pages[0].status === 200 ? [1000, 500] : [1000, 1400]);
  assert.equal(await mailsOf(bought), 1);
  await checkInvariants(server);
});

test('control: with the guards off both are told that their refund is on its way, and so is the customer', async () => {
  for (const parts of [1, 2]) {
    const bought = await paid({ parts });
    const pages = await unguarded(server, () => atOnce(server, bought.code, [() => refund(one, bought, '15'), () => refund(two, bought, '15')]));
    assert.equal(statuses(pages), '200 200');
    assert.equal(await mailsOf(bought), 2, 'thirty are promised of twenty-four');
  }
});
