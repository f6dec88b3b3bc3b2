// A whole day of times moves: to another day or by some minutes, onto each other's places, with what
// is in the way told per time, before anything is saved; each customer is told once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2027-03-01T09:00:00Z');
const week = [1, 2, 3, 4, 5, 6, 7];
const site = await server.createSite({
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'hall', name: 'Hall', kind: 'room' }],
  offers: [
    tour({ schedule: [{ days: week, at: ['02:30', '10:00', '11:00'] }] }),
    tour({ slug: 'talk', resource: 'hall', schedule: [{ days: [1], at: ['10:00', '13:00'] }] }),
    tour({ slug: 'dance', resource: 'hall', schedule: [{ days: [2], at: ['10:30'] }] }),
    court({ schedule: [{ days: week, from: '09:00', to: '13:00', every_min: 60 }] }),
  ],
});
const office = await staff(site);
const slotsAt = async (offer, day) => (await server.sql(
  `SELECT s.slot_id::text AS id, to_char(s.starts_at AT TIME ZONE 'Europe/Paris', 'HH24:MI') AS at, s.state
     FROM slot s JOIN offer o USING (tenant_id, offer_id)
    WHERE o.slug = $1 AND (s.starts_at AT TIME ZONE 'Europe/Paris')::date = $2 ORDER BY s.starts_at`, [offer, day]));
const timesAt = async (offer, day) => (await slotsAt(offer, day)).map(({ at }) => at);
const change = (json) => office.postJson('/manage/schedule/changes/new', json);
async function buy(offer, slot, email, counts = { adult: 1 }) {
  const buyer = new Buyer(site);
  assert.equal((await buyer.book(offer, slot, counts)).status, 201);
  assert.equal((await buyer.details({ email })).status, 200);
  assert.equal((await buyer.pay('pay-at-venue')).status, 201);
}
await slotsOf(server, site, 'tour');

test('a day of one resource an hour later: each takes the place of the next, courts and people go along', async () => {
  const day = '2027-03-10';
  const courts = await slotsAt('court', day);
  await buy('court', courts[0].id, 'nine@buyer.example', { court: 1 });
  await buy('court', courts[1].id, 'ten@buyer.example', { court: 1 });
  const [{ resource_id: resource }] = await server.sql("SELECT resource_id::text FROM resource WHERE code = 'court-1'");
  const look = await change({ do: 'look_move', day, resource, by_min: 60 });
  assert.equal(look.status, 200, look.text);
  assert.deepEqual([look.json.shift.moving, look.json.shift.blocked], [4, 0]);
  assert.deepEqual(await timesAt('court', day), ['09:00', '10:00', '11:00', '12:00'], 'a look changes nothing');
  const made = await change({ do: 'move', day, resource, by_min: 60, version: look.json.change.version, reason: 'Late key.' });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(await timesAt('court', day), ['10:00', '11:00', '12:00', '13:00']);
  await server.jobs();
  for (const [who, from, to] of [['nine', '09:00', '10:00'], ['ten', '10:00', '11:00']]) {
    const mails = await server.mails({ to: `${who}@buyer.example`, subject: 'was moved' });
    assert.equal(mails.length, 1);
    assert.match(mails[0].text, new RegExp(`${from}.*→.*${to}`, 's'));
  }
  const uses = await server.sql(
    `SELECT to_char(a.from_at AT TIME ZONE 'Europe/Paris', 'HH24:MI') AS at FROM allocation a WHERE a.line_id IS NOT NULL ORDER BY 1`);
  assert.deepEqual(uses.map(({ at }) => at), ['10:00', '11:00']);
  assert.equal((await change({ do: 'move', day, resource, by_min: 60, version: look.json.change.version })).status, 409, 'two managers');
  await server.time('set 2027-03-02T09:00:00Z');
  await server.jobs();
  assert.deepEqual(await timesAt('court', day), ['10:00', '11:00', '12:00', '13:00'], 'no rule makes them again where they were');
  await checkInvariants(server);
});

test('to another day: what stands in the way stays and says why; the others move once that is agreed to', async () => {
  const [monday, tuesday] = ['2027-03-15', '2027-03-16'];
  const [{ resource_id: resource }] = await server.sql("SELECT resource_id::text FROM resource WHERE code = 'hall'");
  const talks = await slotsAt('talk', monday);
  await buy('talk', talks[0].id, 'blocked@buyer.example');
  await buy('talk', talks[1].id, 'moves@buyer.example');
  const refused = await change({ do: 'move', day: monday, resource, date: tuesday });
  assert.equal(refused.status, 409);
  assert.deepEqual(refused.json.steps.map(({ stays }) => stays), [true, false]);
  assert.match(refused.json.steps[0].note, /Hall is in use: Dance|Hall is in use: Tour/);
  assert.deepEqual(await timesAt('talk', tuesday), []);
  const made = await change({ do: 'move', day: monday, resource, date: tuesday, anyway: true });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual([await timesAt('talk', monday), await timesAt('talk', tuesday)], [['10:00'], ['13:00']]);
  assert.equal((await server.mails({ to: 'blocked@buyer.example', subject: 'was moved' })).length, 0);
  assert.equal((await server.mails({ to: 'moves@buyer.example', subject: 'was moved' })).length, 1);
  await checkInvariants(server);
});

test('one that stays stands in the way of the one behind it, and so on', async () => {
  const day = '2027-03-18';
  const courts = await slotsAt('court', day);
  // Somebody else's use of the court at the end of the row.
  await buy('court', courts[3].id, 'noon@buyer.example', { court: 1 });
  await server.sql("UPDATE slot SET state = 'closed' WHERE slot_id = $1", [courts[3].id]);
  const [{ resource_id: resource }] = await server.sql("SELECT resource_id::text FROM resource WHERE code = 'court-1'");
  const closure = await office.postJson('/manage/hours/closures/new', {
    do: 'save', kind: 'closure', from_date: day, from_time: '13:00', to_date: day, to_time: '15:00', reason: { en: 'Cleaning' }, resource });
  assert.equal(closure.status, 201, closure.text);
  const look = await change({ do: 'look_move', day, resource, by_min: 60 });
  assert.deepEqual(look.json.steps.map(({ stays }) => stays), [true, true, true, true]);
  assert.match(look.json.steps[3].note, /Closed then: Cleaning/);
  assert.match(look.json.steps[2].note, /begins then/);
  assert.equal((await change({ do: 'move', day, resource, by_min: 60, anyway: true })).status, 409, 'nothing can move');
  assert.deepEqual(await timesAt('court', day), ['09:00', '10:00', '11:00', '12:00']);
});

test('"a schedule across both clock changes, 29 February": the skipped hour is told, other dates are as they are', async () => {
  // Clocks go forward on 28 March 2027 at 02:00.
  const look = await change({ do: 'look_move', day: '2027-03-27', date: '2027-03-28' });
  const night = look.json.steps.find(({ from }) => from.time_text === '02:30');
  assert.ok(night.stays);
  assert.match(night.note, /clock skips/);
  for (const wrong of [{ date: '2027-02-29' }, { date: 'x' }, {}, { by_min: 0 }, { by_min: 100000 }, { by_min: -100000 }, { by_min: 'x' }]) {
    assert.equal((await change({ do: 'move', day: '2027-03-27', ...wrong })).status, 422, JSON.stringify(wrong));
  }
  const past = await change({ do: 'move', day: '2027-03-27', date: '2020-01-01' });
  assert.equal(past.status, 409);
  assert.ok(past.json.steps.every(({ stays }) => stays));
  assert.equal((await change({ do: 'move', day: '2027-02-29', date: '2027-03-28' })).status, 404, 'there is no such day');
});

test('five hundred times at once at most: more are refused in clear words, and nothing of them changes', async () => {
  const [{ offer_id: offer, tenant_id: tenant }] = await server.sql("SELECT offer_id, tenant_id FROM offer WHERE slug = 'tour'");
  await server.sql(
    `INSERT INTO slot (tenant_id, offer_id, starts_at, ends_at, capacity)
     SELECT $1, $2, '2027-04-20T04:00:01Z'::timestamptz + n * interval '1 minute', '2027-04-20T04:30:01Z'::timestamptz + n * interval '1 minute', 10
       FROM generate_series(1, 510) n`, [tenant, offer]);
  const page = await change({ do: 'cancel', day: '2027-04-20' });
  assert.equal(page.status, 422);
  assert.match(page.text, /Choose a resource/);
  const left = await server.sql("SELECT count(*)::int AS n FROM slot WHERE state = 'cancelled'");
  assert.equal(left[0].n, 0);
});
