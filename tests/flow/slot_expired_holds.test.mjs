// A hold that ran out uses nothing: it stands neither in the way of a time that is moved nor of a
// booking that needs another court; one that still runs does; P5, P11.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, Buyer, checkInvariants, court, startServer, takePlaces } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const site = await server.createSite({
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' }],
  offers: [court({ slug: 'single', resource: 'court-1', schedule: [] }), court({ slug: 'other', resource: 'court-1', schedule: [] }),
    court({ slug: 'both', resource: undefined, resources: ['court-1', 'court-2'], schedule: [] })],
});
const office = await staff(site);
const slot = async (offer, instant) => (await addSlots(server, site.slug, offer, [instant]))[0];
async function buy(offer, id, email) {
  const buyer = new Buyer(site);
  assert.equal((await buyer.book(offer, id, { court: 1 })).status, 201);
  assert.equal((await buyer.details({ email })).status, 200);
  assert.equal((await buyer.pay('pay-at-venue')).status, 201);
}
async function move(id, date, time) {
  const { json } = await office.getJson(`/manage/schedule/changes/new?slot=${id}`);
  return office.postJson('/manage/schedule/changes/new', { do: 'move', slot: id, version: json.change.version, date, time, anyway: true });
}
const usesOf = (id) => server.sql(
  `SELECT l.state, r.code FROM order_line l LEFT JOIN allocation a USING (tenant_id, line_id) LEFT JOIN resource r USING (tenant_id, resource_id)
    WHERE l.slot_id = $1`, [id]);

test('a time moves onto a court where somebody’s hold ran out; one that runs is in the way', async () => {
  const [from, there] = [await slot('single', '2026-12-10T09:00:00Z'), await slot('other', '2026-12-10T15:00:00Z')];
  await buy('single', from, 'ann@buyer.example');
  const running = { resource: 'court-1', until: '2026-12-01T09:10:00Z' };
  await takePlaces(server, there, 1, running);
  const blocked = await move(from, '2026-12-10', '16:00');
  assert.equal(blocked.status, 409, 'it runs for ten minutes');
  assert.match(blocked.json.conflicts[0].text, /Court 1/);
  await server.time('+900');
  const moved = await move(from, '2026-12-10', '16:00');
  assert.equal(moved.status, 201, moved.text);
  assert.deepEqual(await usesOf(from), [{ state: 'confirmed', code: 'court-1' }]);
  assert.deepEqual(await usesOf(there), [{ state: 'expired', code: null }]);
  const [{ taken }] = await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [there]);
  assert.equal(taken, 0);
  await checkInvariants(server);
});

test('an expired hold of the moved time itself needs no court at the new time', async () => {
  const [from, there] = [await slot('both', '2026-12-11T09:00:00Z'), await slot('other', '2026-12-11T15:00:00Z')];
  await takePlaces(server, from, 1, { resource: 'court-1', until: '2026-12-01T09:01:00Z' });
  await buy('other', there, 'bob@buyer.example');
  await server.sql("UPDATE slot SET resources = NULL WHERE slot_id = $1", [from]);
  const moved = await move(from, '2026-12-11', '16:00');
  assert.equal(moved.status, 201, moved.text);
  assert.deepEqual(await usesOf(from), [{ state: 'expired', code: null }]);
  await checkInvariants(server);
});

test('a court that can’t be used: the other one is free although a hold on it ran out', async () => {
  const id = await slot('both', '2026-12-12T09:00:00Z');
  await buy('both', id, 'cas@buyer.example');
  const other = await slot('both', '2026-12-12T09:30:00Z');
  await takePlaces(server, other, 1, { resource: 'court-2', until: '2026-12-01T09:01:00Z' });
  const [{ resource }] = await server.sql("SELECT resource_id::text AS resource FROM resource WHERE code = 'court-1'");
  const made = await office.postJson('/manage/schedule/changes/outage', {
    do: 'save', otherwise: 'refund', resource, from_date: '2026-12-12', to_date: '2026-12-12', reason: 'Under water.' });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
  assert.deepEqual(await usesOf(id), [{ state: 'confirmed', code: 'court-2' }]);
  assert.deepEqual(await usesOf(other), [{ state: 'expired', code: null }]);
  await checkInvariants(server);
});
