// A customer's choice after a change, clicked twice, in two tabs, against the office and against other
// customers: one answer counts, money comes back once, no place is had twice. What would go wrong
// without the guards stands beside.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, Buyer, checkInvariants, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { atOnce, unguarded } from '../lib/races.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ features: { 'sandbox-pay': {} }, offers: [tour({ schedule: [] })] });
const office = await staff(site);
let day = 3;
const slotOf = async (options) =>
  (await addSlots(server, site.slug, 'tour', [new Date(Date.now() + day++ * 86_400_000).toISOString()], options))[0];

async function bought(slot, counts = { adult: 2 }) {
  const buyer = new Buyer(site);
  assert.equal((await buyer.book('tour', slot, counts)).status, 201);
  const path = await buyer.buyByCard();
  buyer.code = path.match(/orders\/(\w+)/)[1];
  buyer.token = new URL(path, buyer.visitor.origin).searchParams.get('t');
  return buyer;
}
async function ask(slot) {
  const made = await office.postJson('/manage/schedule/changes/new', { do: 'ask', slot });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
}
async function move(slot) {
  const { json } = await office.getJson(`/manage/schedule/changes/new?slot=${slot}`);
  const date = new Date(Date.now() + day++ * 86_400_000).toISOString().slice(0, 10);
  const made = await office.postJson('/manage/schedule/changes/new', { do: 'move', slot, version: json.change.version, date, time: '12:00', anyway: true });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
}
// From now on it is clicked with what is seen now.
async function tab(buyer) {
  const { json } = await site.visitor().getJson(`/orders/${buyer.code}/choice?t=${buyer.token}`);
  return (wish, more) => () => site.visitor().postJson(`/orders/${buyer.code}/choice`, {
    t: buyer.token, change: json.choices[0].id, version: json.version, do: wish, ...more });
}
async function officeCancel({ code }) {
  const { order } = (await office.getJson(`/manage/orders/${code}`)).json;
  return () => office.postJson(`/manage/orders/${code}/cancel`, {
    version: order.version, back_minor: 2400, lines: order.lines.map(({ id }) => ({ key: id, count: 1 })) });
}
const statuses = (pages) => pages.map(({ status }) => status).sort().join(' ');
const refunds = async ({ code }) => {
  await server.jobs();
  return (await server.sql(
    `SELECT p.amount_minor::int AS minor FROM payment p JOIN orders o USING (tenant_id, order_id)
      WHERE o.code = $1 AND p.refund_of IS NOT NULL`, [code])).map(({ minor }) => minor);
};
const takenOf = async (slot) => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot]))[0].taken;
const mailsOf = async ({ code }, subject) => (await server.mails({ subject })).filter((mail) => mail.subject.includes(code)).length;

test('money back, clicked twice at once: both hear that it is done, it comes once', async () => {
  const slot = await slotOf();
  const buyer = await bought(slot);
  await move(slot);
  const click = await tab(buyer);
  assert.equal(statuses(await atOnce(server, buyer.code, [click('refund'), click('refund')])), '200 200');
  assert.deepEqual(await refunds(buyer), [2400]);
  assert.equal(await takenOf(slot), 0);
  assert.equal(await mailsOf(buyer, 'cancelled'), 1);
  await checkInvariants(server);
});

test('two tabs: keep it, another time and the money back at once: one of them', async () => {
  const [slot, to] = [await slotOf(), await slotOf()];
  const buyer = await bought(slot);
  await move(slot);
  const click = await tab(buyer);
  const pages = await atOnce(server, buyer.code, [click('keep'), click('rebook', { to_1: to }), click('refund')]);
  assert.equal(statuses(pages), '200 409 409');
  const [{ result }] = pages.filter(({ status }) => status === 200).map(({ json }) => json);
  assert.deepEqual(await refunds(buyer), result === 'refunded' ? [2400] : []);
  assert.deepEqual([await takenOf(slot), await takenOf(to)], { kept: [2, 0], rebooked: [0, 2], refunded: [0, 0] }[result]);
  assert.equal(await mailsOf(buyer, result === 'refunded' ? 'cancelled' : 'Your time at'), 1);
  await checkInvariants(server);
});

test('the customer’s choice against the office’s own refund: one of the two, the money once', async () => {
  for (const wish of ['refund', 'keep', 'rebook']) {
    const [slot, to] = [await slotOf(), await slotOf()];
    const buyer = await bought(slot);
    await move(slot);
    const click = await tab(buyer);
    const pages = await atOnce(server, buyer.code, [click(wish, wish === 'rebook' ? { to_1: to } : {}), await officeCancel(buyer)]);
    assert.equal(statuses(pages), '200 409', wish);
    const back = pages[1].status === 200 || wish === 'refund';
    assert.deepEqual(await refunds(buyer), back ? [2400] : [], wish);
    assert.equal(await mailsOf(buyer, 'cancelled'), back ? 1 : 0, wish);
    await checkInvariants(server);
  }
});

test('nobody answered, and in that moment they do: one of the two, once', async () => {
  const [slot, to] = [await slotOf(), await slotOf()];
  const buyer = await bought(slot);
  await ask(slot);
  const click = await tab(buyer);
  // The job comes early: as if its time had come.
  await server.sql("UPDATE job SET run_at = now() WHERE kind = 'slot.unanswered' AND state = 'waiting'");
  const [page] = await atOnce(server, buyer.code, [click('rebook', { to_1: to }), () => server.jobs()]);
  const back = await refunds(buyer);
  assert.deepEqual(back, page.status === 200 ? [] : [2400]);
  assert.deepEqual([await takenOf(slot), await takenOf(to)], page.status === 200 ? [0, 2] : [0, 0]);
  await checkInvariants(server);
});

test('eight who were asked want the last four places of one time: four get them, the others choose again', async () => {
  const [slot, to] = [await slotOf({ capacity: 8 }), await slotOf({ capacity: 4 })];
  const buyers = [];
  for (let i = 0; i < 8; i++) buyers.push(await bought(slot, { child: 1 }));
  await ask(slot);
  const clicks = [];
  for (const buyer of buyers) clicks.push((await tab(buyer))('rebook', { to_1: to }));
  const pages = await Promise.all(clicks.map((click) => click()));
  assert.equal(pages.filter(({ status }) => status === 200).length, 4, statuses(pages));
  assert.ok(pages.every(({ status }) => [200, 409, 422].includes(status)), statuses(pages));
  assert.deepEqual([await takenOf(slot), await takenOf(to)], [4, 4]);
  const left = buyers[pages.findIndex(({ status }) => status !== 200)];
  assert.equal((await (await tab(left))('refund')()).status, 200, 'they may still choose');
  assert.deepEqual(await refunds(left), [600]);
  await checkInvariants(server);
});

test('control: with the guards off two tabs are both done, and a place is given back twice', async () => {
  const [slot, to] = [await slotOf(), await slotOf()];
  const buyer = await bought(slot);
  await bought(slot, { adult: 2 });
  await move(slot);
  const click = await tab(buyer);
  const pages = await unguarded(server, () => atOnce(server, buyer.code, [click('rebook', { to_1: to }), click('refund')]));
  assert.equal(statuses(pages), '200 200');
  await assert.rejects(checkInvariants(server), /a slot counts the places|more places taken/);
});
