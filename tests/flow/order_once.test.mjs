import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({
  offers: [tour({ rates: [{ code: 'guest', name: { en: 'Guest', fr: 'Invité', es: 'Invitado' }, price: 0 }] })],
});
const [slot, next] = await slotsOf(server, site, 'tour');
const orders = async () => (await server.sql('SELECT count(*)::int AS n FROM orders WHERE placed_at IS NOT NULL'))[0].n;
const confirm = (buyer, key, name = 'Ann Buyer') =>
  buyer.visitor.postJson('/checkout', { name, email: 'ann@buyer.example', idempotency_key: key });

test('ux 8, double click: the same key at once is one order, both are led to it', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  const pages = await Promise.all([confirm(ann, 'k-1'), confirm(ann, 'k-1'), confirm(ann, 'k-1')]);
  assert.deepEqual(pages.map((p) => p.status), [201, 201, 201], pages.map((p) => p.text).join('\n'));
  assert.equal(new Set(pages.map((p) => p.json.location)).size, 1);
  assert.equal(await orders(), 1);
  await checkInvariants(server);
});

test('ux 8, back and again: the same key later leads to the same order', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  const first = await confirm(ann, 'k-2');
  const again = await confirm(ann, 'k-2');
  assert.deepEqual([again.status, again.json.location], [201, first.json.location]);
  assert.equal(await orders(), 2);
});

test('a key that comes back with other content is refused', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  await confirm(ann, 'k-3');
  await ann.book('tour', next, { guest: 1 });
  const other = await confirm(ann, 'k-3', 'Somebody Else');
  assert.equal(other.status, 409);
  assert.equal(other.json.code, 'key_reused');
  assert.equal(await orders(), 3);
  await checkInvariants(server);
});

test('ux 8, second tab: another key after the sale sells nothing more', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  const pages = await Promise.all(['k-4', 'k-5', 'k-6'].map((key) => confirm(ann, key)));
  assert.equal(pages.filter((p) => p.status === 201).length, 1, pages.map((p) => p.text).join('\n'));
  assert.ok(pages.every((p) => p.status < 500));
  assert.equal(await orders(), 4);
  await checkInvariants(server);
});

test('a key of somebody else’s session means nothing here', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  const page = await confirm(ann, 'k-1');
  assert.equal(page.status, 201);
  assert.equal(await orders(), 5);
});

test('"stale page": what another tab changed since is shown before it is sold', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  const { order } = await ann.basket();
  await ann.change(order.lines[0], 2);
  const stale = await ann.details({ version: order.version });
  assert.equal(stale.status, 409);
  assert.equal(stale.json.code, 'changed');
  const fresh = await ann.details({ version: (await ann.basket()).order.version });
  assert.equal(fresh.status, 201);
  await checkInvariants(server);
});
