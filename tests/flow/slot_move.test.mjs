// Moving and cancelling booked slots: who is concerned, one mail each, tickets that stay good, money
// back once, holds told; P5.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { Buyer, checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00'] }];
const data = { offers: [tour({ schedule: daily }), court({ slug: 'court', resource: 'court-1', schedule: daily })] };
const site = await server.createSite(data);
const other = await server.createSite(data);
const officeOf = async (where) => {
  const visitor = where.visitor();
  await visitor.postJson('/manage/login', { email: where.manager.email, password: where.manager.password });
  return visitor;
};
const office = await officeOf(site);
const slots = await slotsOf(server, site, 'tour');
const at = (day, hour) => slots.find((s) => s.starts_at.toISOString() === `2026-12-${day}T${hour}:00:00.000Z`);

async function buy(slot, { email, language = '' } = {}) {
  const buyer = new Buyer(site);
  if (language) buyer.visitor.prefix = language;
  const held = await buyer.visitor.postJson(`${language}/offers/tour`, { slot: String(slot.id), quantity: [{ key: 'adult', count: 2 }] });
  assert.equal(held.status, 201, held.text);
  assert.equal((await buyer.visitor.postJson(`${language}/checkout`, { name: 'Ann Buyer', email })).status, 200);
  const paid = await buyer.visitor.postJson(`${language}/checkout/pay`, { method: 'pay-at-venue' });
  assert.equal(paid.status, 201, paid.text);
  return { buyer, location: paid.json.location };
}
const change = (json) => office.postJson('/manage/schedule/changes/new', json);

test('a move keeps the tickets and tells each once, in their language; the calendar entry’s SEQUENCE rises', async () => {
  const slot = at('10', '09');
  await buy(slot, { email: 'ann@buyer.example' });
  await buy(slot, { email: 'luc@buyer.example', language: '/fr' });
  const tickets = await server.sql('SELECT code, state FROM ticket ORDER BY code');
  await server.mails({});

  const look = await office.getJson(`/manage/schedule/changes/new?slot=${slot.id}`);
  assert.equal(look.json.concerned.orders, 2);
  assert.equal(look.json.concerned.places, 4);
  const held = new Buyer(site);
  assert.equal((await held.book('tour', slot, { adult: 1 })).status, 201);

  const words = await (await office.visit('/manage/features/core/notifications/booking_moved')).submit('Save', {
    body_en: 'The venue’s own words, {{name}}.' });
  assert.match(words.words('.notice'), /Saved/);
  const version = look.json.change.version;
  const moved = await change({ do: 'move', slot: String(slot.id), version, date: '2026-12-10', time: '12:30', reason: 'The guide is late.' });
  assert.equal(moved.status, 201, moved.text);
  await server.jobs();
  assert.deepEqual(await server.sql('SELECT code, state FROM ticket ORDER BY code'), tickets);
  const ann = await server.mails({ to: 'ann@buyer.example', subject: 'was moved' });
  assert.equal(ann.length, 1);
  assert.match(ann[0].text, /10:00.*→.*12:30/s);
  assert.match(ann[0].text, /The guide is late/);
  assert.match(ann[0].html, /The venue’s own words, Ann Buyer/);
  const ics = ann[0].attachments.find(({ name }) => name.endsWith('.ics')).bytes.toString();
  assert.match(ics, /SEQUENCE:1/);
  assert.match(ics, /DTSTART:20261210T113000Z/);
  assert.equal((await server.mails({ to: 'luc@buyer.example', subject: 'a été déplacé' })).length, 1);

  const { json: basket } = await held.visitor.getJson('/basket');
  const line = JSON.stringify(basket);
  assert.match(line, /"moved_from":\{/, 'the hold in progress is told');
  await checkInvariants(server);

  const again = await server.sql('SELECT starts_at FROM slot WHERE slot_id = $1', [slot.id]);
  assert.equal(again[0].starts_at.toISOString(), '2026-12-10T11:30:00.000Z');
  await server.time('set 2026-12-02T09:00:00Z');
  await server.jobs();
  const there = await server.sql("SELECT 1 FROM slot WHERE offer_id = (SELECT offer_id FROM slot WHERE slot_id = $1) AND starts_at = '2026-12-10T09:00:00Z'", [slot.id]);
  assert.deepEqual(there, [], 'its rule makes none again where it was');

  const late = await change({ do: 'move', slot: String(slot.id), version, date: '2026-12-10', time: '13:30' });
  assert.equal(late.status, 409, '"two people": the later one looks again');
});

test('a move to a time that is taken, closed or past says why and changes nothing', async () => {
  const slot = at('11', '09');
  const { json } = await office.getJson(`/manage/schedule/changes/new?slot=${slot.id}`);
  const wish = { do: 'move', slot: String(slot.id), version: json.change.version };
  const twice = await change({ ...wish, date: '2026-12-11', time: '15:00' });
  assert.equal(twice.status, 409);
  assert.match(twice.json.conflicts?.[0].text ?? twice.text, /begins then/);
  assert.equal((await change({ ...wish, date: '2026-11-01', time: '10:00' })).status, 409);
  assert.equal((await change({ ...wish, date: '2027-02-29', time: '10:00' })).status, 422);
  const [{ starts_at }] = await server.sql('SELECT starts_at FROM slot WHERE slot_id = $1', [slot.id]);
  assert.equal(starts_at.toISOString(), slot.starts_at.toISOString());
});

test('a cancelled day: nothing more is sold, each order once, with progress and result per row', async () => {
  const orders = [];
  for (const [hour, email] of [['09', 'one@buyer.example'], ['14', 'two@buyer.example']]) {
    orders.push(await buy(at('15', hour), { email }));
  }
  await server.jobs();
  const look = await office.getJson('/manage/schedule/changes/new?day=2026-12-15');
  assert.equal(look.json.concerned.orders, 2);
  assert.equal(look.json.concerned.slots, 4, 'tour and court');
  const made = await change({ do: 'cancel', day: '2026-12-15', reason: 'A burst pipe.' });
  assert.equal(made.status, 201, made.text);
  const progress = async () => {
    const page = await office.getJson(`/manage/schedule/changes/${made.json.id}`);
    assert.equal(page.status, 200, page.text);
    return page.json;
  };
  // The job worker may be at it already.
  const { done, all } = (await progress()).change;
  assert.ok(all === 2 && done <= all, `${done} of ${all}`);
  assert.equal((await new Buyer(site).book('tour', at('15', '09'), { adult: 1 })).status, 422);

  await server.jobs();
  // The job again, as after a kill: it finds nothing to do.
  await server.sql("UPDATE job SET state = 'waiting', finished_at = NULL WHERE kind = 'slot.change'");
  await server.jobs();
  const after = await progress();
  assert.deepEqual(after.items.map(({ state }) => state), ['done', 'done']);
  assert.equal((await server.mails({ to: 'one@buyer.example', subject: 'cancelled' })).length, 1);
  const lines = await server.sql(
    "SELECT l.state FROM order_line l JOIN orders o USING (tenant_id, order_id) WHERE o.email IN ('one@buyer.example', 'two@buyer.example')");
  assert.deepEqual(lines.map(({ state }) => state), ['cancelled', 'cancelled']);
  await checkInvariants(server);
  const twice = await change({ do: 'cancel', slot: String(at('15', '09').id) });
  assert.equal(twice.status, 409);
});

test('a sale against a cancellation: either it is sold and given back, or it is refused', async () => {
  const slot = at('17', '09');
  const buyers = Array.from({ length: 8 }, () => new Buyer(site));
  const sales = buyers.map((buyer) => buyer.book('tour', slot, { adult: 1 }));
  const [made, ...held] = await Promise.all([change({ do: 'cancel', slot: String(slot.id) }), ...sales]);
  assert.equal(made.status, 201, made.text);
  for (const page of held) assert.ok([201, 409, 422].includes(page.status), page.text);
  for (const buyer of buyers) await buyer.details();
  const placed = await Promise.all(buyers.map((buyer) => buyer.pay('pay-at-venue')));
  for (const page of placed) assert.notEqual(page.status, 201, 'nothing of it is sold any more');
  await server.jobs();
  const [{ sold }] = await server.sql("SELECT count(*)::int AS sold FROM order_line WHERE slot_id = $1 AND state = 'confirmed'", [slot.id]);
  assert.equal(sold, 0);
  await checkInvariants(server);
});

test('P5: slots and changes of another site are not found', async () => {
  const stranger = await officeOf(other);
  const slot = at('20', '09');
  assert.equal((await stranger.getJson(`/manage/schedule/changes/new?slot=${slot.id}`)).status, 404);
  assert.equal((await stranger.postJson('/manage/schedule/changes/new', { do: 'cancel', slot: String(slot.id) })).status, 404);
  const [{ id }] = await server.sql('SELECT change_id::text AS id FROM slot_change LIMIT 1');
  assert.equal((await stranger.getJson(`/manage/schedule/changes/${id}`)).status, 404);
  const [{ state }] = await server.sql('SELECT state FROM slot WHERE slot_id = $1', [slot.id]);
  assert.equal(state, 'open');
});

test('P4: what support changed is support’s by name, in the slots’ record, the orders’ and the bookings’ own', async () => {
  const [moved, gone] = [at('22', '09'), at('23', '09')];
  await buy(moved, { email: 'eve@buyer.example' });
  await buy(gone, { email: 'fay@buyer.example' });
  const { visitor: olga } = await consoleVisitor(server);
  const { json } = await olga.postJson(`/console/sites/${site.slug}/support`, { why: 'They are on the telephone.' });
  await olga.visit(json.enter_url);
  const { origin } = new URL(json.enter_url);
  const { json: look } = await olga.getJson(`${origin}/manage/schedule/changes/new?slot=${moved.id}`);
  const wish = { do: 'move', slot: String(moved.id), version: look.change.version, date: '2026-12-22', time: '12:30' };
  assert.equal((await olga.postJson(`${origin}/manage/schedule/changes/new`, wish)).status, 201);
  assert.equal((await olga.postJson(`${origin}/manage/schedule/changes/new`, { do: 'cancel', day: '2026-12-23' })).status, 201);
  await server.jobs();
  const rows = await server.sql(
    `SELECT DISTINCT action, actor_kind, actor_name FROM audit
      WHERE action IN ('slot.move', 'slot.cancel', 'order.cancel') AND actor_name = 'Olga' ORDER BY action`);
  assert.deepEqual(rows.map(({ action, actor_kind }) => `${action} ${actor_kind}`),
    ['order.cancel support', 'slot.cancel support', 'slot.move support']);
  const events = await server.sql(
    `SELECT DISTINCT e.actor, e.to_state FROM order_event e JOIN orders o USING (tenant_id, order_id)
      WHERE o.email IN ('eve@buyer.example', 'fay@buyer.example') AND (e.note = 'moved' OR e.to_state = 'cancelled') ORDER BY e.to_state`);
  assert.deepEqual(events, [{ actor: 'support', to_state: 'cancelled' }, { actor: 'support', to_state: 'confirmed' }]);
});
