// P5: every action is audited with who, what, before, after: logins of staff and operators, failed
// ones and lockouts too, each with the address they came from.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const other = await server.createSite();
const rows = (slug, action) => server.sql(
  `SELECT a.actor_kind, a.actor_name, a.object_kind, a.object_id, a.before, a.after
     FROM audit a JOIN site s USING (tenant_id) WHERE s.slug = $1 AND a.action = $2 ORDER BY a.audit_id`, [slug, action]);
const logIn = (email, password, of = site) => of.visitor().postJson('/manage/login', { email, password });

test('P5: a login is on record, by person and with the address it came from', async () => {
  assert.equal((await logIn(site.manager.email, site.manager.password)).status, 200);
  const [row] = await rows(site.slug, 'staff.login');
  assert.equal(row.actor_name, 'Mary Manager');
  assert.equal(row.object_kind, 'staff');
  assert.match(row.object_id, /^\d+$/);
  assert.deepEqual([row.before, row.after], [null, { address: '127.0.0.1' }]);
  assert.deepEqual(await rows(other.slug, 'staff.login'), []);
  const mary = site.visitor();
  await mary.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
  assert.match((await mary.visit('/manage/account')).words('#history'), /Mary Manager logged in.*Network address 127\.0\.0\.1/);
});

test('P5: a wrong password is on record with the person, a stranger with the address typed', async () => {
  await logIn(site.manager.email, 'wrong password here');
  await logIn('nobody@nowhere.example', 'wrong password here');
  const [known, unknown] = await rows(site.slug, 'staff.login_failed');
  assert.match(known.object_id, /^\d+$/);
  assert.equal(unknown.object_id, 'nobody@nowhere.example');
  assert.ok(!JSON.stringify([known, unknown]).includes('wrong password here'));
});

test('P5: a lockout is on record once, however often somebody knocks', async () => {
  for (let i = 0; i < 12; i++) await logIn('desk@locked.example', `guess number ${i}`);
  const locks = await rows(site.slug, 'staff.login_locked');
  assert.equal(locks.length, 1);
  assert.equal(locks[0].object_id, 'desk@locked.example');
});

test('P5: operators are on record on the platform', async () => {
  const operator = { email: 'op@platform.example', password: 'lighthouse at noon' };
  await server.vitrine('operator', 'create', operator.email, { input: `${operator.password}\n` });
  await server.visitor().postJson('/console/login', { ...operator, password: 'not this one at all' });
  assert.equal((await server.visitor().postJson('/console/login', operator)).status, 200);
  const seen = await server.sql(
    "SELECT action, object_kind FROM audit WHERE tenant_id = 0 AND action LIKE 'staff.login%' ORDER BY audit_id");
  assert.deepEqual(seen, [
    { action: 'staff.login_failed', object_kind: 'operator' }, { action: 'staff.login', object_kind: 'operator' }]);
});
