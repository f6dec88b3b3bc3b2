// T20: the customer cancels, if the site allows it and the offer may be cancelled; what comes back
// is shown before, and comes back exactly once.
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { addSlots, Buyer, change, checkInvariants, court, startServer, tour } from '../../../tests/lib/index.mjs';

const server = await startServer({ workers: 2 });
const features = { 'sandbox-pay': {}, 'pay-at-venue': {}, 'self-cancel': {} };
const concert = tour({ slug: 'concert', places: { rows: ['A'], per_row: 10 }, capacity: 10, schedule: [] });
const offers = [tour({ schedule: [] }), concert, court()];
const site = await server.createSite({ features, offers });
const hour = 3600;
let day = 3;

beforeEach(async () => {
  await server.time('real');
  await server.payments.outage(false);
});

// A slot that starts in so many hours.
async function slotIn(hours, offer = 'tour', where = site) {
  const at = new Date(Date.now() + hours * hour * 1000 + day++ * 60_000);
  return (await addSlots(server, where.slug, offer, [at.toISOString()]))[0];
}

async function bought(slots, pay = 'card', where = site) {
  const buyer = new Buyer(where);
  for (const [offer, slot, counts] of slots) {
    const page = await buyer.book(offer, slot, counts);
    assert.equal(page.status, 201, page.text);
  }
  const path = pay === 'card' ? await buyer.buyByCard() : await buyer.buy('pay-at-venue');
  buyer.order = path;
  const url = new URL(path, buyer.visitor.origin);
  buyer.code = url.pathname.split('/').at(-1);
  buyer.token = url.searchParams.get('t');
  buyer.cancelPath = `/x/self-cancel/${buyer.code}`;
  return buyer;
}

const look = (buyer, lines = []) =>
  buyer.visitor.getJson(
    `${buyer.cancelPath}?${new URLSearchParams([['t', buyer.token], ...lines.map((id) => [`lines_${id}`, '1'])])}`);

const post = (buyer, quote, lines, more = {}) =>
  buyer.visitor.postJson(buyer.cancelPath, {
    t: buyer.token, version: quote.version, back_minor: quote.back.minor,
    lines: lines.map((key) => ({ key, count: 1 })), ...more,
  });

const refundsOf = async (buyer) =>
  (await server.payments.list()).find((p) => p.reference === buyer.code)?.refunded_minor ?? 0;
const takenOf = async (slot) => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot]))[0].taken;
const orderRow = async (buyer) =>
  (await server.sql(
    `SELECT total_minor::int AS total, returned_minor::int AS returned, due_minor::int AS due
       FROM orders WHERE code = $1`, [buyer.code]))[0];

test('T20: as a page: the order leads to the quote, the quote says what comes back, and that comes back once', async () => {
  const slot = await slotIn(72);
  const buyer = await bought([['tour', slot, { adult: 2 }]]);
  const order = await buyer.visitor.visit(buyer.order);
  const quote = await order.click('Cancel a booking');
  assert.match(quote.words('main'), /By the way you paid: Card€24\.00/);
  const done = await quote.submit('Cancel and get €24.00 back', { 'Why are you cancelling? (optional)': 'Ill <b>' });
  assert.equal(done.status, 200);
  assert.match(done.words('main'), /This order was cancelled/);
  assert.match(done.words('main'), /Given back or no longer owed€24\.00/);
  assert.ok(!done.text.includes('Cancel a booking'));
  assert.ok(!done.text.includes('tickets.pdf'));
  await server.jobs();
  assert.equal(await refundsOf(buyer), 2400);
  assert.equal(await takenOf(slot), 0);
  const mail = await server.mail({ subject: `cancelled, order ${buyer.code}` });
  assert.match(mail.text, /€24\.00 comes back by the way you paid \(Card\)/);
  const [event] = await server.sql(
    `SELECT e.note, e.actor FROM order_event e JOIN orders USING (tenant_id, order_id)
      WHERE code = $1 AND to_state = 'cancelled'`, [buyer.code]);
  assert.deepEqual(event, { note: 'Ill <b>', actor: 'customer' });
  await checkInvariants(server);
});

test('T20: site allows × offer allows: only both together', async () => {
  const other = await server.createSite({ features: { 'sandbox-pay': {}, 'pay-at-venue': {} }, offers });
  for (const on of [true, false]) {
    for (const allowed of [true, false]) {
      const where = on ? site : other;
      const slot = await slotIn(72, 'tour', where);
      const buyer = await bought([['tour', slot, { adult: 1 }]], 'venue', where);
      await server.sql(
        `INSERT INTO plugin_self_cancel.choice (tenant_id, offer_id, allowed)
         SELECT o.tenant_id, o.offer_id, $2 FROM offer o JOIN site USING (tenant_id)
          WHERE site.slug = $1 AND o.slug = 'tour'
         ON CONFLICT (tenant_id, offer_id) DO UPDATE SET allowed = excluded.allowed`, [where.slug, allowed]);
      const page = await look(buyer);
      assert.equal(page.status, on ? 200 : 404, `${on} ${allowed}`);
      assert.equal((await buyer.visitor.visit(buyer.order)).text.includes('Cancel a booking'), on && allowed);
      const [{ line_id: line, version }] = await server.sql(
        `SELECT line_id::text, version FROM order_line JOIN orders USING (tenant_id, order_id) WHERE code = $1`,
        [buyer.code]);
      // A forged form, whatever the page showed.
      const forged = await post(buyer, { version, back: { minor: 0 } }, [line]);
      assert.equal(forged.status, !on ? 404 : allowed ? 200 : 409, forged.text);
      assert.equal(await takenOf(slot), on && allowed ? 0 : 1);
    }
  }
  await server.sql(`DELETE FROM plugin_self_cancel.choice`);
  await checkInvariants(server);
});

test('T20: the hours left say how much: on the hour all, a second later half, then nothing, then not at all', async () => {
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 200 * hour * 1000);
  const [slot] = await addSlots(server, site.slug, 'tour', [at.toISOString()]);
  const buyer = await bought([['tour', slot, { adult: 1 }]]);
  const backAt = async (before) => {
    await server.time(`set ${new Date(at.getTime() - before * 1000).toISOString()}`);
    return (await look(buyer)).json;
  };
  assert.equal((await backAt(48 * hour)).quote.back.minor, 1200);
  assert.equal((await backAt(48 * hour - 1)).quote.back.minor, 600);
  assert.equal((await backAt(24 * hour)).quote.back.minor, 600);
  const late = await backAt(24 * hour - 1);
  assert.deepEqual([late.quote.back.minor, late.quote.kept.minor], [0, 1200]);
  const started = await backAt(0);
  assert.equal(started.lines[0].why, 'started');
  assert.equal(started.quote, null);
  const forged = await post(buyer, { version: late.quote.version, back: { minor: 0 } }, [started.lines[0].id]);
  assert.equal(forged.status, 409);
  assert.equal(await takenOf(slot), 1);
  await checkInvariants(server);
});

test('T20: what was promised is what happens: the hour, the offer or the order changed meanwhile', async () => {
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 210 * hour * 1000);
  const [slot] = await addSlots(server, site.slug, 'tour', [at.toISOString()]);
  const buyer = await bought([['tour', slot, { adult: 1 }]]);
  await server.time(`set ${new Date(at.getTime() - 48 * hour * 1000).toISOString()}`);
  const { quote, lines } = (await look(buyer)).json;
  await server.time('+2');
  const late = await post(buyer, quote, [lines[0].id]);
  assert.equal(late.status, 409);
  assert.equal(late.json.problem ?? late.json.code, 'changed');
  assert.equal(await takenOf(slot), 1);
  const again = (await look(buyer)).json.quote;
  assert.equal(again.back.minor, 600);
  await server.sql(
    `INSERT INTO plugin_self_cancel.choice (tenant_id, offer_id, allowed)
     SELECT o.tenant_id, o.offer_id, false FROM offer o JOIN site USING (tenant_id)
      WHERE site.slug = $1 AND o.slug = 'tour'`, [site.slug]);
  assert.equal((await post(buyer, again, [lines[0].id])).status, 409);
  assert.equal(await takenOf(slot), 1);
  await server.sql('DELETE FROM plugin_self_cancel.choice');
  const stale = await post(buyer, { ...again, version: again.version - 1 }, [lines[0].id]);
  assert.equal(stale.status, 409);
  const done = await post(buyer, again, [lines[0].id]);
  assert.equal(done.status, 200, done.text);
  await server.jobs();
  assert.equal(await refundsOf(buyer), 600);
  await checkInvariants(server);
});

test('T20: a mixed order line by line: places, a court and plain places each come back, the rest stays', async () => {
  const [a, b] = [await slotIn(72, 'concert'), await slotIn(30)];
  const [{ slot_id: c }] = await server.sql(
    `SELECT slot_id::text FROM slot JOIN offer USING (tenant_id, offer_id) JOIN site USING (tenant_id)
      WHERE site.slug = $1 AND offer.slug = 'court' AND starts_at > now() + interval '80 hours'
      ORDER BY starts_at LIMIT 1`, [site.slug]);
  const buyer = await bought([['concert', a, { adult: 2 }], ['tour', b, { child: 3 }], ['court', c, { court: 1 }]]);
  const { lines, quote } = (await look(buyer)).json;
  assert.equal(lines.length, 3);
  assert.equal(quote, null, 'nothing is chosen for the customer when there is a choice');
  const id = (title) => lines.find((line) => line.title === title && !line.used)?.id;
  const [court1, tours] = [id('Court'), lines.filter((line) => line.title === 'Tour').map((line) => line.id)];
  const both = (await look(buyer, [...tours, court1])).json.quote;
  // 24.00 and 30.00 whole, 18.00 by half.
  assert.equal(both.back.minor, 2400 + 3000 + 900);
  const first = (await look(buyer, [court1])).json.quote;
  assert.equal((await post(buyer, first, [court1])).status, 200);
  await checkInvariants(server);
  assert.deepEqual([await takenOf(a), await takenOf(b), await takenOf(c)], [2, 3, 0]);
  const rest = (await look(buyer, tours)).json.quote;
  assert.equal((await post(buyer, rest, tours)).status, 200);
  assert.deepEqual([await takenOf(a), await takenOf(b), await takenOf(c)], [0, 0, 0]);
  await server.jobs();
  assert.equal(await refundsOf(buyer), 2400 + 3000 + 900);
  assert.deepEqual(await orderRow(buyer), { total: 7200, returned: 6300, due: 0 });
  const part = await server.mail({ subject: `Part of your booking is cancelled, order ${buyer.code}` });
  assert.match(part.text, /Court/);
  await checkInvariants(server);
});

test('T20: what is to be paid at the venue isn’t owed any more, without a fee', async () => {
  const buyer = await bought([['tour', await slotIn(3), { adult: 2 }]], 'venue');
  const { quote, lines } = (await look(buyer)).json;
  assert.deepEqual([quote.back.minor, quote.waived.minor, quote.kept], [0, 2400, null]);
  assert.equal((await post(buyer, quote, [lines[0].id])).status, 200);
  assert.deepEqual(await orderRow(buyer), { total: 2400, returned: 2400, due: 0 });
  await checkInvariants(server);
});

test('T20: sent eight times at once it happens once, for both ways of paying', async () => {
  for (const way of ['card', 'venue']) {
    const slot = await slotIn(72);
    const buyer = await bought([['tour', slot, { adult: 1 }]], way);
    const { quote, lines } = (await look(buyer)).json;
    const all = await Promise.all(Array.from({ length: 8 }, () => post(buyer, quote, [lines[0].id])));
    assert.ok(all.some((page) => page.status === 200));
    assert.ok(all.every((page) => [200, 409].includes(page.status)), all.map((p) => p.status).join(' '));
    await server.jobs();
    assert.equal(await refundsOf(buyer), way === 'card' ? 1200 : 0);
    assert.equal(await takenOf(slot), 0);
    assert.equal((await server.mails({ subject: `cancelled, order ${buyer.code}` })).length, 1);
  }
  await checkInvariants(server);
});

test('T20: while the provider is away the refund waits, then comes once', async () => {
  const buyer = await bought([['tour', await slotIn(72), { adult: 1 }]]);
  const { quote, lines } = (await look(buyer)).json;
  await server.payments.outage(true);
  assert.equal((await post(buyer, quote, [lines[0].id])).status, 200);
  await server.jobs();
  await checkInvariants(server);
  await server.payments.outage(false);
  assert.equal(await refundsOf(buyer), 0);
  await server.time('+7200');
  await server.jobs();
  assert.equal(await refundsOf(buyer), 1200);
  const [refund] = await server.sql(
    `SELECT p.state FROM payment p JOIN orders USING (tenant_id, order_id)
      WHERE code = $1 AND refund_of IS NOT NULL`, [buyer.code]);
  assert.equal(refund.state, 'captured');
});

test('T20: other people’s orders, other lines, an unpaid basket: nothing, and nobody learns anything', async () => {
  const [ann, bob] = [await bought([['tour', await slotIn(72), { adult: 1 }]]), await bought([['tour', await slotIn(72), { adult: 1 }]])];
  const stranger = site.visitor();
  assert.equal((await stranger.get(`${ann.cancelPath}?t=${bob.token}`)).status, 404);
  assert.equal((await stranger.get(ann.cancelPath)).status, 404);
  const { quote, lines } = (await look(bob)).json;
  const annLine = (await look(ann)).json.lines[0].id;
  const foreign = await post(bob, quote, [annLine, lines[0].id]);
  assert.equal(foreign.status, 409, foreign.text);
  assert.equal((await post(bob, quote, [])).status, 422);
  assert.equal((await look(ann)).json.lines.length, 1);
  // By the link of the mail, without the session that bought.
  assert.equal((await stranger.get(`${ann.cancelPath}?t=${ann.token}`)).status, 200);
  const basket = new Buyer(site);
  await basket.book('tour', await slotIn(72), { adult: 1 });
  const [{ code }] = await server.sql('SELECT code FROM orders WHERE placed_at IS NULL ORDER BY order_id DESC LIMIT 1');
  assert.equal((await basket.visitor.get(`/x/self-cancel/${code}`)).status, 404);
  await checkInvariants(server);
});

test('T20: in French and Spanish', async () => {
  const buyer = await bought([['tour', await slotIn(72), { adult: 1 }]]);
  const path = `${buyer.cancelPath}?t=${buyer.token}`;
  assert.match((await buyer.visitor.visit(`/fr${path}`)).words('main'), /Annuler et récupérer 12,00 €/);
  assert.match((await buyer.visitor.visit(`/es${path}`)).words('main'), /Cancelar y recuperar 12,00 €/);
});
