// A rule in words becomes dates; what is in the way shows before anything is booked; then each date
// is booked, or left out, as was decided.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkInvariants, court, startServer } from '../../../tests/lib/index.mjs';
import { base, bookings, manager, seriesOf } from './lib.mjs';

const server = await startServer();
const site = await server.createSite({
  features: { 'pay-at-venue': {}, 'recurring-bookings': {}, 'self-cancel': {} },
  resources: [
    { code: 'court-1', name: 'Court 1', kind: 'court' },
    { code: 'court-2', name: 'Court 2', kind: 'court' },
  ],
  offers: [court({ resource: undefined, resources: ['court-1', 'court-2'] })],
});
await server.time('set 2027-03-01T09:00:00Z'); // a Monday
await server.jobs();
const mary = await manager(site);

test('C2: a weekly series through the pages: dates and what is in the way first, then bookings, one mail', async () => {
  const form = await mary.visit(`${base}/new`);
  const draft = await form.submit('Look at the dates', {
    time: '18:00', Where: 'Court 2', 'First day': '2027-03-01', Monday: true, Wednesday: true,
    'How many times': '6', Name: 'Ann Lee', 'E-mail (optional)': 'ann@example.com',
    'Note for the customer (optional)': 'Ring the bell', 'Note for you and your colleagues (optional)': 'Pays late',
  });
  assert.equal(draft.status, 200, draft.words('main'));
  assert.match(draft.words('main'), /Every week on Monday and Wednesday, 6 times/);
  assert.match(draft.words('main'), /6 dates, nothing in the way/);
  assert.equal((await bookings(server, site)).length, 0);

  const running = await draft.submit('Book 6 dates', {});
  assert.match(running.words('main'), /Booking \d of 6/);
  await server.jobs();
  const series = await mary.visit(running.url.pathname);
  assert.equal(series.all('tbody tr').filter((tr) => /Booked/.test(tr.textContent)).length, 6);
  assert.match(series.words('main'), /Court 2/);
  assert.match(series.words('main'), /Pays late/);
  const rows = await bookings(server, site);
  assert.deepEqual(rows.map((r) => [r.starts, r.resource, r.name]), [
    '2027-03-01T18:00', '2027-03-03T18:00', '2027-03-08T18:00', '2027-03-10T18:00', '2027-03-15T18:00', '2027-03-17T18:00',
  ].map((at) => [at, 'Court 2', 'Ann Lee']));
  const mails = await server.mails({ to: 'ann@example.com' });
  assert.equal(mails.length, 1);
  assert.match(mails[0].text, /Ring the bell/);
  assert.doesNotMatch(mails[0].text, /Pays late/);
  const link = mails[0].text.match(/\/x\/recurring-bookings\/\d+\?t=[\w-]+/)[0];
  const page = await site.visitor().visit(link);
  assert.match(page.words('main'), /Ring the bell/);
  assert.doesNotMatch(page.text, /Pays late/);
  assert.equal(page.all('main li').length, 6);
  const order = await page.click(`Order ${rows[0].code}`);
  assert.match(order.words('main'), new RegExp(rows[0].code));
  await checkInvariants(server);
});

test('C2, T20: who it is for cancels one date by the site’s rules; the series says so and leaves the others', async () => {
  const [mail] = await server.mails({ to: 'ann@example.com' });
  const dates = await site.visitor().visit(mail.text.match(/\/x\/recurring-bookings\/\d+\?t=[\w-]+/)[0]);
  const second = (await bookings(server, site))[1];
  const order = await dates.click(`Order ${second.code}`);
  const done = await (await order.click('Cancel')).submit('Cancel', {});
  assert.equal(done.status, 200, done.words('main'));
  await server.jobs();
  const id = dates.url.pathname.split('/').at(-1);
  const { dates: now } = await seriesOf(mary, id);
  assert.deepEqual(now.map((d) => d.state), ['booked', 'cancelled', 'booked', 'booked', 'booked', 'booked']);
  const left = (await mary.getJson(`${base}/${id}/cancel?number=1&scope=all`)).json;
  assert.equal(left.count, 5);
  await checkInvariants(server);
});
