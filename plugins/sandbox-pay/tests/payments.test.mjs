// Card payments from the storefront to the provider and back, whatever happens on the way.
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../../../tests/lib/index.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'sandbox-pay': {} }, offers: [tour({ capacity: 2 })] });
const other = await server.createSite({ features: { 'sandbox-pay': {} } });
const slots = await slotsOf(server, site, 'tour');
const provider = server.payments;

beforeEach(async () => {
  await server.time('real');
  await provider.deliver();
  await provider.pause();
  await provider.outage(false);
});

let used = 0;

// A buyer who stands on the provider's page.
async function atProvider() {
  const buyer = new Buyer(site);
  buyer.slot = slots[used++];
  const booked = await buyer.book('tour', buyer.slot, { adult: 2 });
  assert.equal(booked.status, 201, booked.text);
  buyer.email = `buyer${used}@example.com`;
  await buyer.details({ email: buyer.email });
  const paid = await buyer.pay('sandbox-pay');
  assert.equal(paid.status, 201, paid.text);
  buyer.page = await buyer.visitor.visit(paid.json.location);
  buyer.payment = (await provider.list())[0];
  return buyer;
}

const stay = { follow: false };
const orderOf = async ({ payment }) =>
  (
    await server.sql(
      `SELECT o.placed_at IS NOT NULL AS placed, o.total_minor::int AS total, p.state AS payment,
              p.refusal, array_agg(DISTINCT l.state) AS lines
         FROM payment p JOIN orders o USING (tenant_id, order_id) JOIN order_line l USING (tenant_id, order_id)
        WHERE p.reference = $1 GROUP BY 1, 2, 3, 4`,
      [payment.id],
    )
  )[0];
const atProviderNow = async ({ payment }) => (await provider.list()).find((p) => p.id === payment.id);
const noticesOf = async ({ payment }) =>
  (await provider.notices()).filter((n) => n.payment === payment.id).reverse();
const bought = { placed: true, total: 2400, payment: 'captured', refusal: null, lines: ['confirmed'] };

const notify = (body, headers, to = site) =>
  to.visitor().post('/x/sandbox-pay/notify', {
    body,
    headers: { 'content-type': 'application/json', origin: null, 'sec-fetch-site': null, ...headers },
  });

test('the provider gets the order’s total, currency and code, and the customer’s language', async () => {
  const buyer = await atProvider();
  assert.deepEqual(
    [buyer.payment.amount_minor, buyer.payment.currency, buyer.payment.state],
    [2400, 'EUR', 'created'],
  );
  assert.match(buyer.page.words('main'), new RegExp(`${site.name} €24.00 Order ${buyer.payment.reference}`));
  assert.deepEqual((await orderOf(buyer)).lines, ['paying']);
});

test('approved: the order is placed, the money captured, the ticket sent', async () => {
  const buyer = await atProvider();
  const order = await buyer.page.submit('Approve');
  assert.equal(order.status, 200);
  assert.match(order.words('main'), /Your places are booked/);
  assert.deepEqual(await orderOf(buyer), bought);
  assert.equal((await atProviderNow(buyer)).state, 'captured');
  assert.equal((await server.mails({ to: buyer.email })).length, 1);
  await checkInvariants(server);
});

test('authentication comes first, and may fail', async () => {
  const yes = await atProvider();
  const asked = await yes.page.submit('Ask for authentication');
  assert.match((await asked.submit('Yes')).words('main'), /Your places are booked/);
  const no = await atProvider();
  const back = await (await no.page.submit('Ask for authentication')).submit('That wasn’t me');
  assert.match(back.words('main'), /The bank could not confirm it was you/);
  assert.deepEqual((await orderOf(no)).lines, ['held']);
});

test('ux 15: refused: the hold stays, the reason is named, another try may succeed', async () => {
  const buyer = await atProvider();
  const back = await buyer.page.submit('Refuse', { reason: 'insufficient_funds' });
  assert.equal(back.url.pathname, '/checkout/pay');
  assert.match(back.words('main'), /The payment was declined/);
  const { lines, payment, refusal, placed } = await orderOf(buyer);
  assert.deepEqual([lines, payment, refusal, placed], [['held'], 'refused', 'declined', false]);
  const again = await buyer.visitor.visit((await buyer.pay('sandbox-pay')).json.location);
  assert.match((await again.submit('Approve')).words('main'), /Your places are booked/);
  await checkInvariants(server);
});

test('left: the basket is as before', async () => {
  const buyer = await atProvider();
  const back = await buyer.page.submit('Leave without paying');
  assert.match(back.words('main'), /The payment was not finished/);
  assert.deepEqual((await orderOf(buyer)).lines, ['held']);
});

test('the page times out', async () => {
  const buyer = await atProvider();
  await provider.expire(buyer.payment.id);
  const over = await buyer.visitor.visit(buyer.page.url);
  assert.match(over.words('main'), /This page has closed/);
  assert.match((await over.click('Go back')).words('main'), /The payment page timed out/);
});

test('a notification alone is enough, twice is once', async () => {
  const buyer = await atProvider();
  await buyer.page.submit('Approve', { manner: 'twice' }, stay);
  assert.equal((await orderOf(buyer)).placed, false);
  assert.deepEqual(await provider.deliver(), [200, 200, 200, 200]);
  assert.deepEqual(await orderOf(buyer), bought);
  const all = (await noticesOf(buyer)).map((n) => n.id);
  assert.deepEqual(await provider.deliver([...all, ...all]), Array(8).fill(200));
  assert.equal((await server.mails({ to: buyer.email })).length, 1);
  await checkInvariants(server);
});

test('the order of notifications makes no difference', async () => {
  const buyer = await atProvider();
  await buyer.page.submit('Approve', { manner: 'reordered' });
  const [authorized, captured] = await noticesOf(buyer);
  assert.deepEqual([authorized.type, captured.type], ['payment.authorized', 'payment.captured']);
  assert.deepEqual(await provider.deliver([captured.id, authorized.id, captured.id]), [200, 200, 200]);
  assert.deepEqual(await orderOf(buyer), bought);
});

test('a notification that lies is only the word to ask', async () => {
  const buyer = await atProvider();
  const body = JSON.stringify({ type: 'payment.captured', data: { payment: { ...buyer.payment, state: 'captured' } } });
  const answer = await notify(body, { 'vitrine-signature': provider.sign(site, body) });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { state: 'started' });
  assert.equal((await orderOf(buyer)).placed, false);
});

test('what the provider didn’t sign, or long ago, or for another site, is refused', async () => {
  const buyer = await atProvider();
  await buyer.page.submit('Approve', {}, stay);
  const body = JSON.stringify({ data: { payment: { id: buyer.payment.id } } });
  const now = Math.floor(Date.now() / 1000);
  const forged = {
    missing: '',
    nonsense: 't=1,v1=',
    long: `t=${now},v1=${'0'.repeat(5000)}`,
    zeros: `t=${now},v1=${'0'.repeat(64)}`,
    old: provider.sign(site, body, now - 301),
    early: provider.sign(site, body, now + 301),
    shifted: provider.sign(site, body).replace(/^t=\d+/, `t=${now - 1}`),
    changed: provider.sign(site, `${body} `),
    foreign: provider.sign(other, body),
  };
  for (const [how, signature] of Object.entries(forged)) {
    assert.equal((await notify(body, { 'vitrine-signature': signature })).status, 403, how);
  }
  assert.equal((await orderOf(buyer)).placed, false);
  for (const bad of ['', '{', '[]', '{"data":1}', '\xff']) {
    const status = (await notify(bad, { 'vitrine-signature': provider.sign(site, bad) })).status;
    assert.ok([400, 403].includes(status), `${bad}: ${status}`);
  }
  // A payment of another site isn't there, however well it is signed.
  assert.equal((await notify(body, { 'vitrine-signature': provider.sign(other, body) }, other)).status, 404);
});

test('a silent payment is asked for', async () => {
  const buyer = await atProvider();
  await buyer.page.submit('Approve', { manner: 'silent' }, stay);
  assert.deepEqual(await noticesOf(buyer), []);
  await server.time('+61');
  await server.jobs();
  assert.deepEqual(await orderOf(buyer), bought);
});

test('a page that nobody comes back from is given up, and the places with it', async () => {
  const buyer = await atProvider();
  await server.time(`+${45 * 60}`);
  await server.jobs();
  const { payment, placed } = await orderOf(buyer);
  assert.deepEqual([payment, placed], ['abandoned', false]);
  const next = new Buyer(site);
  assert.equal((await next.book('tour', buyer.slot, { adult: 2 })).status, 201);
  await checkInvariants(server);
});

test('late success: the places are still there and are taken again', async () => {
  const buyer = await atProvider();
  await server.time(`+${31 * 60}`);
  await buyer.page.submit('Approve', {}, stay);
  assert.deepEqual(await provider.deliver(), [200, 200]);
  assert.deepEqual(await orderOf(buyer), bought);
  await checkInvariants(server);
});

test('late success: the places are gone, the money is given back and it is said', async () => {
  const buyer = await atProvider();
  await server.time(`+${31 * 60}`);
  const next = new Buyer(site);
  assert.equal((await next.book('tour', buyer.slot, { adult: 1 })).status, 201);
  await buyer.page.submit('Approve', {}, stay);
  assert.ok((await provider.deliver()).every((status) => status === 200));
  await server.jobs();
  const there = await atProviderNow(buyer);
  assert.deepEqual([there.state, there.refunded_minor], ['captured', 2400]);
  assert.equal((await orderOf(buyer)).placed, false);
  assert.equal((await server.mails({ to: buyer.email })).length, 1);
  // Told again, asked again, done again: one refund.
  await provider.deliver((await noticesOf(buyer)).map((n) => n.id));
  await server.time(`+${60 * 60}`);
  await server.jobs();
  assert.equal((await atProviderNow(buyer)).refunds.length, 1);
  await checkInvariants(server);
});

test('the provider is away: nothing is lost, and it goes on when it returns', async () => {
  const waiting = await atProvider();
  await waiting.page.submit('Approve', {}, stay);
  const buyer = new Buyer(site);
  buyer.slot = slots[used++];
  await buyer.book('tour', buyer.slot, { adult: 1 });
  await buyer.details();
  await provider.outage();
  const refused = await buyer.pay('sandbox-pay');
  assert.notEqual(refused.status, 201);
  assert.equal((await buyer.basket()).order.lines[0].state, 'held');
  assert.deepEqual(await provider.deliver(), [503]);
  assert.equal((await orderOf(waiting)).placed, false);
  await provider.outage(false);
  assert.deepEqual(await provider.deliver(), [200, 200]);
  assert.deepEqual(await orderOf(waiting), bought);
  assert.equal((await buyer.pay('sandbox-pay')).status, 201);
});

test('no payment, no page, no word of this site reaches another', async () => {
  assert.equal((await server.sql(
    `SELECT count(*)::int AS n FROM payment JOIN site USING (tenant_id) WHERE slug = $1`, [other.slug],
  ))[0].n, 0);
});
