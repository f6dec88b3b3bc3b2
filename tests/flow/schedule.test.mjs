import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['02:30', '10:00'] }];
const site = await server.createSite({ offers: [tour({ schedule: daily })] });
const year = new Date().getUTCFullYear() + 1;

// The last Sunday of a month, when European clocks change.
function lastSunday(month) {
  const date = new Date(Date.UTC(year, month, 0));
  date.setUTCDate(date.getUTCDate() - date.getUTCDay());
  return date.toISOString().slice(0, 10);
}

async function timesOf(day) {
  const slots = await slotsOf(server, site, 'tour');
  return slots
    .map(({ starts_at }) => starts_at)
    .filter((at) => at.toLocaleDateString('sv', { timeZone: 'Europe/Paris' }) === day)
    .map((at) => at.toISOString().slice(11, 16));
}

// As the site's jobs do it day by day; whoever was away longer catches up at once.
async function goTo(day) {
  await server.time(`set ${day}T12:00:00Z`);
  await server.jobs();
}

test('"a date that doesn’t exist (spring clock change)": no slot at 02:30, the others keep their hour', async () => {
  const change = lastSunday(3);
  await goTo(`${year}-03-10`);
  assert.deepEqual(await timesOf(change), ['08:00'], 'ten o’clock in summer time');
  const before = new Date(Date.parse(change) - 86_400_000).toISOString().slice(0, 10);
  assert.deepEqual(await timesOf(before), ['01:30', '09:00']);
});

test('in autumn the hour that comes twice has one slot, the first', async () => {
  await goTo(`${year}-10-10`);
  assert.deepEqual(await timesOf(lastSunday(10)), ['00:30', '09:00']);
});

test('each day adds a day: slots reach sixty days ahead, and none is made twice', async () => {
  const last = async () => (await slotsOf(server, site, 'tour')).at(-1).starts_at.toISOString().slice(0, 10);
  await goTo(`${year}-11-10`);
  assert.equal(await last(), `${year + 1}-01-09`);
  const count = (await slotsOf(server, site, 'tour')).length;
  await goTo(`${year}-11-11`);
  assert.equal(await last(), `${year + 1}-01-10`);
  assert.equal((await slotsOf(server, site, 'tour')).length, count + 2);
});

test('the next day’s job is there whatever becomes of this one', async () => {
  const jobs = await server.sql("SELECT state FROM job WHERE kind = 'site.day' AND state = 'waiting'");
  assert.equal(jobs.length, 1);
});

test('"past slot", "cancelled slot", "archived offer", not yet on sale: refused, nothing is held', async () => {
  await server.time('real');
  const other = await server.createSite({
    offers: [tour({ slug: 'soon', sales: { min_per_order: 1, max_per_order: 8, opens_days_before: 3, closes_min_before: 0 } }), tour()],
  });
  const slots = await slotsOf(server, other, 'tour');
  const refused = async (offer, slot) => {
    const page = await new Buyer(other).book(offer, slot, { adult: 1 });
    assert.equal(page.status, 422, page.text);
    assert.equal(page.json.errors[0].code, 'not_on_sale');
  };
  await refused('soon', (await slotsOf(server, other, 'soon')).at(-1));
  await refused('soon', slots[0]); // of another offer
  await server.time(`set ${new Date(slots[0].starts_at.getTime() + 1000).toISOString()}`);
  await refused('tour', slots[0]);
  await server.time('real');
  await server.sql("UPDATE slot SET state = 'cancelled' WHERE slot_id = $1", [slots[1].id]);
  await refused('tour', slots[1]);
  await server.sql("UPDATE offer SET state = 'archived' WHERE offer_id = (SELECT offer_id FROM slot WHERE slot_id = $1)", [slots[2].id]);
  const page = await new Buyer(other).book('tour', slots[2], { adult: 1 });
  assert.ok([404, 422].includes(page.status), page.text);
  assert.deepEqual(await server.sql('SELECT line_id FROM order_line'), []);
});
