import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';

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
