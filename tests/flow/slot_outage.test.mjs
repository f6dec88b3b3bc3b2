// A resource that can't be used: what is booked on it goes to another one that is free, only the rest
// is given back or left to be decided; told before it is saved, each once; P11.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00'] }];
const site = await server.createSite({
  resources: [
    { code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' },
    { code: 'hall', name: 'Hall', kind: 'room' }, { code: 'attic', name: 'Attic', kind: 'room' },
  ],
  offers: [
    tour({ resource: 'hall', schedule: daily }),
    tour({ slug: 'talk', resource: 'attic', schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['15:30'] }] }),
    court({ resource: undefined, resources: ['court-1', 'court-2'], schedule: daily }),
  ],
});
let office = await staff(site);
const ids = Object.fromEntries((await server.sql('SELECT code, resource_id::text AS id FROM resource')).map(({ code, id }) => [code, id]));
const slotAt = async (offer, day, hour) => (await server.sql(
  `SELECT s.slot_id::text AS id FROM slot s JOIN offer o USING (tenant_id, offer_id)
    WHERE o.slug = $1 AND s.starts_at AT TIME ZONE 'Europe/Paris' = $2::timestamp`, [offer, `2026-12-${day} ${hour}:00`]))[0].id;
async function buy(bookings, email) {
  const buyer = new Buyer(site);
  for (const [offer, slot, counts] of bookings) {
    const held = await buyer.book(offer, slot, counts);
    assert.equal(held.status, 201, held.text);
  }
  assert.equal((await buyer.details({ email })).status, 200);
  if (!email.startsWith('hold')) assert.equal((await buyer.pay('pay-at-venue')).status, 201);
  return buyer;
}
const courtOf = async (email) => (await server.sql(
  `SELECT l.state, (SELECT string_agg(r.code, ',') FROM allocation a JOIN resource r USING (tenant_id, resource_id) WHERE a.line_id = l.line_id) AS court
     FROM order_line l JOIN orders o USING (tenant_id, order_id) WHERE o.email = $1 ORDER BY l.line_id`, [email])).map(({ state, court }) => `${state} ${court}`);
const outage = (json) => office.postJson('/manage/schedule/changes/outage', { otherwise: 'refund', ...json });
const progress = async (id) => {
  await server.jobs();
  return (await office.getJson(`/manage/schedule/changes/${id}`)).json;
};
const whole = (day, resource) => ({ resource, from_date: `2026-12-${day}`, to_date: `2026-12-${day}` });

test('a court: who can goes to the other one, who can’t is given back, the times go on with the other court', async () => {
  const [ten, three] = [await slotAt('court', '10', '10'), await slotAt('court', '10', '15')];
  await buy([['court', ten, { court: 1 }]], 'ann@buyer.example');
  await buy([['court', three, { court: 1 }]], 'bob@buyer.example');
  await buy([['court', three, { court: 1 }]], 'cas@buyer.example');
  assert.deepEqual([await courtOf('ann@buyer.example'), await courtOf('bob@buyer.example'), await courtOf('cas@buyer.example')],
    [['confirmed court-1'], ['confirmed court-1'], ['confirmed court-2']]);
  const wish = { ...whole('10', ids['court-1']), reason: 'Under water.' };
  const look = await outage({ ...wish, do: 'look' });
  assert.equal(look.status, 200, look.text);
  assert.deepEqual(look.json.uses.map(({ who, instead }) => [who, instead]), [['Ann Buyer', 'Court 2'], ['Ann Buyer', null]]);
  assert.equal((await outage({ ...wish, do: 'save' })).status, 409, 'what is lost is agreed to first');
  assert.deepEqual(await server.sql('SELECT 1 FROM closure'), []);

  const made = await outage({ ...wish, do: 'save', agreed: true });
  assert.equal(made.status, 201, made.text);
  const page = await progress(made.json.id);
  assert.deepEqual(page.items.map(({ state, remedy }) => `${state} ${remedy}`).sort(), ['done place', 'done refund']);
  assert.deepEqual([await courtOf('ann@buyer.example'), await courtOf('bob@buyer.example'), await courtOf('cas@buyer.example')],
    [['confirmed court-2'], ['cancelled null'], ['confirmed court-2']]);
  const [mail] = await server.mails({ to: 'ann@buyer.example', subject: 'somewhere else' });
  assert.match(mail.text, /Court.*10 December.*Court 2/);
  assert.match(mail.text, /Under water/);
  assert.equal((await server.mails({ to: 'bob@buyer.example', subject: 'cancelled' })).length, 1);
  assert.equal((await server.mails({ to: 'cas@buyer.example' })).length, 1, 'nobody else hears of it');
  // The time isn't cancelled: but the other court is taken, so nothing is free now.
  const [{ state }] = await server.sql('SELECT state FROM slot WHERE slot_id = $1', [ten]);
  assert.equal(state, 'open');
  assert.equal((await new Buyer(site).book('court', ten, { court: 1 })).status, 409);
  await checkInvariants(server);
});

test('a room that an offer needs: the time moves to another room like it, stays on sale, and is shown there', async () => {
  const [ten, three] = [await slotAt('tour', '11', '10'), await slotAt('tour', '11', '15')];
  await buy([['tour', ten, { adult: 2 }]], 'dan@buyer.example');
  await buy([['tour', three, { adult: 2 }]], 'eve@buyer.example');
  const made = await outage({ ...whole('11', ids.hall), do: 'save', agreed: true, reason: 'No heating.' });
  assert.equal(made.status, 201, made.text);
  const page = await progress(made.json.id);
  assert.deepEqual(page.items.map(({ remedy }) => remedy).sort(), ['place', 'refund'], 'the attic has a talk at half past three');
  const slots = await server.sql('SELECT state, resources::text FROM slot WHERE slot_id IN ($1, $2) ORDER BY starts_at', [ten, three]);
  assert.deepEqual(slots, [{ state: 'open', resources: `{${ids.attic}}` }, { state: 'cancelled', resources: null }]);
  assert.match((await server.mail({ to: 'dan@buyer.example', subject: 'somewhere else' })).text, /Attic/);
  assert.equal((await new Buyer(site).book('tour', ten, { adult: 1 })).status, 201, 'it is on sale all the same');
  const shown = (await office.getJson(`/manage/schedule/slots/${ten}`)).json;
  assert.equal(shown.slot.place, 'Attic');
  const attic = (await office.getJson(`/manage/schedule?date=2026-12-11&resource=${ids.attic}`)).json;
  assert.deepEqual(attic.items.map(({ title }) => title), ['Tour', 'Tour'], 'its talk and the tour');
  // Another change of the schedule leaves it where it is.
  const closure = await office.postJson('/manage/hours/closures/new', {
    do: 'save', kind: 'holiday', from_date: '2026-12-27', to_date: '2026-12-27', reason: {} });
  assert.equal(closure.status, 201, closure.text);
  await server.time('set 2026-12-02T09:00:00Z');
  await server.jobs();
  const [after] = await server.sql('SELECT state, resources::text FROM slot WHERE slot_id = $1', [ten]);
  assert.deepEqual(after, slots[0]);
  await checkInvariants(server);
});

test('left to be decided: another time for those who find nothing; a basket gives way', async () => {
  const [ten, next] = [await slotAt('court', '12', '10'), await slotAt('court', '13', '10')];
  await buy([['court', ten, { court: 1 }]], 'fay@buyer.example');
  const holder = await buy([['court', ten, { court: 1 }]], 'hold@buyer.example');
  const made = await outage({ ...whole('12', ids['court-1']), do: 'save', agreed: true, otherwise: 'decide' });
  assert.equal(made.status, 201, made.text);
  let page = await progress(made.json.id);
  assert.deepEqual(page.items.map(({ state, why }) => [state, why]), [['failed', 'no_place']]);
  assert.deepEqual(await courtOf('fay@buyer.example'), ['confirmed court-1'], 'nothing has happened to her');
  const settled = await office.postJson(`/manage/schedule/changes/${made.json.id}`, { do: 'rebook', to_slot: next });
  assert.equal(settled.status, 200, settled.text);
  page = await progress(made.json.id);
  assert.deepEqual(page.items.map(({ state }) => state), ['done']);
  assert.equal((await server.mails({ to: 'fay@buyer.example', subject: 'was moved' })).length, 1);
  await checkInvariants(server);
  assert.equal((await holder.pay('pay-at-venue')).status, 201, 'the basket has the other court');

  const full = await slotAt('court', '16', '10');
  await buy([['court', full, { court: 1 }]], 'gus@buyer.example');
  const last = await buy([['court', full, { court: 1 }]], 'hold2@buyer.example');
  const both = await outage({ resource: ids['court-2'], from_date: '2026-12-16', to_date: '2026-12-16', do: 'save', agreed: true });
  assert.equal(both.status, 201, both.text);
  assert.notEqual((await last.pay('pay-at-venue')).status, 201, 'its court is closed');
  await checkInvariants(server);
});

test('one order with a booking that finds a court and one that doesn’t: each line as far as it goes, each told', async () => {
  const [ten, three] = [await slotAt('court', '17', '10'), await slotAt('court', '17', '15')];
  await buy([['court', ten, { court: 1 }], ['court', three, { court: 1 }]], 'ida@buyer.example');
  await buy([['court', three, { court: 1 }]], 'jon@buyer.example');
  const made = await outage({ ...whole('17', ids['court-1']), do: 'save', agreed: true });
  assert.equal(made.status, 201, made.text);
  await progress(made.json.id);
  assert.deepEqual(await courtOf('ida@buyer.example'), ['confirmed court-2', 'cancelled null']);
  assert.equal((await server.mails({ to: 'ida@buyer.example', subject: 'somewhere else' })).length, 1);
  assert.equal((await server.mails({ to: 'ida@buyer.example', subject: 'cancelled' })).length, 1);
  await checkInvariants(server);
});

test('"end before start", days that don’t exist, too long, past, no such resource: refused beside the field', async () => {
  const wish = { ...whole('20', ids['court-1']), do: 'save' };
  for (const [field, changes] of [
    ['to_date', { to_date: '2026-12-19' }], ['from_date', { from_date: '2027-02-29' }], ['to_date', { to_date: '2027-12-20' }],
    ['to_date', { from_date: '2026-11-01', to_date: '2026-11-02' }], ['resource', { resource: '1' }], ['resource', { resource: 'x' }],
    ['from_time', { from_time: '25:00' }],
  ]) {
    const page = await outage({ ...wish, ...changes });
    assert.equal(page.status, 422, JSON.stringify(changes) + page.text);
    assert.equal(page.json.errors[0].field, field);
  }
  // 29 February is a day like any other, and the day of 23 hours is a whole one.
  await server.time('set 2028-02-20T09:00:00Z');
  office = await staff(site);
  assert.equal((await outage({ resource: ids['court-1'], from_date: '2028-02-29', to_date: '2028-02-29', do: 'look' })).status, 200);
  const spring = await outage({ resource: ids['court-1'], from_date: '2028-03-26', to_date: '2028-03-26', do: 'save' });
  assert.equal(spring.status, 201, spring.text);
  const [{ hours }] = await server.sql("SELECT extract(epoch FROM to_at - from_at)::int / 3600 AS hours FROM closure ORDER BY closure_id DESC LIMIT 1");
  assert.equal(hours, 23);
});

test('P5: a day’s page of a resource says that it cancels whole times, and leads here; another site sees nothing', async () => {
  await server.time('set 2026-12-02T09:00:00Z');
  office = await staff(site);
  const page = await office.visit(`/manage/schedule/changes/new?day=2026-12-22&resource=${ids['court-1']}`);
  assert.match(page.words('main'), /cancels whole times/);
  const led = await page.click('Only Court 1 can’t be used');
  assert.equal(led.document.querySelector('#resource option[selected]').textContent, 'Court 1');
  const other = await server.createSite({});
  const stranger = await staff(other);
  assert.equal((await stranger.postJson('/manage/schedule/changes/outage', { otherwise: 'refund', ...whole('22', ids['court-1']), do: 'look' })).status, 422);
});
