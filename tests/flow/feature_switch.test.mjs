// Features are switched while the server runs: with what they need, not against what they exclude, closing before
// they go, and never on another site. P2's rules, told from the command line.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env, workers: 2 });
const site = await server.createSite({ features: {} });
const other = await server.createSite({ features: {} });

const states = async (where = site) => {
  const rows = await server.sql(
    'SELECT plugin, feature.state FROM feature JOIN site USING (tenant_id) WHERE slug = $1 ORDER BY plugin', [where.slug]);
  return Object.fromEntries(rows.map(({ plugin, state }) => [plugin, state]));
};
const status = async (path, where = site) => (await where.visitor().get(path)).status;
const refused = (name, state, why) =>
  assert.rejects(server.vitrine('feature', site.slug, name, state), ({ code, stderr }) => code === 1 && why.test(stderr));

test('what a feature requires comes on with it', async () => {
  await server.feature(site, 'tally', 'on');
  assert.deepEqual(await states(), { greeter: 'on', tally: 'on' });
  assert.equal(await status('/x/tally/a'), 200);
  assert.equal(await status('/x/greeter/'), 200);
});

test('what others require stays on, and they are named', async () => {
  await refused('greeter', 'off', /needed by tally/);
  assert.equal((await states()).greeter, 'on');
});

test('a gated feature waits, does nothing yet, and can be taken back', async () => {
  await server.feature(site, 'tenth', 'on');
  assert.equal((await states()).tenth, 'waiting');
  await server.feature(site, 'tenth', 'off');
  assert.equal((await states()).tenth, 'off');
});

test('what excludes each other is never on together', async () => {
  await server.feature(site, 'trouble', 'on');
  await refused('tenth', 'on', /conflicts with trouble/);
  await server.feature(site, 'trouble', 'off');
  assert.equal((await states()).trouble, 'off');
});

test('a feature that owes something closes first, and goes by itself when nothing is owed', async () => {
  await server.feature(site, 'tally', 'off');
  const visitor = site.visitor();
  await (await visitor.visit('/x/greeter/')).submit('Sign', { Name: 'Ada' });
  await server.feature(site, 'greeter', 'off');
  assert.equal((await states()).greeter, 'closing');
  assert.equal(await status('/x/greeter/'), 200);

  await server.time('+3700');
  await server.jobs();
  assert.equal((await states()).greeter, 'closing');
  await server.sql('DELETE FROM plugin_greeter.signature');
  await server.time('+7400');
  await server.jobs();
  assert.equal((await states()).greeter, 'off');
});

test('on again, its data are there', async () => {
  await server.feature(site, 'greeter', 'on');
  await (await site.visitor().visit('/x/greeter/')).submit('Sign', { Name: 'Grace' });
  await server.sql(`UPDATE feature SET state = 'off' WHERE plugin = 'greeter'`);
  await server.feature(site, 'greeter', 'on');
  assert.match((await site.visitor().visit('/x/greeter/')).words('ul'), /Grace/);
});

test('each change says who and what in the audit, and the other site never noticed', async () => {
  const rows = await server.sql(
    `SELECT actor_kind, action, before->>'state' AS before, after->>'state' AS after FROM audit
      WHERE object_kind = 'feature' AND object_id = 'greeter' ORDER BY audit_id`);
  assert.deepEqual(rows.slice(0, 3), [
    { actor_kind: 'system', action: 'feature.switch_on', before: 'off', after: 'on' },
    { actor_kind: 'system', action: 'feature.close', before: 'on', after: 'closing' },
    { actor_kind: 'system', action: 'feature.switch_off', before: 'closing', after: 'off' },
  ]);
  assert.deepEqual(await states(other), {});
  assert.equal(await status('/x/greeter/', other), 404);
});

test('names that are none', async () => {
  await refused('nothing', 'on', /no feature/);
  await assert.rejects(server.vitrine('feature', 'no-such-site', 'greeter', 'on'), ({ stderr }) => /no site/.test(stderr));
});

test('a switch holds on every worker within a second', async () => {
  for (const [state, wanted] of [['off', 404], ['on', 200], ['off', 404], ['on', 200]]) {
    await server.sql('DELETE FROM plugin_greeter.signature');
    await server.vitrine('feature', site.slug, 'greeter', state);
    const since = performance.now();
    // Each new connection meets either worker.
    for (let same = 0; same < 20; ) {
      same = (await status('/x/greeter/')) === wanted ? same + 1 : 0;
      assert.ok(performance.now() - since < 1500, `${state} is not known everywhere`);
    }
  }
});
