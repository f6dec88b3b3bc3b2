// P11, P5: the office's schedule: day and week, weekly rules, single times, conflicts before saving.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00'] }];
const data = {
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'hall', name: 'Hall', kind: 'room' }],
  offers: [
    tour({ schedule: daily, resource: 'hall', duration_min: 60 }),
    tour({ slug: 'talk', title: { en: 'Talk', fr: 'Causerie', es: 'Charla' }, schedule: [], resource: 'hall', duration_min: 60 }),
    court({ slug: 'court', resource: 'court-1', schedule: daily }),
  ],
};
const site = await server.createSite(data);
const other = await server.createSite(data);

async function officeOf(where) {
  const visitor = where.visitor();
  const page = await visitor.postJson('/manage/login', { email: where.manager.email, password: where.manager.password });
  assert.equal(page.status, 200);
  return visitor;
}
let office = await officeOf(site);
const post = (path, json) => office.postJson(path, json);
const offers = Object.fromEntries((await server.sql(
  'SELECT o.slug, o.offer_id::text AS id FROM offer o JOIN site s USING (tenant_id) WHERE s.slug = $1', [site.slug]))
  .map(({ slug, id }) => [slug, id]));

const local = (at) => at.toLocaleString('sv', { timeZone: 'Europe/Paris' }).slice(0, 16);
const timesOf = async (slug, day) => (await server.sql(
  `SELECT s.starts_at FROM slot s JOIN offer o USING (tenant_id, offer_id) JOIN site t USING (tenant_id)
    WHERE t.slug = $1 AND o.slug = $2 AND s.state = 'open' ORDER BY 1`, [site.slug, slug]))
  .map(({ starts_at }) => local(starts_at)).filter((text) => text.startsWith(day)).map((text) => text.slice(11));
const rule = (changes = {}) => ({
  do: 'save', offer: offers.talk, day_1: true, day_2: true, times: '18:00, 12:00', ...changes,
});

test('P11: the day shows its slots by resource and as a list, filtered by the address', async () => {
  const { json } = await office.getJson('/manage/schedule?date=2026-12-07');
  assert.deepEqual(json.items.map((s) => `${s.time_text} ${s.place}`),
    ['10:00 Hall', '10:00 Court 1', '15:00 Hall', '15:00 Court 1']);
  assert.deepEqual(json.grid.columns.map((c) => c.name), ['Court 1', 'Hall']);
  assert.equal(json.grid.rows.length, 2);
  assert.equal(json.occupancy.taken, 0);
  const filtered = await office.getJson(`/manage/schedule?date=2026-12-07&offer=${offers.court}`);
  assert.equal(filtered.json.items.length, 2);
  const week = await office.getJson('/manage/schedule?date=2026-12-09&view=week');
  assert.equal(week.json.week.days.length, 7);
  assert.equal(week.json.week.rows.find((row) => row.name === 'Hall').cells[0].slots, 2);
  assert.equal(week.json.items.length, 28, 'a week has its list as a day has');
  assert.deepEqual([week.json.items[0].at, week.json.items.at(-1).at].map((at) => at.slice(0, 16)), ['2026-12-07T10:00', '2026-12-13T15:00']);
  const one = await office.getJson(`/manage/schedule?date=2026-12-09&view=week&offer=${offers.court}`);
  assert.equal(one.json.items.length, 14);
  const listed = await office.visit('/manage/schedule?date=2026-12-09&view=week');
  assert.match(listed.words('[aria-labelledby=items-title]'), /Monday, 7 December 2026.*10:00.*Hall.*15:00.*Tuesday, 8 December 2026.*Sunday, 13 December 2026/s);
  const page = await office.visit('/manage/schedule?date=2026-12-07');
  assert.match(page.words('main'), /Monday, 7 December 2026/);
});

test('P11: a weekly rule makes its times from a day to a day, told before it is saved', async () => {
  const look = await post('/manage/schedule/rules/new', rule({ do: 'look', from_date: '2026-12-14', to_date: '2026-12-27' }));
  assert.equal(look.status, 200, look.text);
  assert.equal(look.json.effect.made, 8);
  assert.deepEqual(await timesOf('talk', '2026-12-14'), []);
  const saved = await post('/manage/schedule/rules/new', rule({ from_date: '2026-12-14', to_date: '2026-12-27' }));
  assert.equal(saved.status, 201, saved.text);
  assert.deepEqual(await timesOf('talk', '2026-12-14'), ['12:00', '18:00']);
  assert.deepEqual(await timesOf('talk', '2026-12-16'), [], 'a Wednesday');
  assert.deepEqual(await timesOf('talk', '2026-12-28'), [], 'after its end');
});

test('P11: a rule whose room is in use says before saving which times can’t be made, and why', async () => {
  const house = await server.createSite(data);
  const mary = await officeOf(house);
  const idOf = async (slug) => (await server.sql(
    'SELECT offer_id::text AS id FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 AND offer.slug = $2', [house.slug, slug]))[0].id;
  const talk = await idOf('talk');
  await mary.postJson('/manage/hours/closures/new', {
    do: 'save', kind: 'closure', agreed: true, from_date: '2026-12-21', to_date: '2026-12-21', reason: { en: 'Painting', fr: 'Peinture' } });
  // Mondays: 10:30 meets the tour of ten o'clock, 12:00 is free, the 21st is closed.
  const wanted = rule({ offer: talk, day_2: false, times: '10:30, 12:00', from_date: '2026-12-07', to_date: '2026-12-27' });
  const told = await mary.postJson('/manage/schedule/rules/new', wanted);
  assert.equal(told.status, 200, 'not saved before one agreed');
  const { effect } = told.json;
  assert.deepEqual([effect.made, effect.in_use, effect.skipped, effect.missing_count], [2, 2, 2, 4]);
  assert.deepEqual(effect.missing.map(({ at, resource, title }) => [at.slice(0, 16), resource, title]), [
    ['2026-12-07T10:30', 'Hall', 'Talk'], ['2026-12-14T10:30', 'Hall', 'Talk'],
    ['2026-12-21T10:30', 'The whole site', 'Talk'], ['2026-12-21T12:00', 'The whole site', 'Talk']]);
  assert.match(effect.missing[0].why, /^Hall is in use: .+, .*10:00–11:00$/);
  assert.equal(effect.missing[2].why, 'Closed: Painting');
  assert.deepEqual((await server.sql('SELECT 1 FROM schedule_rule WHERE offer_id = $1', [talk])), []);

  const french = await mary.visit('/fr/manage/schedule/rules/new');
  const seen = await french.submit('Voir ce qui en suit', { Offre: talk, lundi: true, Horaires: '10:30, 12:00', 'Valable à partir du': '2026-12-07', 'Valable jusqu’au': '2026-12-27' });
  assert.match(seen.words('.effect'), /2 nouveaux horaires.*2 horaires ne peuvent pas être créés/s);
  assert.match(seen.words('main'), /Hall est pris : Tour \(fr\), .*10:00\s*–\s*11:00/);
  assert.match(seen.words('main'), /Fermé : Peinture/);

  const saved = await mary.postJson('/manage/schedule/rules/new', { ...wanted, agreed: true });
  assert.equal(saved.status, 201);
  assert.deepEqual([saved.json.effect.made, saved.json.effect.missing], [2, effect.missing], 'the same is said after saving');
  const made = await server.sql('SELECT starts_at FROM slot WHERE offer_id = $1 ORDER BY 1', [talk]);
  assert.deepEqual(made.map(({ starts_at }) => local(starts_at)), ['2026-12-07 12:00', '2026-12-14 12:00']);
  const { json: kept } = await mary.getJson(`/manage/schedule/rules/${saved.json.id}`);
  assert.deepEqual(kept.missing, effect.missing, 'the rule’s page says what is missing');
  const { json: list } = await mary.getJson('/manage/schedule/rules');
  assert.equal(list.items.find(({ id }) => id === saved.json.id).missing_count, 4);
  await checkInvariants(server);

  // What was in the way goes: the night makes what was missing.
  await server.sql(`DELETE FROM allocation a USING slot s WHERE a.slot_id = s.slot_id AND s.offer_id = $1 AND s.starts_at < '2026-12-08'`, [await idOf('tour')]);
  await server.sql(`DELETE FROM slot WHERE offer_id = $1 AND starts_at < '2026-12-08'`, [await idOf('tour')]);
  await server.sql('DELETE FROM schedule_rule WHERE offer_id = $1', [await idOf('tour')]);
  await server.time('set 2026-12-02T09:00:00Z');
  await server.jobs();
  await server.time('set 2026-12-01T09:00:00Z');
  const later = await server.sql('SELECT starts_at FROM slot WHERE offer_id = $1 ORDER BY 1', [talk]);
  assert.ok(later.map(({ starts_at }) => local(starts_at)).includes('2026-12-07 10:30'));
  await checkInvariants(server);
});

test('P11: two managers want the same room at once: one has it, the other is told, nothing is taken twice', async () => {
  const house = await server.createSite(data);
  const [mary, ben] = [await officeOf(house), await officeOf(house)];
  const idOf = async (slug) => (await server.sql(
    'SELECT offer_id::text AS id FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 AND offer.slug = $2', [house.slug, slug]))[0].id;
  const wanted = { do: 'save', agreed: true, day_1: true, day_4: true, times: '12:00', from_date: '2026-12-07', to_date: '2026-12-20' };
  const both = await Promise.all([[mary, 'talk'], [ben, 'tour']].map(async ([who, slug]) =>
    who.postJson('/manage/schedule/rules/new', { ...wanted, offer: await idOf(slug) })));
  assert.deepEqual(both.map(({ status }) => status), [201, 201]);
  const told = both.map(({ json }) => [json.effect.made, json.effect.in_use]).sort();
  assert.deepEqual(told, [[0, 4], [4, 0]]);
  const [{ n }] = await server.sql(`SELECT count(*)::int AS n FROM slot s JOIN site t USING (tenant_id)
    WHERE t.slug = $1 AND s.starts_at::time = '11:00' AND s.starts_at < '2026-12-21'`, [house.slug]);
  assert.equal(n, 4);
  await checkInvariants(server);
});

test('P11: times of one rule that overlap: the first has the room, the other is told', async () => {
  const look = await post('/manage/schedule/rules/new', rule({ do: 'look', times: '18:00, 18:30, 19:00', day_2: false, from_date: '2026-12-07', to_date: '2026-12-07' }));
  assert.equal(look.json.effect.made, 2, look.text);
  assert.match(look.json.effect.missing[0].why, /Hall is in use: Talk, .*18:00–19:00/);
});

test('P11: "and N more": what is missing beyond the first ten is folded away', async () => {
  const page = await office.visit('/manage/schedule/rules/new');
  const seen = await page.submit('See what follows', { Offer: offers.talk, ...Object.fromEntries(
    ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((day) => [day, true])), Times: '10:30', 'Valid until': '2026-12-15' });
  assert.match(seen.words('.effect'), /15 times can’t be made/);
  assert.match(seen.words('details'), /and 5 more/);
});

test('P11: times that got longer hold their room as long', async () => {
  const house = await server.createSite(data);
  const mary = await officeOf(house);
  const [tourId, talkId] = await Promise.all(['tour', 'talk'].map(async (slug) => (await server.sql(
    'SELECT offer_id::text AS id FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 AND offer.slug = $2', [house.slug, slug]))[0].id));
  const looked = async () => (await mary.postJson('/manage/schedule/slots/new', { do: 'look', offer: talkId, date: '2026-12-10', time: '11:00' })).json;
  assert.equal((await looked()).is_free, true);
  await server.sql('UPDATE offer SET duration_min = 120 WHERE offer_id = $1', [tourId]);
  const [{ id, version }] = await server.sql(
    'SELECT rule_id::text AS id, version FROM schedule_rule WHERE offer_id = $1', [tourId]);
  const every = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [`day_${day}`, true]));
  const saved = await mary.postJson(`/manage/schedule/rules/${id}`, {
    do: 'save', version: Number(version), offer: tourId, ...every, times: '10:00, 15:00', agreed: true });
  assert.equal(saved.status, 200, saved.text);
  const { is_free: free, conflicts } = await looked();
  assert.equal(free, false);
  assert.match(conflicts.map(({ text }) => text).join(), /Hall is in use: .*10:00–12:00/);
  const apart = await server.sql(
    `SELECT 1 FROM slot s JOIN allocation a USING (tenant_id, slot_id) WHERE s.offer_id = $1 AND (a.from_at, a.to_at) <> (s.starts_at, s.ends_at)`, [tourId]);
  assert.equal(apart.length, 0);
  await checkInvariants(server);
});

test('what has sales is never touched by a changed rule: it is listed', async () => {
  const [slot] = await server.sql(
    `SELECT slot_id AS id FROM slot WHERE offer_id = $1 ORDER BY starts_at LIMIT 1`, [offers.talk]);
  const ann = new Buyer(site);
  assert.equal((await ann.book('talk', slot, { adult: 1 })).status, 201);
  await ann.buy();
  const [{ id, version }] = await server.sql(
    'SELECT rule_id::text AS id, version FROM schedule_rule WHERE offer_id = $1', [offers.talk]);
  const wanted = rule({ times: '18:00', version: Number(version), from_date: '2026-12-14', to_date: '2026-12-27' });
  const told = await post(`/manage/schedule/rules/${id}`, wanted);
  assert.equal(told.status, 200, told.text);
  assert.deepEqual(told.json.effect.kept.map((k) => [k.id, k.taken]), [[String(slot.id), 1]]);
  assert.equal(told.json.effect.removed, 3);
  const saved = await post(`/manage/schedule/rules/${id}`, { ...wanted, agreed: true });
  assert.equal(saved.status, 200, saved.text);
  assert.deepEqual(await timesOf('talk', '2026-12-14'), ['12:00', '18:00'], 'booked');
  assert.deepEqual(await timesOf('talk', '2026-12-21'), ['18:00']);
  const [kept] = await server.sql('SELECT state, taken FROM slot WHERE slot_id = $1', [slot.id]);
  assert.deepEqual(kept, { state: 'open', taken: 1 });
  await checkInvariants(server);

  const late = await post(`/manage/schedule/rules/${id}`, wanted);
  assert.equal(late.status, 409, '"two people editing": the later sees the conflict');
  assert.equal(late.json.current?.times ?? '18:00', '18:00');
});

test('P11: a single time: conflicts with their reason before saving', async () => {
  const add = (changes) => post('/manage/schedule/slots/new', { do: 'look', offer: offers.talk, date: '2026-12-10', time: '12:00', ...changes });
  assert.equal((await add()).json.is_free, true);
  const said = async (changes, words) => {
    const page = await add(changes);
    assert.equal(page.status, 200, page.text);
    assert.match(page.json.conflicts.map(({ text }) => text).join(' '), words);
    assert.equal((await add({ ...changes, do: 'save' })).status, 409);
  };
  await said({ time: '10:30' }, /Hall is in use: .*10:00–11:00/);
  await said({ date: '2026-11-30' }, /This time is past/);
  await said({ offer: offers.tour, time: '10:00' }, /already|begins then/);
  await post('/manage/hours/closures/new', { do: 'save', kind: 'holiday', from_date: '2026-12-11', to_date: '2026-12-11', reason: { en: 'Painting' } });
  await said({ date: '2026-12-11' }, /Closed then: Painting/);

  const added = await add({ do: 'save' });
  assert.equal(added.status, 201, added.text);
  assert.deepEqual(await timesOf('talk', '2026-12-10'), ['12:00']);
  const [{ taken }] = await server.sql('SELECT count(*)::int AS taken FROM allocation WHERE slot_id = $1', [added.json.id]);
  assert.equal(taken, 1);
  const hours = { do: 'save', version: 0, agreed: true };
  for (const d of [1, 2, 3, 4, 5, 6, 7]) Object.assign(hours, { [`d${d}_from_1`]: '09:00', [`d${d}_to_1`]: '20:00' });
  assert.equal((await post('/manage/hours', hours)).status, 200);
  const late = { date: '2026-12-12', time: '22:00' };
  await said(late, /outside the opening hours/);
  assert.equal((await add({ ...late, do: 'save', anyway: true })).status, 201);
});

test('"a schedule across both clock changes": skipped times are told, repeated ones made once', async () => {
  await server.time('set 2027-03-01T09:00:00Z');
  const again = await officeOf(site);
  await again.postJson('/manage/hours', { do: 'follow', version: 1, agreed: true });
  const spring = await again.postJson('/manage/schedule/rules/new', rule({ do: 'look', day_7: true, times: '02:30', from_date: '2027-03-28', to_date: '2027-03-28' }));
  assert.equal(spring.json.effect.gaps, 1, spring.text);
  assert.equal(spring.json.effect.made, 0);
  await server.time('set 2027-10-01T09:00:00Z');
  const autumn = await (await officeOf(site)).postJson('/manage/schedule/rules/new', rule({ do: 'look', day_1: false, day_2: false, day_7: true, times: '02:30', from_date: '2027-10-31', to_date: '2027-10-31' }));
  assert.equal(autumn.json.effect.made, 1);
  assert.match(autumn.json.effect.first.at, /T02:30:00\+02:00/);
  // Sessions of before may have been cleared away meanwhile.
  await server.time('set 2026-12-01T09:00:00Z');
  office = await officeOf(site);
});

test('"29 February, end before start, 10,000 slots": refused in clear words, beside the field', async () => {
  const refused = async (changes, field, code) => {
    const page = await post('/manage/schedule/rules/new', rule(changes));
    assert.equal(page.status, 422, page.text);
    assert.deepEqual([page.json.errors[0].field, page.json.errors[0].code], [field, code]);
    return page.json.errors[0].text;
  };
  await refused({ from_date: '2027-02-29' }, 'from_date', 'date');
  await refused({ from_date: '2026-12-20', to_date: '2026-12-19' }, 'to_date', 'end_first');
  await refused({ times: '', first: '18:00', last: '09:00', every_min: 30 }, 'last', 'after_midnight');
  await refused({ times: '' }, 'times', 'no_times');
  await refused({ times: '25:00' }, 'times', 'time_list');
  await refused({ day_1: false, day_2: false }, 'day_1', 'no_days');
  await refused({ offer: '1' }, 'offer', 'choice');
  const days = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((d) => [`day_${d}`, true]));
  const many = await refused({ ...days, times: '', first: '00:00', last: '23:55', every_min: 5 }, 'times', 'too_many_slots');
  assert.match(many, /more than 5,000 times/);
});

test('P5: rules, slots and days of another site are not found; box office looks and changes nothing', async () => {
  const stranger = await officeOf(other);
  const [{ slot, rule: id }] = await server.sql(
    `SELECT (SELECT slot_id::text FROM slot WHERE offer_id = $1 LIMIT 1) AS slot,
            (SELECT rule_id::text FROM schedule_rule WHERE offer_id = $1 LIMIT 1) AS rule`, [offers.talk]);
  assert.equal((await stranger.getJson(`/manage/schedule/slots/${slot}`)).status, 404);
  assert.equal((await stranger.getJson(`/manage/schedule/rules/${id}`)).status, 404);
  assert.equal((await stranger.postJson(`/manage/schedule/rules/${id}/remove`, {})).status, 404);
  const foreign = await stranger.getJson(`/manage/schedule?date=2026-12-14&offer=${offers.talk}`);
  assert.deepEqual(foreign.json.items, []);
  await server.sql("UPDATE staff SET role = 'box_office' WHERE email = $1", [other.manager.email]);
  const box = await officeOf(other);
  assert.equal((await box.getJson('/manage/schedule')).status, 200);
  assert.equal((await box.postJson('/manage/schedule/rules/new', rule())).status, 403);
  const own = await office.getJson(`/manage/schedule/slots/${slot}`);
  assert.equal(own.json.slot.id, slot);
});

test('"deleting what is in use says by what": a rule with booked times is removed once that is agreed to', async () => {
  const [{ id }] = await server.sql(
    'SELECT rule_id::text AS id FROM schedule_rule WHERE offer_id = $1', [offers.talk]);
  const [slot] = await server.sql(
    `SELECT slot_id AS id FROM slot WHERE rule_id = $1 ORDER BY starts_at LIMIT 1`, [id]);
  const bob = new Buyer(site);
  assert.equal((await bob.book('talk', slot, { adult: 2 })).status, 201);
  await bob.buy();
  const told = await post(`/manage/schedule/rules/${id}/remove`, {});
  assert.equal(told.status, 409, told.text);
  assert.deepEqual(told.json.effect.kept.map((k) => [k.id, k.taken]), [[String(slot.id), 2]]);
  assert.equal((await server.sql('SELECT 1 FROM schedule_rule WHERE rule_id = $1', [id])).length, 1);
  const page = await office.visit(`/manage/schedule/rules/${id}`);
  const asked = await page.submit('Remove the rule');
  assert.match(asked.words('main'), /1 time is booked and stays/);
  const done = await asked.submit('Remove the rule, keep what is booked');
  assert.equal(done.status, 200);
  assert.match(done.words('#history'), /Mary Manager removed the rule Talk/, 'P5: what is gone is found where it was listed');
  const [kept] = await server.sql('SELECT state, taken, rule_id FROM slot WHERE slot_id = $1', [slot.id]);
  assert.deepEqual(kept, { state: 'open', taken: 2, rule_id: null });
  await checkInvariants(server);
});

test('P11: "29 February": a rule holds on that day of a leap year, also as its only one', async () => {
  await server.time('set 2028-02-01T09:00:00Z');
  const leap = await server.createSite(data);
  const mary = await officeOf(leap);
  const [{ id }] = await server.sql('SELECT offer_id::text AS id FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 AND offer.slug = $2', [leap.slug, 'talk']);
  // A Tuesday.
  const saved = await mary.postJson('/manage/schedule/rules/new', { do: 'save', offer: id, day_2: true, times: '12:00', from_date: '2028-02-29', to_date: '2028-02-29' });
  assert.equal(saved.status, 201, saved.text);
  assert.equal(saved.json.effect.made, 1);
  assert.match(saved.json.effect.first.at, /^2028-02-29T12:00:00\+01:00/);
  const { json } = await mary.getJson('/manage/schedule?date=2028-02-29');
  assert.ok(json.items.some(({ title, time_text: time }) => title === 'Talk' && time === '12:00'));
  const twoWeeks = await mary.postJson('/manage/schedule/rules/new', { do: 'look', offer: id, day_2: true, times: '13:00', every_weeks: 2, from_date: '2028-02-15', to_date: '2028-03-14' });
  assert.equal(twoWeeks.json.effect.made, 3, 'every second week goes on across it');
  await server.time('set 2026-12-01T09:00:00Z');
});
