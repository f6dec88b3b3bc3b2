// What is in the way is told with its reason and decided date by date; afterwards one date, this
// and the following ones, or all change, and what would happen shows first.
import assert from 'node:assert/strict';
import test from 'node:test';
import { change, checkInvariants, court, startServer, tour } from '../../../tests/lib/index.mjs';
import { base, bookAll, bookings, draftOf, manager, name, seriesOf } from './lib.mjs';

const server = await startServer();
const site = await server.createSite({
  features: { 'pay-at-venue': {}, [name]: {} },
  resources: [
    { code: 'court-1', name: 'Court 1', kind: 'court' },
    { code: 'court-2', name: 'Court 2', kind: 'court' },
  ],
  offers: [court({ resource: undefined, resources: ['court-1', 'court-2'] }), tour({ capacity: 2 })],
});
await server.time('set 2027-03-01T09:00:00Z');
await server.jobs();
const mary = await manager(site);
const first = (await mary.getJson(`${base}/new`)).json;
const courts = Object.fromEntries(first.resources.map((r) => [r.name, r.id]));
const ofTour = first.offers.find((o) => o.title === 'Tour').id;
const series = async (changes, decisions) => {
  const draft = await draftOf(mary, changes);
  assert.equal(draft.status, 201, draft.text);
  const done = await bookAll(mary, draft.json.id, decisions);
  assert.equal(done.status, 200, done.text);
  await server.jobs();
  return draft.json.id;
};
const states = async (id) => (await seriesOf(mary, id)).dates.map((d) => d.state);
const post = async (id, what, fields) => {
  const { version } = await seriesOf(mary, id);
  const answer = await mary.postJson(`${base}/${id}/${what}`, { version, ...fields });
  await server.jobs();
  return answer;
};

test('C2: what is in the way is told with its reason: holiday, busy court, full, past, not yet on sale', async () => {
  await change(server, site.slug,
    `INSERT INTO closure (tenant_id, resource_id, kind, from_at, to_at, reason)
     SELECT tenant_id, NULL, 'holiday', '2027-03-08 00:00+01', '2027-03-09 00:00+01', '{"en": "Carnival"}' FROM site WHERE slug = $1`);
  await series({ time: '19:00', first: '2027-03-15', count: 1, resource: courts['Court 1'] });
  const busy = await draftOf(mary, { time: '19:00', resource: courts['Court 1'], count: 12 });
  const dates = (await seriesOf(mary, busy.json.id)).dates;
  assert.deepEqual(dates.map((d) => d.obstacle), [
    null, 'holiday', 'busy', null, null, null, null, null, null, 'early', 'early', 'early']);
  assert.match(dates[1].why, /Holiday: Carnival/);
  assert.match(dates[2].why, /In use/);
  assert.match(dates[9].why, /On sale from .*March 2027/);
  const other = await draftOf(mary, { time: '19:00', resource: courts['Court 2'], first: '2027-03-15', count: 1 });
  assert.equal((await seriesOf(mary, other.json.id)).dates[0].obstacle, null);

  await series({ offer: ofTour, time: '14:00', quantity: [{ key: 'adult', count: 2 }], first: '2027-03-15', count: 1 });
  const full = await draftOf(mary, { offer: ofTour, time: '14:00', quantity: [{ key: 'adult', count: 1 }], first: '2027-03-15', count: 1 });
  assert.equal((await seriesOf(mary, full.json.id)).dates[0].obstacle, 'full');
  const many = await draftOf(mary, { offer: ofTour, time: '14:00', quantity: [{ key: 'adult', count: 9 }], first: '2027-03-16', count: 1 });
  assert.equal((await seriesOf(mary, many.json.id)).dates[0].obstacle, 'too_many');
  const past = await draftOf(mary, { time: '09:00', count: 1 });
  assert.equal((await seriesOf(mary, past.json.id)).dates[0].obstacle, 'past');
});

test('C2: leave out, stop, wait: each date as it was decided; nothing undecided is booked', async () => {
  const draft = await draftOf(mary, { time: '19:00', resource: courts['Court 1'], count: 5 });
  const { version } = await seriesOf(mary, draft.json.id);
  const asked = await mary.postJson(`${base}/${draft.json.id}/book`, { version });
  assert.equal(asked.status, 409);
  assert.match(asked.json.problem, /got in the way/);
  const id = await series({ time: '19:00', resource: courts['Court 1'], count: 5 }, { 3: 2 });
  assert.deepEqual(await states(id), ['booked', 'skipped', 'skipped', 'skipped', 'skipped']);

  const waits = await series({ time: '20:00', first: '2027-04-26', count: 2 }, { 2: 3 });
  assert.deepEqual(await states(waits), ['booked', 'waiting']);
  // Its sale is open; the time itself is made by the day's job, and tried for every hour until then.
  for (const hour of ['09', '11']) {
    await server.time(`set 2027-03-05T${hour}:00:00Z`);
    await server.jobs();
  }
  assert.deepEqual(await states(waits), ['booked', 'booked']);
});

test('C2: hundreds of dates in the way are decided by one rule, single ones otherwise; what came since is asked', async () => {
  const draft = await draftOf(mary, { time: '09:00', first: '2027-03-15', repeat: 'day', count: 366, resource: courts['Court 2'] });
  const look = await seriesOf(mary, draft.json.id);
  const early = look.dates.filter((d) => d.obstacle === 'early').map((d) => d.number);
  assert.ok(early.length > 200 && look.asked.split(',').length === look.blocked);
  assert.equal(look.dates.filter((d) => d.single).length, 50);
  // Somebody takes a date meanwhile.
  await series({ time: '09:00', first: '2027-03-16', repeat: 'day', count: 1, resource: courts['Court 2'] });
  const page = await mary.visit(`${base}/${draft.json.id}`);
  const decided = { version: look.version, asked: look.asked, blocked: 'skip', early: 'wait', conflict: [{ key: String(early[1]), count: 1 }] };
  assert.equal((await mary.postJson(`${base}/${draft.json.id}/book`, decided)).status, 409);
  const after = await page.submit('Book as decided', { [`conflict_${early[2]}`]: '1' });
  assert.equal(after.status, 200, after.words('main'));
  await server.jobs();
  const now = (await seriesOf(mary, draft.json.id)).dates;
  assert.equal(now[1].state, 'skipped');
  assert.equal(now[early[0] - 1].state, 'waiting');
  assert.equal(now[early[2] - 1].state, 'skipped');
  assert.equal(now.at(-1).state, 'waiting');
  const quote = (await mary.getJson(`${base}/${draft.json.id}/cancel?number=1&scope=all`)).json;
  assert.equal((await post(draft.json.id, 'cancel', { number: 1, scope: 'all', back_minor: quote.back_minor })).status, 200);
});

test('C2: one order for all, paid at once', async () => {
  const id = await series({ time: '11:00', pay: 'series', count: 4, first: '2027-03-15' });
  const { dates, due } = await seriesOf(mary, id);
  assert.equal(new Set(dates.map((d) => d.order_code)).size, 1);
  assert.equal(due, '€120.00');
});

test('C2: another time for this and the following, what stays is told; notes; cancelling all ahead, one mail each', async () => {
  const id = await series({ time: '12:00', first: '2027-03-15', count: 4, resource: courts['Court 1'], email: 'cleo@example.com' });
  await series({ time: '13:00', first: '2027-03-29', count: 1, resource: courts['Court 1'] });
  const look = (await mary.getJson(`${base}/${id}/change?number=2&scope=following&time=13:00&resource=${courts['Court 1']}`)).json;
  assert.equal(look.count, 3);
  assert.equal(look.free, 2);
  assert.match(look.dates[1].why, /In use/);
  assert.equal((await post(id, 'change', { number: 2, scope: 'following', time: '13:00', resource: courts['Court 1'] })).status, 200);
  const hours = (await seriesOf(mary, id)).dates.map((d) => d.when.match(/\d\d:\d\d/)[0]);
  assert.deepEqual(hours, ['12:00', '13:00', '12:00', '13:00']);
  assert.equal((await post(id, 'change', { number: 1, scope: 'this', resource: courts['Court 2'] })).status, 200);
  assert.equal((await seriesOf(mary, id)).dates[0].place, 'Court 2');

  assert.equal((await post(id, 'notes', { number: 2, scope: 'this', public_note: 'Bring balls', private_note: 'VIP' })).status, 200);
  assert.deepEqual((await seriesOf(mary, id)).dates.map((d) => d.note), [null, 'Bring balls', null, null]);
  const stale = await mary.postJson(`${base}/${id}/notes`, { version: 1, number: 1, scope: 'all', public_note: 'x' });
  assert.equal(stale.status, 409);

  const quote = (await mary.getJson(`${base}/${id}/cancel?number=3&scope=following`)).json;
  assert.equal(quote.count, 2);
  assert.equal((await post(id, 'cancel', { number: 3, scope: 'following', back_minor: quote.back_minor })).status, 200);
  assert.deepEqual(await states(id), ['booked', 'booked', 'cancelled', 'cancelled']);
  const again = (await mary.getJson(`${base}/${id}/cancel?number=1&scope=all`)).json;
  assert.equal((await post(id, 'cancel', { number: 1, scope: 'all', back_minor: again.back_minor + 1 })).status, 409);
  assert.equal((await post(id, 'cancel', { number: 1, scope: 'all', back_minor: again.back_minor })).status, 200);
  assert.deepEqual(await states(id), ['cancelled', 'cancelled', 'cancelled', 'cancelled']);
  const mails = await server.mails({ to: 'cleo@example.com' });
  assert.deepEqual(mails.map((m) => m.subject.replace(/ at .*/, '')).sort(),
    ['Court: dates cancelled', 'Court: dates cancelled', 'Court: new times', 'Court: new times', 'Court: your dates']);
  assert.equal((await bookings(server, site)).filter((r) => r.name === 'cleo').length, 0);
  await checkInvariants(server);
});

test('C2: a series says what was done with it, in the reader’s words; notes of a date that is over still change', async () => {
  const id = await series({ time: '11:00', first: '2027-03-09', repeat: 'day', count: 3, resource: courts['Court 2'] });
  await post(id, 'change', { number: 2, scope: 'following', time: '12:00', resource: courts['Court 2'] });
  await post(id, 'notes', { number: 1, scope: 'all', private_note: 'Pays late' });
  await server.time('set 2027-03-09T18:00:00Z');
  const { json } = await mary.getJson(`/fr${base}/${id}`);
  assert.deepEqual(json.history.entries.map((e) => e.action_text), ['a modifié les notes', 'a déplacé des dates', 'a réservé la série']);
  assert.deepEqual(json.history.entries[1].changes.map(({ field, after }) => [field, after]).sort(), [
    ['Date', '10 mars 2027'], ['Dates', '2'], ['Heure', '12:00'], ['Lesquelles', 'Celle-ci et les suivantes'], ['Où', 'Court 2']]);
  assert.match(json.whole_url, /dates\/2\?scope=all$/);
  assert.doesNotMatch(JSON.stringify(json.history), /Pays late/);
  const over = (await mary.getJson(`${base}/${id}/dates/1`)).json;
  assert.equal(over.ahead, false);
  assert.equal((await post(id, 'notes', { number: 1, scope: 'this', private_note: 'Didn’t come' })).status, 200);
});

test('C2, C11: series are found by name and address, and stand with their customer', async () => {
  const [{ id: customer }] = await server.sql(
    `INSERT INTO customer (tenant_id, first_name, last_name, email, email_folded, language, created_at)
     SELECT tenant_id, 'Zelda', 'Quick', 'zelda@example.com', 'zelda@example.com', 'en', now() FROM site WHERE slug = $1
     RETURNING customer_id::text AS id`, [site.slug]);
  const mine = await series({ time: '10:00', first: '2027-03-15', count: 1, customer });
  const waits = await series({ time: '10:00', first: '2027-06-07', count: 1, customer }, { 1: 3 });
  const named = await series({ time: '10:00', first: '2027-03-16', count: 1, name: 'Ödön von Quark', email: 'odon@example.com' });
  const found = async (query) => (await mary.getJson(`${base}/?${query}`)).json.items.map((s) => s.id);
  assert.deepEqual(await found(`customer=${customer}`), [waits, mine]);
  assert.deepEqual(await found('q=zelda'), [waits, mine]);
  assert.deepEqual(await found(`q=${encodeURIComponent('ödön')}`), [named]);
  assert.deepEqual(await found('q=ODON@example.com'), [named]);
  assert.deepEqual(await found('q=nobody'), []);
  const page = await mary.visit(`/manage/customers/${customer}`);
  const tab = page.all('main a').find((a) => a.textContent.trim() === 'Recurring bookings').getAttribute('href');
  assert.equal((await mary.visit(tab)).all('tbody tr').length, 2);
  assert.match((await mary.visit(`/manage/customers/${customer}/delete`)).words('main'), /1 recurring booking with dates still to be booked/);

  // Their address is the one that they have now; whoever erases them finds what went to the old one.
  await server.sql(`UPDATE customer SET email = 'new@example.com', email_folded = 'new@example.com' WHERE customer_id = $1`, [customer]);
  assert.equal((await seriesOf(mary, mine)).email, 'new@example.com');
  const asked = await mary.visit(`/manage/customers/${customer}/delete`);
  const gone = await asked.submit('Delete the customer', { typed: 'new@example.com' });
  assert.equal(gone.status, 200, gone.words('main'));
  await server.jobs();
  const left = await server.sql(
    `SELECT name, email, name_folded, token FROM plugin_recurring_bookings.series WHERE series_id = ANY ($1::bigint[])`, [[mine, waits]]);
  for (const row of left) assert.deepEqual(row, { name: '', email: '', name_folded: '', token: '' });
});

test('C2: workers of the version before still write and compare the token of a link; nobody guesses one that they didn’t write', async () => {
  const id = (await draftOf(mary, {})).json.id;
  const token = async () => (await server.sql('SELECT token FROM plugin_recurring_bookings.series WHERE series_id = $1', [id]))[0].token;
  assert.match(await token(), /^[\da-f]{8}-[\da-f-]{27}$/);
  await server.sql(`UPDATE plugin_recurring_bookings.series SET token = 'as-before' WHERE series_id = $1`, [id]);
  assert.equal(await token(), 'as-before');
});

test('C1, C2: series go over with the one into whom their customer is merged, and back', async () => {
  const add = async (first_name) => {
    const made = await mary.postJson('/manage/customers/new', {
      first_name, last_name: 'Merge', email: `${first_name}@merge.example`, phone: '+33612345678', gender: 'female', country: 'FR' });
    return made.json.location.match(/customers\/(\d+)/)[1];
  };
  const [kept, goes] = [await add('Nora'), await add('Eleonora')];
  const id = await series({ time: '10:00', first: '2027-03-18', repeat: 'day', count: 1, customer: goes });
  const of = async (customer) => (await mary.getJson(`${base}/?customer=${customer}`)).json.items.map((s) => s.id);
  assert.deepEqual(await of(goes), [id]);
  const both = (await mary.getJson(`/manage/customers/${kept}/merge?with=${goes}`)).json;
  const merged = await mary.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: both.kept.version, other_version: both.other.version });
  assert.ok(merged.status < 300, merged.text);
  assert.deepEqual([await of(kept), await of(goes)], [[id], []]);
  const { email, owner_gone } = await seriesOf(mary, id);
  assert.deepEqual([email.toLowerCase(), owner_gone], ['nora@merge.example', false]);
  const [last] = (await mary.getJson(`/manage/customers/${kept}`)).json.merges;
  const undone = await mary.postJson(`/manage/customers/${kept}/merges/${last.id}/undo`, { version: last.version });
  assert.ok(undone.status < 300, undone.text);
  assert.deepEqual([await of(kept), await of(goes)], [[], [id]]);
});

test('C1, C2: a customer owns the series; one who is deleted is said, and nothing new is booked', async () => {
  await server.sql(
    `INSERT INTO customer (tenant_id, first_name, last_name, email, email_folded, language, created_at)
     SELECT tenant_id, 'Dora', 'Deluxe', 'Dora@example.com', 'dora@example.com', 'fr', now() FROM site WHERE slug = $1`, [site.slug]);
  const found = (await mary.getJson(`${base}/new?q=dora@example.com`)).json.customers;
  assert.deepEqual(found.map((c) => c.last_name), ['Deluxe']);
  const customer = found[0].id;
  const id = await series({ time: '15:00', first: '2027-03-15', count: 2, customer, name: undefined, email: undefined });
  const [{ count }] = await server.sql('SELECT count(*)::int AS count FROM orders WHERE customer_id = $1', [customer]);
  assert.equal(count, 2);
  const [mail] = await server.mails({ to: 'Dora@example.com' });
  assert.match(mail.text, /ces dates sont réservées pour vous/);
  const draft = await draftOf(mary, { time: '16:00', first: '2027-03-15', count: 2, customer });
  await server.sql('DELETE FROM customer WHERE customer_id = $1', [customer]);
  assert.equal((await bookAll(mary, draft.json.id)).status, 409);
  assert.equal((await seriesOf(mary, id)).owner_gone, true);
  assert.equal((await draftOf(mary, { customer })).status, 422);
});
