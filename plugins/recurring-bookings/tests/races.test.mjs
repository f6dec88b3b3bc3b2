// Two series for one court at once, a job that is killed in the middle, the same decision twice:
// nothing is oversold and nothing is booked twice. A negative control shows the race without guards.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { checkInvariants, startServer } from '../../../tests/lib/index.mjs';
import { unguarded } from '../../../tests/lib/races.mjs';
import { base, bookAll, bookings, draftOf, manager, name, seriesOf } from './lib.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ features: { 'pay-at-venue': {}, [name]: {} } });
await server.time('set 2027-03-01T09:00:00Z');
await server.jobs();
const mary = await manager(site);
const { offers } = (await mary.getJson(`${base}/new`)).json;
const court = offers.find((o) => o.exclusive).id;
const states = (dates) => dates.map((d) => d.state);

async function twoAt(time, guarded = true) {
  const ids = [];
  for (const who of ['Ann', 'Bob']) {
    ids.push((await draftOf(mary, { offer: court, quantity: [{ key: 'court', count: 1 }], time, repeat: 'day', count: 8, name: who })).json.id);
  }
  // Both have read the dates as they are before either decides; whose dates changed meanwhile is
  // shown them again.
  const drafts = await Promise.all(ids.map((id) => seriesOf(mary, id)));
  const answers = await Promise.all(drafts.map((draft) => mary.postJson(`${base}/${draft.id}/book`, { version: draft.version })));
  for (let [i, { status }] of answers.entries()) {
    while (status === 409) ({ status } = await bookAll(mary, ids[i]));
    if (guarded) assert.equal(status, 200);
  }
  await server.jobs();
  return Promise.all(ids.map((id) => seriesOf(mary, id)));
}

test('C2: two series for the same court at once: each date is one of theirs, the other says why not', async () => {
  const found = await twoAt('18:00');
  for (let i = 0; i < 8; i++) {
    const pair = found.map((s) => s.dates[i]);
    assert.deepEqual(states(pair).sort(), ['booked', 'skipped'], JSON.stringify(pair));
    assert.match(pair.find((d) => d.state === 'skipped').why, /In use|Full/);
  }
  const rows = (await bookings(server, site)).filter((r) => r.starts.endsWith('18:00'));
  assert.equal(rows.length, 8);
  await checkInvariants(server);
});

test('C2: the same draft decided twice at once is booked once', async () => {
  const draft = await draftOf(mary, { offer: court, quantity: [{ key: 'court', count: 1 }], time: '16:00', repeat: 'day', count: 5 });
  await Promise.all([1, 2, 3].map(() => bookAll(mary, draft.json.id)));
  await server.jobs();
  assert.equal((await bookings(server, site)).filter((r) => r.starts.endsWith('16:00')).length, 5);
  assert.equal((await seriesOf(mary, draft.json.id)).booked, 5);
});

test('C2: killed in the middle, it goes on where it was: every date once', async () => {
  const draft = await draftOf(mary, { offer: court, quantity: [{ key: 'court', count: 1 }], time: '10:00', first: '2027-03-02', repeat: 'day', count: 50 });
  const { id } = draft.json;
  await bookAll(mary, id);
  const running = server.jobs().catch(() => null);
  const booked = async () => Number((await server.sql(
    `SELECT count(*) AS n FROM plugin_recurring_bookings.occurrence WHERE series_id = $1 AND state = 'booked'`, [id]))[0].n);
  for (let i = 0; i < 400 && (await booked()) < 5; i++) await sleep(5);
  await server.kill('SIGKILL');
  await running;
  const before = await booked();
  assert.ok(before >= 5, `${before}`);
  await server.start();
  await server.time('set 2027-03-01T09:20:00Z'); // the lease and what the basket held are over
  await server.jobs();
  assert.equal((await seriesOf(mary, id)).booked, 50);
  const rows = (await bookings(server, site)).filter((r) => r.starts.endsWith('10:00'));
  assert.equal(rows.length, 50);
  assert.equal(new Set(rows.map((r) => r.starts)).size, 50);
  process.stdout.write(`killed after ${before} of 50\n`);
  await checkInvariants(server);
});

test('C2, negative control: without the guards the same court would be sold to both', async () => {
  let twice = [];
  for (const time of ['20:00', '17:00', '15:00', '14:00', '13:00', '12:00']) {
    if (twice.length) break;
    await unguarded(server, () => twoAt(time, false));
    twice = await server.sql(
      `SELECT starts_at FROM order_line WHERE state = 'confirmed' GROUP BY slot_id, starts_at HAVING sum(quantity) > 1`);
  }
  assert.ok(twice.length > 0);
});
