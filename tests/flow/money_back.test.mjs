// Money that comes back, by the cases that go wrong elsewhere: goodwill before, rounding with tax,
// several payments, no-shows, what the venue itself cancelled, a provider that stays away, a payment
// that comes when the site is suspended. T20.
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { addSlots, Buyer, checkInvariants, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer({ workers: 2 });
const features = { 'sandbox-pay': {}, 'pay-at-venue': {}, 'self-cancel': {} };
const words = (en) => ({ en, fr: en, es: en });
const odd = tour({
  slug: 'odd', schedule: [], tax: 'added',
  rates: [{ code: 'adult', name: words('Adult'), price: 333 }, { code: 'child', name: words('Child'), price: 111 }],
});
const site = await server.createSite({
  features,
  taxes: [{ code: 'standard', name: words('VAT'), rate_ppm: 200_000, included: true }, { code: 'added', name: words('Tax'), rate_ppm: 77_500, included: false }],
  offers: [tour({ schedule: [] }), odd],
});
let desk = await staff(site);
let minute = 0;
beforeEach(async () => {
  await server.time('real');
  await server.payments.outage(false);
});

const slotIn = async (hours, offer = 'tour') =>
  (await addSlots(server, site.slug, offer, [new Date(Date.now() + hours * 3_600_000 + minute++ * 60_000).toISOString()]))[0];
async function buy(slot, counts = { adult: 2 }, { offer = 'tour', pay = 'card', email = 'ann@buyer.example' } = {}) {
  const buyer = new Buyer(site);
  assert.equal((await buyer.book(offer, slot, counts)).status, 201);
  if (pay === 'card') buyer.path = await buyer.buyByCard();
  else {
    assert.equal((await buyer.details({ email })).status, 200);
    buyer.path = (await buyer.pay('pay-at-venue')).json.location;
  }
  buyer.code = buyer.path.match(/orders\/(\w+)/)[1];
  buyer.token = new URL(buyer.path, buyer.visitor.origin).searchParams.get('t');
  buyer.office = `/manage/orders/${buyer.code}`;
  return buyer;
}
const read = async (buyer) => (await desk.getJson(buyer.office)).json.order;
const quoteOf = async (buyer) => (await desk.getJson(`${buyer.office}/cancel`)).json.quote;
const cancel = (buyer, order, back, lines = order.lines) =>
  desk.postJson(`${buyer.office}/cancel`, { version: order.version, back_minor: back, lines: lines.map(({ id }) => ({ key: id, count: 1 })) });
const refund = (buyer, order, amount) => desk.postJson(`${buyer.office}/refunds`, { version: order.version, amount });
const selfQuote = (buyer, lines = []) => buyer.visitor.getJson(
  `/x/self-cancel/${buyer.code}?${new URLSearchParams([['t', buyer.token], ...lines.map((id) => [`lines_${id}`, '1'])])}`);
const refunded = async (buyer) => {
  await server.jobs();
  return (await server.payments.list()).find((p) => p.reference === buyer.code)?.refunded_minor ?? 0;
};

test('what was given back out of kindness is neither given back again nor kept', async () => {
  const buyer = await buy(await slotIn(72));
  assert.equal((await refund(buyer, await read(buyer), '10')).status, 200);
  const quote = await quoteOf(buyer);
  assert.deepEqual([quote.back.minor, quote.kept], [1400, null]);
  assert.equal((await cancel(buyer, await read(buyer), 1400)).status, 200);
  assert.equal(await refunded(buyer), 2400);
  const mail = await server.mail({ subject: `cancelled, order ${buyer.code}` });
  assert.doesNotMatch(mail.text, /stays with the venue/);
  await checkInvariants(server);
});

test('rounding: halves of odd amounts with tax on top, the rest by hand; the sum is what was paid', async () => {
  const buyer = await buy(await slotIn(30, 'odd'), { adult: 1, child: 1 }, { offer: 'odd' });
  const order = await read(buyer);
  const total = order.lines.reduce((sum, line) => sum + line.total.minor, 0);
  assert.equal(total, 333 + 26 + 111 + 9);
  const [first] = order.lines;
  const { quote } = (await selfQuote(buyer, [first.id])).json;
  assert.ok(Math.abs(quote.back.minor - first.total.minor / 2) <= 0.5);
  assert.equal(quote.back.minor + quote.kept.minor, first.total.minor);
  const done = await buyer.visitor.postJson(`/x/self-cancel/${buyer.code}`, {
    t: buyer.token, version: quote.version, back_minor: quote.back.minor, lines: [{ key: first.id, count: 1 }] });
  assert.equal(done.status, 200, done.text);
  const rest = total - quote.back.minor;
  assert.equal((await refund(buyer, await read(buyer), ((rest + 1) / 100).toFixed(2))).status, 422, 'a cent too much');
  assert.equal((await refund(buyer, await read(buyer), (rest / 100).toFixed(2))).status, 200);
  assert.equal(await refunded(buyer), total);
  const [left] = (await read(buyer)).lines.filter(({ id }) => id !== first.id);
  assert.equal((await cancel(buyer, await read(buyer), 0, [left])).status, 200);
  assert.equal(await refunded(buyer), total);
  await checkInvariants(server);
});

test('more than a line was worth is nothing of that line’s', async () => {
  const buyer = await buy(await slotIn(72), { adult: 1, child: 1 });
  const order = await read(buyer);
  const child = order.lines.find(({ total }) => total.minor === 600);
  assert.equal((await cancel(buyer, order, 1000, [child])).status, 200);
  const [row] = await server.sql('SELECT returned_minor::int AS back FROM order_line WHERE line_id = $1', [child.id]);
  assert.equal(row.back, 600);
  assert.equal((await quoteOf(buyer)).back.minor, 800);
  assert.equal(await refunded(buyer), 1000);
  await checkInvariants(server);
});

test('several payments of one order, eight refunds at once: none gives back more than it was', async () => {
  const buyer = await buy(await slotIn(72));
  // As when a part was paid at another time.
  await server.sql(
    `WITH p AS (UPDATE payment p SET amount_minor = 1000 FROM orders o WHERE o.code = $1 AND p.order_id = o.order_id RETURNING p.*)
     INSERT INTO payment (tenant_id, order_id, provider, state, amount_minor, currency, reference, created_at, changed_at)
     SELECT tenant_id, order_id, provider, state, 1400, currency, 'pay_second', created_at, changed_at FROM p`, [buyer.code]);
  const order = await read(buyer);
  const pages = await Promise.all(Array.from({ length: 8 }, () => refund(buyer, order, '15')));
  assert.equal(pages.filter(({ status }) => status === 200).length, 1);
  assert.ok(pages.every(({ status }) => [200, 409, 422].includes(status)), pages.map(({ status }) => status).join(' '));
  const parts = await server.sql(
    `SELECT p.amount_minor::int AS amount, coalesce((SELECT sum(r.amount_minor) FROM payment r WHERE r.refund_of = p.payment_id), 0)::int AS back
       FROM payment p JOIN orders o USING (tenant_id, order_id) WHERE o.code = $1 AND p.refund_of IS NULL ORDER BY p.payment_id`, [buyer.code]);
  assert.deepEqual(parts, [{ amount: 1000, back: 1000 }, { amount: 1400, back: 500 }], 'the oldest first');
  assert.equal((await refund(buyer, await read(buyer), '9.01')).status, 422);
  const [again, twice] = await Promise.all([cancel(buyer, await read(buyer), 900), cancel(buyer, await read(buyer), 900)]);
  assert.deepEqual([again.status, twice.status].sort(), [200, 409]);
  await checkInvariants(server);
});

test('a no-show that is cancelled is none any more; unpaid or paid, it counts once', async () => {
  const slot = await slotIn(1);
  const [paid, due] = [await buy(slot), await buy(slot, { adult: 1 }, { pay: 'venue' })];
  await server.time('+7200');
  desk = await staff(site);
  for (const buyer of [paid, due]) {
    const { lines: [line] } = await read(buyer);
    assert.equal((await desk.postJson(`${buyer.office}/lines/${line.id}/no-show`, { marked: true })).status, 200);
  }
  assert.equal((await cancel(paid, await read(paid), 2400)).status, 200);
  const quote = await quoteOf(due);
  assert.deepEqual([quote.back.minor, quote.waived.minor, quote.kept], [0, 1200, null]);
  assert.equal((await cancel(due, await read(due), 0)).status, 200);
  const rows = await server.sql(
    'SELECT l.no_show_at, o.due_minor::int AS due FROM order_line l JOIN orders o USING (tenant_id, order_id) WHERE l.slot_id = $1', [slot]);
  assert.deepEqual(rows, [{ no_show_at: null, due: 0 }, { no_show_at: null, due: 0 }]);
  assert.equal(await refunded(paid), 2400);
  await checkInvariants(server);
});

test('T20: what the venue cancelled comes back whole, also when the customer is faster than the venue', async () => {
  const [slot, full] = [await slotIn(3), await slotIn(50)];
  const buyer = await buy(slot);
  await server.sql('UPDATE slot SET capacity = 1 WHERE slot_id = $1', [full]);
  const late = (await selfQuote(buyer)).json;
  assert.equal(late.quote.back.minor, 0, 'three hours before nothing comes back');
  // Booked into a time that is full: they are left over, for the venue to decide.
  const made = await desk.postJson('/manage/schedule/changes/new', { do: 'rebook', slot, to_slot: full });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
  const stale = await buyer.visitor.postJson(`/x/self-cancel/${buyer.code}`, {
    t: buyer.token, version: late.quote.version, back_minor: 0, lines: [{ key: late.lines[0].id, count: 1 }] });
  assert.equal(stale.status, 409, 'what was promised is no longer what happens');
  const { quote, lines } = (await selfQuote(buyer)).json;
  assert.equal(quote.back.minor, 2400);
  const done = await buyer.visitor.postJson(`/x/self-cancel/${buyer.code}`, {
    t: buyer.token, version: quote.version, back_minor: 2400, lines: [{ key: lines[0].id, count: 1 }] });
  assert.equal(done.status, 200, done.text);
  assert.equal(await refunded(buyer), 2400);
  await checkInvariants(server);
});

test('a provider that stays away for days: the refund is shown as refused, and comes when it is asked again', async () => {
  const buyer = await buy(await slotIn(72));
  await server.payments.outage(true);
  assert.equal((await cancel(buyer, await read(buyer), 2400)).status, 200);
  for (let i = 0; i < 14; i++) {
    await server.jobs();
    await server.time('+86400');
  }
  await server.jobs();
  desk = await staff(site);
  const [row] = await server.sql(
    'SELECT p.state, p.refusal FROM payment p JOIN orders o USING (tenant_id, order_id) WHERE o.code = $1 AND refund_of IS NOT NULL', [buyer.code]);
  assert.deepEqual(row, { state: 'refused', refusal: 'unavailable' });
  await checkInvariants(server);
  await server.payments.outage(false);
  const again = await (await desk.visit(buyer.office)).submit('Try again');
  assert.match(again.words('main'), /asked again/);
  assert.equal(await refunded(buyer), 2400);
  await checkInvariants(server);
});

test('a payment that comes while the site is suspended goes back, with a mail, and nothing is sold', async () => {
  const other = await server.createSite({ features, offers: [tour({ schedule: [] })] });
  const [slot] = await addSlots(server, other.slug, 'tour', [new Date(Date.now() + 72 * 3_600_000).toISOString()]);
  const buyer = new Buyer(other);
  await buyer.book('tour', slot, { adult: 2 });
  await buyer.details({ email: 'late@buyer.example' });
  const page = await buyer.visitor.visit((await buyer.pay('sandbox-pay')).json.location);
  await server.vitrine('site', 'suspend', other.slug);
  await page.submit('Approve', {}, { follow: false });
  await server.time('+120');
  await server.jobs();
  const rows = await server.sql(
    `SELECT p.state, p.refund_of IS NOT NULL AS refund FROM payment p JOIN orders o USING (tenant_id, order_id)
      WHERE o.email = 'late@buyer.example' ORDER BY p.payment_id`);
  assert.deepEqual(rows, [{ state: 'captured', refund: false }, { state: 'captured', refund: true }]);
  assert.deepEqual(await server.sql("SELECT 1 FROM orders WHERE email = 'late@buyer.example' AND placed_at IS NOT NULL"), []);
  assert.equal((await server.mails({ to: 'late@buyer.example' })).length, 1);
  const paid = (await server.payments.list()).at(-1);
  assert.equal(paid.refunded_minor, 2400);
  const [record] = await server.sql(
    `SELECT a.actor_kind, a.after FROM audit a JOIN orders o ON o.tenant_id = a.tenant_id AND o.order_id::text = a.object_id
      WHERE a.action = 'order.payment_returned' AND o.email = 'late@buyer.example'`);
  assert.deepEqual(record, { actor_kind: 'system', after: { back_minor: 2400, why: 'too_late' } });
  await checkInvariants(server);
});
