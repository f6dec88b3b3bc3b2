// Rules: their dates agree with an independent implementation of RFC 5545 over hundreds of made
// ones, in zones with clock changes; and what is wrong with one is said beside its field.
import assert from 'node:assert/strict';
import test from 'node:test';
import { court, startServer } from '../../../tests/lib/index.mjs';
import { rrule } from '../../../tests/lib/rrule.mjs';
import { base, draftOf, manager, name, seriesOf } from './lib.mjs';

const zones = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe'];
const server = await startServer();
const sites = [];
for (const time_zone of zones) {
  sites.push(await server.createSite({
    time_zone, features: { 'pay-at-venue': {}, [name]: {} },
    offers: [court({ schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:30', to: '23:30', every_min: 60 }] })],
  }));
}
await server.time('set 2027-03-01T09:00:00Z');
await server.jobs();
const staff = [];
for (const site of sites) staff.push(await manager(site));

// The same numbers each time.
let seed = 20270301;
const random = (n) => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor(seed / 65536) % n;
};
const two = (n) => String(n).padStart(2, '0');
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

function made() {
  const first = new Date(Date.UTC(2027 + random(3), random(12), 1 + random(28)));
  const repeat = ['day', 'week', 'month_day', 'month_weekday', 'year'][random(5)];
  const days = [1, 2, 3, 4, 5, 6, 7].filter(() => random(3) === 0);
  const day = { key: String(days.length ? days[0] : 1), count: 1 };
  const until = new Date(first.getTime() + (20 + random(500)) * 86400000);
  const rule = {
    repeat, every: 1 + random(repeat === 'day' ? 20 : repeat === 'year' ? 2 : 4),
    days: days.length ? days.map((d) => ({ key: String(d), count: 1 })) : [day],
    month_day: ['31', '30', '29', '28', '1', '15', 'last'][random(7)],
    nth: ['1', '2', '3', '4', '5', 'last'][random(6)], weekday: String(1 + random(7)),
    first: first.toISOString().slice(0, 10), time: `${two(random(24))}:30`,
    ...(repeat !== 'year' && random(2) ? { ends: 'until', until: until.toISOString().slice(0, 10) }
      : { ends: 'count', count: 1 + random(repeat === 'year' ? 2 : 12) }),
  };
  if (random(40) === 0) Object.assign(rule, { repeat: 'year', first: '2028-02-29', every: 1, ends: 'count', count: 2 });
  return rule;
}

function expected(rule) {
  const { RRule } = rrule;
  const [year, month, day] = rule.first.split('-').map(Number);
  const [hour, minute] = rule.time.split(':').map(Number);
  const options = { dtstart: new Date(Date.UTC(year, month - 1, day, hour, minute)), interval: rule.every };
  const last = (text) => (text === 'last' ? -1 : Number(text));
  if (rule.repeat === 'day') options.freq = RRule.DAILY;
  if (rule.repeat === 'week') Object.assign(options, { freq: RRule.WEEKLY, byweekday: rule.days.map((d) => Number(d.key) - 1) });
  if (rule.repeat === 'month_day') Object.assign(options, { freq: RRule.MONTHLY, bymonthday: last(rule.month_day) });
  if (rule.repeat === 'month_weekday') {
    Object.assign(options, { freq: RRule.MONTHLY, byweekday: [RRule[weekdays[Number(rule.weekday) - 1]].nth(last(rule.nth))] });
  }
  if (rule.repeat === 'year') Object.assign(options, { freq: RRule.YEARLY, bymonth: month, bymonthday: day });
  if (rule.ends === 'count') options.count = rule.count;
  else options.until = new Date(`${rule.until}T23:59:59Z`);
  return new RRule(options).all((_, i) => i < 400).map((d) => d.toISOString().slice(0, 16));
}

// What a clock on the wall shows at an instant.
const wall = (zone, ms) => new Intl.DateTimeFormat('sv-SE', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
}).format(new Date(ms)).replace(' ', 'T');

test('C2: 330 rules in three zones give the dates that another implementation gives', async () => {
  let gaps = 0;
  let twice = 0;
  for (let i = 0; i < 330; i++) {
    const rule = made();
    const [visitor, zone] = [staff[i % 3], zones[i % 3]];
    const dates = expected(rule);
    const draft = await draftOf(visitor, { count: undefined, ...rule });
    const last = dates.at(-1)?.slice(0, 10);
    if (!last || last > `${Number(rule.first.slice(0, 4)) + 5}${rule.first.slice(4)}`) {
      assert.equal(draft.status, 422, JSON.stringify(rule));
      continue;
    }
    assert.equal(draft.status, 201, JSON.stringify(rule) + draft.text);
    const found = await seriesOf(visitor, draft.json.id);
    assert.deepEqual(found.dates.map((d) => d.local_time), dates, JSON.stringify(rule));
    for (const d of found.dates) {
      gaps += d.obstacle === 'clock';
      twice += d.twice;
      if (d.obstacle !== 'clock') assert.equal(wall(zone, d.at_us / 1000), d.local_time, zone);
    }
  }
  process.stdout.write(`${gaps} skipped, ${twice} repeated by clock changes\n`);
});

test('C2: across both clock changes: the skipped time is said and left out, of a repeated one the first is taken', async () => {
  const mary = staff[0];
  const on = async (first) => {
    const draft = await draftOf(mary, { repeat: 'day', first, time: '02:30', count: 3 });
    return (await seriesOf(mary, draft.json.id)).dates;
  };
  const spring = await on('2027-03-27');
  assert.deepEqual(spring.map((d) => d.obstacle), [null, 'clock', null]);
  assert.match(spring[1].why, /clock change/);
  const autumn = await on('2027-10-30');
  assert.deepEqual(autumn.map((d) => d.twice), [false, true, false]);
  assert.equal(new Date(autumn[1].at_us / 1000).toISOString(), '2027-10-31T00:30:00.000Z');
});

test('C2: 29 February, a fifth Monday, a 31st: only where there is one; what is left open is as on the first day', async () => {
  const days = async (changes) => {
    const draft = await draftOf(staff[0], changes);
    assert.equal(draft.status, 201, draft.text);
    return (await seriesOf(staff[0], draft.json.id)).dates.map((d) => d.local_time.slice(0, 10));
  };
  assert.deepEqual(await days({ repeat: 'year', first: '2028-02-29', count: 2 }), ['2028-02-29', '2032-02-29']);
  assert.deepEqual(await days({ repeat: 'month_weekday', nth: '5', weekday: '1', count: 3 }), ['2027-03-29', '2027-05-31', '2027-08-30']);
  assert.deepEqual(await days({ repeat: 'month_day', month_day: '31', count: 3 }), ['2027-03-31', '2027-05-31', '2027-07-31']);
  const open = { first: '2027-03-31', count: 2, days: undefined };
  assert.deepEqual(await days(open), ['2027-03-31', '2027-04-07']);
  assert.deepEqual(await days({ ...open, repeat: 'month_day' }), ['2027-03-31', '2027-05-31']);
  assert.deepEqual(await days({ ...open, repeat: 'month_weekday' }), ['2027-03-31', '2027-06-30']);
});

test('C2: what is wrong with a rule is said beside its field, the bound by its number', async () => {
  const wrong = [
    [{ ends: 'until', until: '2027-02-28' }, 'until', /before the first/],
    [{ ends: 'until', until: undefined }, 'until', /last day/],
    [{ ends: 'until', until: '2035-01-01' }, 'until', /366|5 years/],
    [{ count: 1000000 }, 'count', /at most 366 dates/],
    [{ repeat: 'day', count: 367 }, 'count', /at most 366 dates/],
    [{ repeat: 'day', ends: 'until', until: '2028-03-01' }, 'until', /at most 366 dates/],
    [{ repeat: 'year', count: 7 }, 'count', /5 years/],
    [{ count: 0 }, 'count', /at least once/],
    [{ count: -1 }, 'count', /./],
    [{ every: 0 }, 'every', /./],
    [{ every: 100 }, 'every', /./],
    [{ first: '2027-02-30' }, 'first', /./],
    [{ time: '25:00' }, 'time', /Choose a time/],
    [{ repeat: 'month_weekday', nth: '5', weekday: '1', ends: 'until', until: '2027-03-20' }, 'until', /No date fits/],
    [{ repeat: 'month_day', month_day: '31', every: 12, first: '2027-02-01' }, 'count', /No date fits/],
    [{ first: '', time: '', until: 'soon' }, 'first', /./],
    [{ name: '' }, 'name', /who it is for/],
    [{ customer: '12345' }, 'customer', /isn’t there any more/],
    [{ quantity: [] }, 'quantity', /at least one/],
    [{ resource: '99' }, 'resource', /doesn’t take place there/],
    [{ repeat: 'day', count: 60, pay: 'series' }, 'pay', /50 lines/],
  ];
  for (const [change, field, words] of wrong) {
    const page = await draftOf(staff[0], change);
    assert.equal(page.status, 422, JSON.stringify(change) + page.text);
    const error = page.json.errors.find((e) => e.field === field);
    assert.equal(new Set(page.json.errors.map((e) => e.field)).size, page.json.errors.length, page.text);
    assert.match(error?.text ?? '', words, `${JSON.stringify(change)}: ${page.text}`);
  }
  const [{ count }] = await server.sql(`SELECT count(*)::int AS count FROM plugin_recurring_bookings.series WHERE rrule LIKE '%1000000%'`);
  assert.equal(count, 0);
});
