// Cancelling and giving back in the office: what was shown is what happens; places, tickets and
// money come back exactly once, whoever else is at it; a refusing provider is told to people.
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { addSlots, Buyer, checkInvariants, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const features = { 'sandbox-pay': {}, 'pay-at-venue': {}, 'self-cancel': {} };
const site = await server.createSite({ features, offers: [tour({ schedule: [] }), court()] });
let minute = 0;

async function office() {
  const visitor = site.visitor();
  const { email, password } = site.manager;
  assert.equal((await visitor.post('/manage/login', { form: { email, password } })).status, 303);
  return visitor;
}
const desk = await office();
beforeEach(() => server.payments.outage(false));

async function buy(counts = { adult: 2 }, pay = 'card') {
  const at = new Date(Date.now() + 72 * 3_600_000 + minute++ * 60_000).toISOString();
  const [slot] = await addSlots(server, site.slug, 'tour', [at]);
  const buyer = new Buyer(site);
  assert.equal((await buyer.book('tour', slot, counts)).status, 201);
  buyer.path = pay === 'card' ? await buyer.buyByCard() : await buyer.buy();
  buyer.code = buyer.path.match(/orders\/(\w+)/)[1];
  buyer.office = `/manage/orders/${buyer.code}`;
  buyer.slot = slot;
  return buyer;
}

const read = async (buyer) => (await desk.getJson(buyer.office)).json;
const refunded = async (buyer) => {
  await server.jobs();
  return (await server.payments.list()).find((p) => p.reference === buyer.code)?.refunded_minor ?? 0;
};
const lines = (order) => order.lines.map(({ id }) => ({ key: id, count: 1 }));
const cancel = (buyer, order, back, more = {}, visitor = desk) =>
  visitor.postJson(`${buyer.office}/cancel`, { version: order.version, back_minor: back, lines: lines(order), ...more });
const refund = (buyer, order, amount, visitor = desk) =>
  visitor.postJson(`${buyer.office}/refunds`, { version: order.version, amount });
// All of them have read the order before the first may write.
async function together(buyer, count, act) {
  const held = server.sql(
    `WITH o AS MATERIALIZED (SELECT 1 FROM orders WHERE code = $1 FOR UPDATE) SELECT pg_sleep(0.5) FROM o`, [buyer.code]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const [, ...pages] = await Promise.all([held, ...Array.from({ length: count }, act)]);
  return pages;
}
const taken = async ({ slot }) => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot]))[0].taken;

test('as a page: the quote first, then it happens, is told by mail and stands in the history', async () => {
  const buyer = await buy();
  const form = await (await desk.visit(buyer.office)).click('Cancel …');
  assert.match(form.words('main'), /Back by Card€24\.00/);
  const half = await form.submit('Work it out', { 'An amount of your choice': true, Amount: '10,50' });
  assert.match(half.words('main'), /Stays with you€13\.50/);
  const done = await half.submit('Cancel and give €10.50 back', { 'Reason (optional)': 'Guide is ill' });
  assert.match(done.words('main'), /The places are free again/);
  assert.match(done.words('#history'), /Mary Manager cancelled/);
  assert.match(done.words('#history'), /Guide is ill/);
  assert.equal(await refunded(buyer), 1050);
  assert.equal(await taken(buyer), 0);
  const mail = await server.mail({ subject: `cancelled, order ${buyer.code}` });
  assert.match(mail.text, /€10\.50 comes back/);
  assert.match(mail.text, /€13\.50 stays with the venue/);
  await checkInvariants(server);
});

test('an amount alone goes back to the tender it came from; the booking stays; never more than was paid', async () => {
  const buyer = await buy();
  const { order } = await read(buyer);
  assert.equal((await refund(buyer, order, '24.01')).status, 422);
  for (const wrong of ['', '0', '-5', 'x', '1.234', '99999999999999999999']) {
    assert.equal((await refund(buyer, order, wrong)).status, 422, wrong);
  }
  const page = await desk.visit(buyer.office);
  const done = await page.submit('Give back', { Amount: '4.50' });
  assert.match(done.words('main'), /on its way back/);
  assert.equal(await refunded(buyer), 450);
  const again = (await read(buyer)).order;
  assert.deepEqual([again.returned.minor, again.worth.minor, again.state], [450, 1950, 'confirmed']);
  // Of what is left only that much can come back with the booking.
  const quote = (await desk.getJson(`${buyer.office}/cancel`)).json.quote;
  assert.equal(quote.back.minor, 1950);
  assert.equal((await cancel(buyer, again, 1950)).status, 200);
  assert.equal(await refunded(buyer), 2400);
  await checkInvariants(server);
});

test('two refunds of one payment at once: one of them, the other sees it and nothing happens', async () => {
  const buyer = await buy();
  const { order } = await read(buyer);
  const pages = await together(buyer, 6, () => refund(buyer, order, '4'));
  assert.deepEqual(pages.map((p) => p.status).sort(), [200, 409, 409, 409, 409, 409]);
  assert.equal(await refunded(buyer), 400);
  await checkInvariants(server);
});

test('the customer and two of the staff cancel at the same moment: it comes back once', async () => {
  const buyer = await buy();
  const { order } = await read(buyer);
  const token = new URL(buyer.path, desk.origin).searchParams.get('t');
  const own = buyer.visitor.postJson(`/x/self-cancel/${buyer.code}`, {
    t: token, version: order.version, back_minor: 2400, lines: lines(order) });
  const second = await office();
  const pages = await Promise.all([own, cancel(buyer, order, 2400), cancel(buyer, order, 2400, {}, second)]);
  assert.ok(pages.some((p) => p.status === 200), pages.map((p) => p.status).join(' '));
  assert.equal(await refunded(buyer), 2400);
  assert.equal(await taken(buyer), 0);
  assert.equal((await server.mails({ subject: `cancelled, order ${buyer.code}` })).length, 1);
  await checkInvariants(server);
});

test('places that come back are sold again at once, and never twice', async () => {
  const buyer = await buy({ adult: 8 });
  await server.sql('UPDATE slot SET capacity = 8 WHERE slot_id = $1', [buyer.slot]);
  const { order } = await read(buyer);
  const buyers = Array.from({ length: 12 }, () => new Buyer(site));
  const [done, ...held] = await Promise.all([
    cancel(buyer, order, 9600), ...buyers.map((b) => b.book('tour', buyer.slot, { adult: 1 }))]);
  assert.equal(done.status, 200, done.text);
  const late = await Promise.all(buyers.map((b, i) => (held[i].status === 201 ? held[i] : b.book('tour', buyer.slot, { adult: 1 }))));
  assert.equal(late.filter((p) => p.status === 201).length, 8);
  await checkInvariants(server);
});

test('at the check-out an order can’t be cancelled; a payment that comes twice is given back, and cancelling gives the other', async () => {
  const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + 80 * 3_600_000).toISOString()]);
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  await buyer.details();
  const page = await buyer.visitor.visit((await buyer.pay('sandbox-pay')).json.location);
  const [{ code }] = await server.sql('SELECT code FROM orders WHERE placed_at IS NULL ORDER BY order_id DESC LIMIT 1');
  assert.equal((await desk.get(`/manage/orders/${code}`)).status, 404);
  assert.equal((await desk.postJson(`/manage/orders/${code}/cancel`, { version: 1, back_minor: 0, lines: [] })).status, 404);
  await page.submit('Approve');
  buyer.code = code;
  buyer.office = `/manage/orders/${code}`;
  buyer.slot = slot;
  const { order } = await read(buyer);
  assert.equal((await cancel(buyer, order, 1200)).status, 200);
  await server.payments.deliver();
  assert.equal(await refunded(buyer), 1200);
  assert.equal(await taken(buyer), 0);
  await checkInvariants(server);
});

test('a provider that refuses for good is shown to people, found by the filter, and asked again on demand', async () => {
  const buyer = await buy();
  const { order } = await read(buyer);
  const payment = (await server.payments.list()).find((p) => p.reference === buyer.code);
  await server.sql(`UPDATE payment SET reference = 'pay_unknown' WHERE reference = $1`, [payment.id]);
  assert.equal((await cancel(buyer, order, 2400)).status, 200);
  await server.jobs();
  const shown = await desk.visit(buyer.office);
  assert.match(shown.words('main'), /The provider refused it/);
  assert.ok((await desk.getJson('/manage/orders?state=refunding')).json.items.some(({ code }) => code === buyer.code));
  await checkInvariants(server);
  await server.sql(`UPDATE payment SET reference = $1 WHERE reference = 'pay_unknown'`, [payment.id]);
  const again = await shown.submit('Try again');
  assert.match(again.words('main'), /asked again/);
  assert.equal(await refunded(buyer), 2400);
  assert.ok(!(await desk.getJson('/manage/orders?state=refunding')).json.items.some(({ code }) => code === buyer.code));
});

test('with the guards off the race shows: more comes back than was paid', async () => {
  const buyer = await buy();
  const { order } = await read(buyer);
  await server.sql(`CREATE OR REPLACE FUNCTION vt_require(ok boolean, code text) RETURNS boolean
                    LANGUAGE sql AS 'SELECT true'`);
  await together(buyer, 6, () => refund(buyer, order, '4'));
  await assert.rejects(checkInvariants(server), /what is paid and due makes its total/);
});
