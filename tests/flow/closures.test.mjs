// P11: opening hours, holidays and closures per site and resource; schedules skip them and say so.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00', '20:00'] }];
const data = {
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' }],
  offers: [tour({ schedule: daily }), court({ slug: 'court', resource: undefined, resources: ['court-1', 'court-2'], schedule: daily })],
};
const site = await server.createSite(data);
const other = await server.createSite(data);
const office = site.visitor();
const login = await office.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
assert.equal(login.status, 200);
const post = (path, json) => office.postJson(path, json);

const day = (at) => at.toLocaleDateString('sv', { timeZone: 'Europe/Paris' });
async function on(date, { offer = 'tour', where = site } = {}) {
  const slots = await slotsOfAll(where, offer);
  return slots.filter((s) => day(s.starts_at) === date && s.state === 'open')
    .map((s) => s.starts_at.toLocaleTimeString('en-GB', { timeZone: 'Europe/Paris', hour: '2-digit', minute: '2-digit' }));
}
const slotsOfAll = (where, offer) => server.sql(
  `SELECT s.slot_id AS id, s.starts_at, s.state, s.taken, s.capacity, s.resources FROM slot s
     JOIN offer o USING (tenant_id, offer_id) JOIN site t USING (tenant_id)
    WHERE t.slug = $1 AND o.slug = $2 ORDER BY s.starts_at`, [where.slug, offer]);

const closure = (changes = {}) => ({
  do: 'save', kind: 'holiday', from_date: '2026-12-25', to_date: '2026-12-26',
  reason: { en: 'Christmas', fr: 'Noël', es: 'Navidad' }, ...changes,
});

test('P11: a holiday takes its times away, and the storefront says so on the day', async () => {
  assert.deepEqual(await on('2026-12-25'), ['10:00', '15:00', '20:00']);
  const saved = await post('/manage/hours/closures/new', closure());
  assert.equal(saved.status, 201, saved.text);
  for (const date of ['2026-12-25', '2026-12-26']) assert.deepEqual(await on(date), [], date);
  assert.deepEqual(await on('2026-12-27'), ['10:00', '15:00', '20:00']);
  assert.deepEqual(await on('2026-12-25', { where: other }), ['10:00', '15:00', '20:00'], 'another site is open');

  const page = await site.visitor().visit('/offers/tour?date=2026-12-25');
  assert.match(page.words('.slots'), /Closed: Christmas/);
  const french = await site.visitor().visit('/fr/offers/tour?date=2026-12-26');
  assert.match(french.words('.slots'), /Fermé : Noël/);
  const away = await other.visitor().visit('/offers/tour?date=2026-12-25');
  assert.doesNotMatch(away.words('main'), /Closed/);
  const named = await site.visitor().getJson('/offers/tour?date=2026-12-25');
  assert.equal(named.json.booking.calendar.day.closed[0].text, 'Closed: Christmas');
});

test('P11: what is made later leaves the closed days out too, and removing the closure brings them back', async () => {
  await server.jobs();
  assert.deepEqual(await on('2026-12-25'), []);
  const [{ id }] = (await office.getJson('/manage/hours')).json.closures;
  const again = await post(`/manage/hours/closures/${id}/remove`, {});
  assert.equal(again.status, 200, again.text);
  assert.match((await office.visit('/manage/hours')).words('#history'), /removed the closure Christmas.*added the closure Christmas/s, 'P5: what is gone is found where it was listed');
  assert.deepEqual(await on('2026-12-25'), ['10:00', '15:00', '20:00']);
});

test('P11: a look says what would follow and changes nothing', async () => {
  const before = await server.sql('SELECT count(*)::int AS slots, (SELECT count(*)::int FROM audit) AS audit FROM slot');
  const look = await post('/manage/hours/closures/new', closure({ do: 'look' }));
  assert.equal(look.status, 200, look.text);
  assert.equal(look.json.effect.removed, 12);
  assert.equal(look.json.effect.kept_count, 0);
  assert.deepEqual(await server.sql('SELECT count(*)::int AS slots, (SELECT count(*)::int FROM audit) AS audit FROM slot'), before);
});

test('P11: what is booked stays, is told before saving, and nothing more of it is sold', async () => {
  const slots = (await slotsOfAll(site, 'tour')).filter((s) => day(s.starts_at) === '2026-12-20');
  const ann = new Buyer(site);
  assert.equal((await ann.book('tour', slots[0], { adult: 2 })).status, 201);
  await ann.buy();
  const wanted = closure({ kind: 'closure', from_date: '2026-12-20', to_date: '2026-12-20', reason: { en: 'Repairs' } });
  const told = await post('/manage/hours/closures/new', wanted);
  assert.equal(told.status, 200, told.text);
  assert.equal(told.json.effect.kept[0].id, String(slots[0].id));
  assert.equal(told.json.effect.kept[0].taken, 2);
  assert.match(told.json.effect.kept[0].why, /Closed: Repairs/);
  assert.deepEqual(await on('2026-12-20'), ['10:00', '15:00', '20:00'], 'not saved yet');
  assert.equal((await post('/manage/hours/closures/new', { ...wanted, agreed: true })).status, 201);
  const [kept] = await server.sql('SELECT state, taken FROM slot WHERE slot_id = $1', [slots[0].id]);
  assert.deepEqual(kept, { state: 'closed', taken: 2 });
  const late = await new Buyer(site).book('tour', slots[0], { adult: 1 });
  assert.equal(late.status, 422, late.text);
  await checkInvariants(server);
});

test('P11: a resource closes alone: the others are sold, its own time is not', async () => {
  const [{ id: court1 }] = (await office.getJson('/manage/hours')).json.resources.filter((r) => r.name === 'Court 1');
  const wanted = closure({ kind: 'closure', resource: court1, from_date: '2026-12-22', from_time: '14:00', to_date: '2026-12-22', to_time: '18:00', reason: { en: 'New net' } });
  assert.equal((await post('/manage/hours/closures/new', wanted)).status, 201);
  const [first, second] = [new Buyer(site), new Buyer(site)];
  const slot = (await slotsOfAll(site, 'court')).find((s) => s.starts_at.toISOString() === '2026-12-22T14:00:00.000Z');
  assert.equal(slot.resources.length, 1);
  const booked = await first.book('court', slot, { court: 1 });
  assert.equal(booked.status, 201, booked.text);
  assert.equal(booked.json.order.lines[0].place, 'Court 2');
  assert.equal((await second.book('court', slot, { court: 1 })).status, 409);
  const page = await site.visitor().visit('/offers/court?date=2026-12-22');
  assert.match(page.words('.slots'), /Court 1 is closed 14:00–18:00: New net/);
  await checkInvariants(server);
});

test('P11: weekly hours: Mondays off, no evenings; a resource has its own', async () => {
  const hours = Object.fromEntries([2, 3, 4, 5, 6, 7].flatMap((d) => [[`d${d}_from_1`, '09:00'], [`d${d}_to_1`, '12:00'], [`d${d}_from_2`, '14:00'], [`d${d}_to_2`, '18:00']]));
  const saved = await post('/manage/hours', { do: 'save', version: 0, agreed: true, ...hours });
  assert.equal(saved.status, 200, saved.text);
  assert.deepEqual(await on('2026-12-07'), [], 'a Monday');
  assert.deepEqual(await on('2026-12-08'), ['10:00', '15:00']);
  assert.deepEqual(await on('2026-12-08', { offer: 'court' }), ['10:00', '15:00']);
  const monday = await site.visitor().visit('/offers/tour?date=2026-12-07');
  assert.match(monday.words('.slots'), /Closed on this day of the week \(Monday\)/);

  const { json } = await office.getJson('/manage/hours');
  const court2 = json.resources.find((r) => r.name === 'Court 2').id;
  const own = { do: 'save', resource: court2, version: 0, agreed: true, d1_from_1: '19:00', d1_to_1: '00:00' };
  assert.equal((await post('/manage/hours', own)).status, 200);
  assert.deepEqual(await on('2026-12-07', { offer: 'court' }), ['20:00']);

  const follow = await post('/manage/hours', { do: 'follow', resource: court2, version: 1, agreed: true });
  assert.equal(follow.status, 200, follow.text);
  assert.deepEqual(await on('2026-12-07', { offer: 'court' }), []);
});

test('"two people editing": the later one sees both versions, nothing is lost', async () => {
  const late = await post('/manage/hours', { do: 'save', version: 0, agreed: true, d1_from_1: '09:00', d1_to_1: '10:00' });
  assert.equal(late.status, 409, late.text);
  assert.match(late.json.current?.tuesday ?? late.text, /09:00/);
  const { json } = await office.getJson('/manage/hours');
  assert.equal(json.hours.version, 1);
});

test('P11: hours past midnight: 18:00–02:00 stands on the evening, and holds for the night', async () => {
  const night = await server.createSite({ offers: [tour({ schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['01:00', '02:00', '18:00', '23:30'] }] })] });
  const host = night.visitor();
  await host.postJson('/manage/login', { email: night.manager.email, password: night.manager.password });
  const week = { d5_from_1: '18:00', d5_to_1: '02:00', d6_from_1: '18:00', d6_to_1: '02:00', d7_from_1: '18:00', d7_to_1: '00:00' };
  const open = (date) => on(date, { where: night });
  assert.deepEqual(await open('2026-12-04'), ['01:00', '02:00', '18:00', '23:30'], 'a Friday, always open');
  const saved = await host.postJson('/manage/hours', { do: 'save', version: 0, agreed: true, ...week });
  assert.equal(saved.status, 200, saved.text);
  assert.deepEqual(await open('2026-12-03'), []);
  assert.deepEqual(await open('2026-12-04'), ['18:00', '23:30'], 'nobody was there on Thursday night');
  assert.deepEqual(await open('2026-12-05'), ['01:00', '18:00', '23:30'], 'Friday’s night, but not beyond two');
  assert.deepEqual(await open('2026-12-06'), ['01:00', '18:00'], 'Sunday ends at midnight');
  assert.deepEqual(await open('2026-12-07'), []);
  const { json } = await host.getJson('/manage/hours');
  const [friday] = json.days[4].spans, [sunday] = json.days[6].spans;
  assert.deepEqual([friday.from, friday.to, friday.next_day, sunday.to, sunday.next_day], ['18:00', '02:00', true, '00:00', false]);
  for (const [prefix, words] of [['', /on the next day/], ['/fr', /le lendemain/], ['/es', /del día siguiente/]]) {
    const page = await host.visit(`${prefix}/manage/hours`);
    assert.equal(page.all('.hours__next').length, 2);
    assert.match(page.words('.hours__next'), words);
  }
  assert.deepEqual(json.history.entries[0].changes.map(({ after }) => after), ['18:00–02:00', '18:00–02:00', '18:00–24:00']);

  // Saved again as it stands nothing changes; a closure of the night takes its times.
  const again = await (await host.visit('/manage/hours')).submit('Save', {});
  assert.equal(again.status, 200);
  assert.deepEqual(await open('2026-12-05'), ['01:00', '18:00', '23:30']);
  const closed = await host.postJson('/manage/hours/closures/new', closure({ from_date: '2026-12-05', to_date: '2026-12-05' }));
  assert.equal(closed.status, 201, closed.text);
  assert.deepEqual(await open('2026-12-05'), []);
  assert.deepEqual(await open('2026-12-04'), ['18:00'], 'the one that begins before midnight reaches into it');
  assert.deepEqual(await open('2026-12-06'), ['01:00', '18:00'], 'Saturday’s hours, on a day that is open');
  const sundays = await night.visitor().visit('/offers/tour?date=2026-12-07');
  assert.match(sundays.words('.slots'), /Closed on this day of the week \(Monday\)/);
});

test('"end before start", dates that do not exist, times that are none: refused beside the field', async () => {
  const refused = async (json, field, code, path = '/manage/hours/closures/new') => {
    const page = await post(path, json);
    assert.equal(page.status, 422, page.text);
    assert.deepEqual([page.json.errors[0].field, page.json.errors[0].code], [field, code]);
  };
  await refused(closure({ from_date: '2026-12-26', to_date: '2026-12-25' }), 'to_date', 'end_first');
  await refused(closure({ to_date: '2026-12-25', from_time: '18:00', to_time: '14:00' }), 'to_date', 'end_first');
  await refused(closure({ from_date: '2027-02-29' }), 'from_date', 'date');
  await refused(closure({ from_date: '2026-11-01', to_date: '2026-11-02' }), 'to_date', 'over_already');
  await refused(closure({ from_time: '25:00' }), 'from_time', 'time');
  await refused(closure({ resource: '12345' }), 'resource', 'choice');
  await refused({ do: 'save', version: 1, d1_from_1: '18:00', d1_to_1: '18:00' }, 'd1_to_1', 'no_time', '/manage/hours');
  await refused({ do: 'save', version: 1, d7_from_1: '18:00', d7_to_1: '09:30', d1_from_1: '09:00', d1_to_1: '12:00' }, 'd7_to_1', 'into_next', '/manage/hours');
  await refused({ do: 'save', version: 1, d1_from_1: '09:00', d1_to_1: '12:00', d1_from_2: '11:00', d1_to_2: '15:00' }, 'd1_from_2', 'after_first', '/manage/hours');
});

test('P11: 29 February closes like any day, and a day of 23 hours is closed whole', async () => {
  await server.time('set 2028-02-01T09:00:00Z');
  await server.jobs();
  assert.equal((await post('/manage/login', { email: site.manager.email, password: site.manager.password })).status, 200);
  for (const date of ['2028-02-29', '2028-03-26']) {
    assert.equal((await post('/manage/hours/closures/new', closure({ from_date: date, to_date: date }))).status, 201);
    const [{ from_at, to_at }] = await server.sql(
      `SELECT (from_at AT TIME ZONE 'Europe/Paris')::text AS from_at, (to_at AT TIME ZONE 'Europe/Paris')::text AS to_at
         FROM closure ORDER BY closure_id DESC LIMIT 1`);
    assert.match(from_at, new RegExp(`${date} 00:00`));
    assert.match(to_at, / 00:00/);
    assert.deepEqual(await on(date), []);
  }
});

test('P5: closures of another site are not found, and every change is in the history', async () => {
  const [{ id }] = (await office.getJson('/manage/hours')).json.closures;
  const stranger = other.visitor();
  await stranger.postJson('/manage/login', { email: other.manager.email, password: other.manager.password });
  assert.equal((await stranger.getJson(`/manage/hours/closures/${id}`)).status, 404);
  assert.equal((await stranger.postJson(`/manage/hours/closures/${id}/remove`, {})).status, 404);
  const mine = await office.getJson(`/manage/hours/closures/${id}`);
  assert.equal(mine.json.history.entries[0].who, 'Mary Manager');
  const actions = await server.sql("SELECT DISTINCT action FROM audit WHERE action ~ '^(hours|closure)' ORDER BY 1");
  assert.deepEqual(actions.map(({ action }) => action), ['closure.add', 'closure.remove', 'hours.change']);
});
