import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const free = { rates: [{ code: 'guest', name: { en: 'Guest', fr: 'Invité', es: 'Invitado' }, price: 0 }] };
const server = await startServer();
const sites = [await server.createSite({ offers: [tour(free)] }), await server.createSite({ offers: [tour(free)] })];

const left = async () => {
  const [row] = await server.sql('SELECT (SELECT count(*)::int FROM session) AS sessions, (SELECT count(*)::int FROM idempotency) AS answers');
  return [row.sessions, row.answers];
};

test('sessions and kept answers go when their time is over, in every site, and not before', async () => {
  for (const site of sites) {
    const ann = new Buyer(site);
    const [slot] = await slotsOf(server, site, 'tour');
    await ann.book('tour', slot, { guest: 1 });
    await ann.details({ idempotency_key: 'once' });
    // More than a batch takes.
    await server.sql(`INSERT INTO session (tenant_id, token_hash, kind, created_at, seen_at, expires_at)
                      SELECT tenant_id, sha256(n::text::bytea), 'guest', now(), now(), now() + interval '30 days'
                        FROM site, generate_series(1, 1500) n WHERE slug = $1`, [site.slug]);
  }
  assert.deepEqual(await left(), [3002, 2]);
  await server.time(`+${6 * 86_400}`);
  await server.jobs();
  assert.deepEqual(await left(), [3002, 2]);
  await server.time(`+${3 * 86_400}`);
  await server.jobs();
  assert.deepEqual(await left(), [3002, 0]);
  await server.time(`+${23 * 86_400}`);
  await server.jobs();
  assert.deepEqual(await left(), [0, 0]);
});

const people = async (site) =>
  server.sql(
    `SELECT o.name, o.email, o.email_folded, o.phone, o.placed_at IS NOT NULL AS placed, r.email_folded AS redeemed
       FROM orders o JOIN site USING (tenant_id)
       LEFT JOIN plugin_coupons.redemption r ON r.tenant_id = o.tenant_id AND r.order_id = o.order_id
      WHERE slug = $1 ORDER BY o.order_id`,
    [site.slug],
  );

test('who never bought is forgotten after 30 days, who bought is not', async () => {
  await server.time('real');
  const site = await server.createSite({
    coupons: [{ code: 'TEN', kind: 'percent', value: 10, offers: null, per_buyer: 3 }],
  });
  await server.jobs();
  const [slot] = await slotsOf(server, site, 'tour');
  const person = { name: 'Ann Leaver', email: 'Ann@leaver.example', phone: '+33123456789' };
  const come = async () => {
    const ann = new Buyer(site);
    await ann.book('tour', slot, { adult: 1 });
    assert.equal((await ann.visitor.postJson('/basket/codes', { code: 'TEN' })).status, 200);
    assert.equal((await ann.details(person)).status, 200);
    return ann;
  };
  await come();
  assert.equal((await (await come()).pay('sandbox-pay')).status, 201);
  assert.equal((await (await come()).pay('pay-at-venue')).status, 201);

  await server.time(`+${29 * 86_400}`);
  await server.jobs();
  assert.deepEqual((await people(site)).map(({ email }) => email), Array(3).fill(person.email));

  await server.time(`+${3 * 86_400}`);
  await server.jobs();
  const known = { name: person.name, email: person.email, email_folded: 'ann@leaver.example' };
  const nobody = { name: null, email: null, email_folded: null, phone: null, placed: false };
  const [left, gaveUp, bought] = await people(site);
  assert.deepEqual(left, { ...nobody, redeemed: null });
  assert.deepEqual(gaveUp, { ...nobody, redeemed: '' });
  assert.deepEqual({ ...bought, phone: null }, { ...known, phone: null, placed: true, redeemed: 'ann@leaver.example' });
  await checkInvariants(server);
});
