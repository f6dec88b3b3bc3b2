// Changes of booked times against whoever buys, cancels or changes them at the same moment. What
// would go wrong without the locks is shown beside each: the same moment, with the guard off.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addSlots, Buyer, checkInvariants, court, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { unguarded } from '../lib/races.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ features: { 'pay-at-venue': {}, 'sandbox-pay': {}, 'self-cancel': {} }, offers: [tour({ schedule: [] }), court({ schedule: [] })] });
const [one, two] = [await staff(site), await staff(site)];
let day = 3;
const instant = () => new Date(Date.now() + day++ * 86_400_000).toISOString();
const slotOf = async (offer = 'tour', options) => (await addSlots(server, site.slug, offer, [instant()], options))[0];
const change = (who, json) => who.postJson('/manage/schedule/changes/new', json);
async function ready(slot, email, counts = { adult: 1 }) {
  const buyer = new Buyer(site);
  const held = await buyer.book('tour', slot, counts);
  assert.equal(held.status, 201, held.text);
  assert.equal((await buyer.details({ email })).status, 200);
  return buyer;
}
const bought = async (slot, email) => {
  const buyer = await ready(slot, email);
  assert.equal((await buyer.pay('pay-at-venue')).status, 201);
};
const linesOf = (slot) => server.sql(
  `SELECT l.state, l.starts_at = s.starts_at AS in_time, o.email, s.state AS slot,
          (SELECT count(*)::int FROM slot_change_row w WHERE w.order_id = l.order_id) AS rows
     FROM order_line l JOIN orders o USING (tenant_id, order_id) JOIN slot s USING (tenant_id, slot_id)
    WHERE l.slot_id = $1 ORDER BY l.line_id`, [slot]);
const statuses = (pages) => pages.map(({ status }) => status).sort().join(' ');

// A purchase that has seen the slot as it was and waits for its own line, while `act` happens.
async function inTheMiddle(buyer, slot, act) {
  const held = server.sql(
    `WITH l AS MATERIALIZED (SELECT 1 FROM order_line WHERE slot_id = $1 FOR UPDATE) SELECT pg_sleep(0.7) FROM l LIMIT 1`, [slot]);
  await sleep(100);
  const sale = buyer.pay('pay-at-venue');
  await sleep(200);
  const [sold, acted] = await Promise.all([sale, act(), held]);
  return { sold, acted };
}

test('a purchase in the middle of its confirmation against a cancellation: it is sold and given back', async () => {
  const slot = await slotOf();
  const buyer = await ready(slot, 'middle@buyer.example');
  const { sold, acted } = await inTheMiddle(buyer, slot, () => change(one, { do: 'cancel', slot }));
  assert.deepEqual([sold.status, acted.status], [201, 201], sold.text + acted.text);
  await server.jobs();
  assert.deepEqual((await linesOf(slot)).map(({ state, rows }) => [state, rows]), [['cancelled', 1]]);
  assert.equal((await server.mails({ to: 'middle@buyer.example', subject: 'cancelled' })).length, 1);
  await checkInvariants(server);
});

test('control: a cancellation without its locks leaves a sold place of a cancelled time that nobody hears of', async () => {
  const slot = await slotOf();
  const buyer = await ready(slot, 'unheard@buyer.example');
  const { sold } = await inTheMiddle(buyer, slot, () => server.sql("UPDATE slot SET state = 'cancelled' WHERE slot_id = $1", [slot]));
  assert.equal(sold.status, 201);
  assert.deepEqual(await linesOf(slot), [{ state: 'confirmed', in_time: true, email: 'unheard@buyer.example', slot: 'cancelled', rows: 0 }]);
});

test('the same against a move: who was through goes along and is told, whoever comes later looks again', async () => {
  const slot = await slotOf();
  const [buyer, late] = [await ready(slot, 'along@buyer.example'), await ready(slot, 'late@buyer.example')];
  const { json } = await one.getJson(`/manage/schedule/changes/new?slot=${slot}`);
  const to = instant();
  const wish = { do: 'move', slot, version: json.change.version, date: to.slice(0, 10), time: '12:00' };
  const { sold, acted } = await inTheMiddle(buyer, slot, () => change(one, wish));
  assert.deepEqual([sold.status, acted.status], [201, 201], sold.text + acted.text);
  await server.jobs();
  const lines = await linesOf(slot);
  assert.ok(lines.every(({ in_time }) => in_time));
  assert.equal((await server.mails({ to: 'along@buyer.example', subject: 'was moved' })).length, 1);
  assert.match((await late.visitor.getJson('/basket')).text, /"moved_from":\{/);
  await checkInvariants(server);
});

test('control: a move without its locks leaves a sold place at the old time', async () => {
  const slot = await slotOf();
  const buyer = await ready(slot, 'left@buyer.example');
  const { sold } = await inTheMiddle(buyer, slot, () =>
    server.sql("UPDATE slot SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE slot_id = $1", [slot]));
  assert.equal(sold.status, 201);
  assert.deepEqual((await linesOf(slot)).map(({ in_time, rows }) => [in_time, rows]), [[false, 0]]);
});

test('16 purchases, a move back and forth and a cancellation at once: everybody is sold to and told, or refused', async () => {
  const slot = await slotOf('tour', { capacity: 16 });
  const buyers = await Promise.all(Array.from({ length: 16 }, (_, i) => ready(slot, `crowd${i}@buyer.example`)));
  const { json } = await one.getJson(`/manage/schedule/changes/new?slot=${slot}`);
  const to = instant();
  const [moved, cancelled, ...sold] = await Promise.all([
    change(one, { do: 'move', slot, version: json.change.version, date: to.slice(0, 10), time: '12:00' }),
    change(two, { do: 'cancel', slot }),
    ...buyers.map((buyer) => buyer.pay('pay-at-venue')),
  ]);
  assert.ok([201, 409].includes(moved.status), moved.text);
  assert.equal(cancelled.status, 201, cancelled.text);
  assert.ok(sold.every(({ status }) => [201, 409, 422].includes(status)), statuses(sold));
  await server.jobs();
  const lines = await linesOf(slot);
  assert.ok(lines.every(({ state }) => state !== 'confirmed'), JSON.stringify(lines));
  for (const [i, page] of sold.entries()) {
    const mails = await server.mails({ to: `crowd${i}@buyer.example`, subject: 'cancelled' });
    assert.equal(mails.length, page.status === 201 ? 1 : 0, `${i}: ${page.status}`);
  }
  await checkInvariants(server);
});

test('two managers at once: one cancels, the other one sees it; the people are settled once', async () => {
  const [slot, to] = [await slotOf(), await slotOf()];
  await bought(slot, 'once@buyer.example');
  const pages = await Promise.all([
    change(one, { do: 'cancel', slot }), change(two, { do: 'cancel', slot }), change(two, { do: 'rebook', slot, to_slot: to }),
  ]);
  assert.equal(statuses(pages), '201 409 409');
  await server.jobs();
  assert.equal((await server.mails({ to: 'once@buyer.example' })).length, 2, 'bought, and what became of it');
  await checkInvariants(server);
});

test('two managers settle those who were left over: one of them does', async () => {
  const [slot, to, third] = [await slotOf(), await slotOf('tour', { capacity: 1 }), await slotOf()];
  await bought(slot, 'settled@buyer.example');
  await bought(to, 'there@buyer.example');
  const made = await change(one, { do: 'rebook', slot, to_slot: to });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
  const path = `/manage/schedule/changes/${made.json.id}`;
  assert.equal((await one.getJson(path)).json.change.failed, 1);
  const pages = await Promise.all([one.postJson(path, { do: 'refund' }), two.postJson(path, { do: 'rebook', to_slot: third })]);
  assert.equal(statuses(pages), '200 409');
  await server.jobs();
  assert.equal((await server.mails({ to: 'settled@buyer.example' })).length, 2);
  await checkInvariants(server);
});

test('control: with the guards off both managers cancel the same time', async () => {
  const slot = await slotOf();
  await bought(slot, 'both@buyer.example');
  const pages = await unguarded(server, () => Promise.all([change(one, { do: 'cancel', slot }), change(two, { do: 'cancel', slot })]));
  assert.equal(statuses(pages), '201 201');
});

test('booking into another time against buyers of its last places: never more than there are', async () => {
  const [from, to] = [await slotOf('tour', { capacity: 6 }), await slotOf('tour', { capacity: 6 })];
  for (let i = 0; i < 6; i++) await bought(from, `r${i}@buyer.example`);
  const made = await change(one, { do: 'rebook', slot: from, to_slot: to });
  assert.equal(made.status, 201);
  const buyers = Array.from({ length: 8 }, () => new Buyer(site));
  const [held] = await Promise.all([Promise.all(buyers.map((b) => b.book('tour', to, { adult: 1 }))), server.jobs()]);
  assert.ok(held.every(({ status }) => [201, 409].includes(status)), statuses(held));
  const [{ taken }] = await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [to]);
  assert.equal(taken, 6);
  const { change: after } = (await one.getJson(`/manage/schedule/changes/${made.json.id}`)).json;
  assert.equal(after.failed, held.filter(({ status }) => status === 201).length, 'who found no room is listed');
  await checkInvariants(server);
});

test('the customer cancels while the venue books them into another time: one of the two, once', async () => {
  const [from, to] = [await slotOf('tour', { capacity: 8 }), await slotOf('tour', { capacity: 8 })];
  const buyers = [];
  for (let i = 0; i < 8; i++) {
    const buyer = await ready(from, `self${i}@buyer.example`);
    const { json } = await buyer.pay('pay-at-venue');
    buyer.code = json.location.match(/orders\/(\w+)/)[1];
    buyer.token = new URL(json.location, buyer.visitor.origin).searchParams.get('t');
    buyers.push(buyer);
  }
  const looks = await Promise.all(buyers.map((b) => b.visitor.getJson(`/x/self-cancel/${b.code}?t=${b.token}`)));
  const cancels = () => Promise.all(buyers.map((b, i) => b.visitor.postJson(`/x/self-cancel/${b.code}`, {
    t: b.token, version: looks[i].json.quote.version, back_minor: 0, lines: [{ key: looks[i].json.lines[0].id, count: 1 }] })));
  const [made, pages] = await Promise.all([change(one, { do: 'rebook', slot: from, to_slot: to }), cancels()]);
  assert.equal(made.status, 201, made.text);
  assert.ok(pages.every(({ status }) => [200, 409].includes(status)), statuses(pages));
  await server.jobs();
  for (const [i, page] of pages.entries()) {
    assert.equal((await server.mails({ to: `self${i}@buyer.example` })).length, 2, `${i}: ${page.status}`);
  }
  const gone = pages.filter(({ status }) => status === 200).length;
  assert.equal((await linesOf(to)).filter(({ state }) => state === 'confirmed').length, 8 - gone);
  await checkInvariants(server);
});

test('control: with the guards off the last places are sold twice', async () => {
  const [from, to] = [await slotOf('tour', { capacity: 6 }), await slotOf('tour', { capacity: 6 })];
  for (let i = 0; i < 6; i++) await bought(from, `o${i}@buyer.example`);
  await unguarded(server, async () => {
    const made = await change(one, { do: 'rebook', slot: from, to_slot: to });
    assert.equal(made.status, 201);
    await Promise.all([...Array.from({ length: 8 }, () => new Buyer(site).book('tour', to, { adult: 1 })), server.jobs()]);
  });
  await assert.rejects(checkInvariants(server), /a slot counts the places|more places taken/);
});
