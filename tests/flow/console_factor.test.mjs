// P5: operators of the platform have a second factor too: set up on their page, asked for after the
// password, taken away by nobody who only found the screen; a new password ends visits as support.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';
import { codeAt, secretOf } from '../lib/totp.mjs';

const server = await startServer();
const site = await server.createSite();
const start = '2026-12-01T10:00:00Z';
const now = Date.parse(start);
await server.time(`set ${start}`);
const { visitor: olga, email, password } = await consoleVisitor(server);
let secret, recovery;

async function logIn() {
  const visitor = server.visitor();
  await (await visitor.visit('/console/login')).submit('Log in', { 'E-mail': email, Password: password });
  return visitor;
}

test('P5: it is set up with an authenticator; other sessions end; the secret is sealed', async () => {
  const thief = await logIn();
  const page = await (await olga.visit('/console/account')).click('Set up');
  secret = secretOf(page.words('#setup'));
  const wrong = await page.submit('Turn it on', { Code: '000000' });
  assert.equal(wrong.status, 422);
  const codes = await wrong.submit('Turn it on', { Code: codeAt(secret, now) });
  recovery = [...codes.all('#codes .item__title')].map((e) => e.textContent);
  assert.equal(recovery.length, 10);
  assert.equal((await thief.get('/console')).status, 302);
  assert.equal((await olga.get('/console')).status, 200);
  const [{ totp_sealed }] = await server.sql('SELECT totp_sealed FROM operator');
  assert.ok(totp_sealed && !totp_sealed.includes(secret));
});

test('P5: the password alone opens nothing; the right code does, once; the way on is kept', async () => {
  const visitor = server.visitor();
  const login = await visitor.visit('/console/jobs');
  const ask = await login.submit('Log in', { 'E-mail': email, Password: password });
  assert.equal(ask.url.pathname, '/console/login/code');
  assert.equal(ask.all('.rail__link[href="/console/jobs"]').length, 0);
  for (const path of ['/console', `/console/sites/${site.slug}`, '/console/account']) {
    assert.equal((await visitor.get(path)).headers.location, '/console/login/code', path);
  }
  assert.equal((await visitor.getJson('/console')).json.code, 'second_factor_asked');
  assert.equal((await visitor.postJson(`/console/sites/${site.slug}/support`, { why: 'Ticket 4711.' })).status, 403);
  assert.equal((await ask.submit('Log in', { Code: codeAt(secret, now) })).status, 422, 'used when it was set up');
  await server.time('+30');
  const inside = await ask.submit('Log in', { Code: codeAt(secret, now + 30_000) });
  assert.equal(inside.url.pathname, '/console/jobs');
  const twice = await logIn();
  assert.equal((await twice.postJson('/console/login/code', { code: codeAt(secret, now + 30_000) })).status, 422);
  assert.equal((await twice.postJson('/console/login/code', { code: recovery[0] })).status, 200);
  const lost = await logIn();
  assert.equal((await lost.postJson('/console/login/code', { code: recovery[0] })).status, 422, 'once');
  await server.time('+901');
  assert.equal((await lost.get('/console')).headers.location, '/console/login?next=%2Fconsole');
});

test('P5: codes are limited; wrong and right ones stand on record', async () => {
  const guesser = await logIn();
  let answer;
  for (let i = 0; i < 12 && answer?.status !== 429; i++) answer = await guesser.postJson('/console/login/code', { code: '123456' });
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  const rows = await server.sql(`SELECT DISTINCT action FROM audit WHERE object_kind = 'operator' AND action ~ 'code|recovery|factor'`);
  for (const action of ['staff.code_failed', 'staff.code_passed', 'staff.recovery_used', 'staff.factor_on']) {
    assert.ok(rows.some((row) => row.action === action), action);
  }
});

test('P5: a found screen neither replaces it nor turns it off; the password does', async () => {
  const setup = await olga.visit('/console/account/second-factor');
  assert.equal((await setup.submit('Turn it on', { Code: codeAt(secretOf(setup.words('#setup')), now + 931_000) })).status, 409);
  const account = await olga.visit('/console/account');
  const refused = await account.submit('Remove the second factor', { confirm: 'not this one at all' });
  assert.equal(refused.status, 422);
  assert.ok(refused.errors.confirm);
  const codes = await refused.submit('New recovery codes', { confirm: password });
  assert.equal(codes.all('#codes .item__title').length, 10);
  const off = await (await olga.visit('/console/account')).submit('Remove the second factor', { confirm: password });
  assert.match(off.words('.notices'), /is off/);
  assert.equal((await (await logIn()).get('/console')).status, 200);
});

test('P4: a new password of an operator ends its visits as support', async () => {
  const office = `http://${site.slug}.vitrine.localhost:${server.port}`;
  const open = async () => {
    await (await olga.visit(`/console/sites/${site.slug}`)).submit('Open the back office', { why: 'Ticket 4711.' });
    assert.equal((await olga.get(`${office}/manage`)).status, 200);
  };
  await open();
  const changed = await olga.postJson('/console/account/password', { current: password, fresh: 'another long evening' });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await olga.get(`${office}/manage`)).status, 403);
  await open();
  await server.vitrine('operator', 'create', email, { input: 'yet another evening\n' });
  assert.equal((await olga.get(`${office}/manage`)).status, 403);
  assert.equal((await olga.get('/console')).status, 302);
});

test('P5: the command line makes operators and account managers; plans are the operators’', async () => {
  const input = `${password}\n`;
  await server.vitrine('operator', 'create', 'max@platform.example', '--account-manager', { input });
  await server.vitrine('operator', 'create', 'ops@platform.example', { input });
  const roles = await server.sql(`SELECT email, role FROM operator WHERE email ~ '^(max|ops)' ORDER BY email`);
  assert.deepEqual(roles.map(({ role }) => role), ['account_manager', 'operator']);
  const statuses = [];
  for (const { email: who } of roles) {
    const visitor = server.visitor();
    await visitor.post('/console/login', { form: { email: who, password } });
    statuses.push((await visitor.postJson('/console/plans', { name: 'small', title: 'Small' })).status);
  }
  assert.deepEqual(statuses, [403, 200]);
  await assert.rejects(server.vitrine('operator', 'create', 'x@platform.example', '--owner', { input }), ({ stderr }) => /usage/.test(stderr));
});

test('the command line removes somebody from the console: sessions and visits end, it is on record, the last one stays', async () => {
  const input = `${password}\n`;
  await server.vitrine('operator', 'create', 'leaving@platform.example', { input });
  const leaving = server.visitor();
  await leaving.post('/console/login', { form: { email: 'leaving@platform.example', password } });
  assert.equal((await leaving.getJson('/console')).status, 200);
  await server.vitrine('operator', 'remove', 'Leaving@platform.example');
  assert.equal((await leaving.getJson('/console')).status, 403);
  const again = await leaving.post('/console/login', { form: { email: 'leaving@platform.example', password } });
  assert.notEqual(again.status, 303);
  const [noted] = await server.sql(`SELECT actor_name, object_id FROM audit WHERE action = 'operator.remove'`);
  assert.deepEqual(noted, { actor_name: 'command line', object_id: 'Leaving@platform.example' });
  await assert.rejects(server.vitrine('operator', 'remove', 'leaving@platform.example'), ({ stderr }) => /nobody of that address/.test(stderr));

  await server.vitrine('operator', 'create', 'last@platform.example', { input });
  const others = await server.sql(`SELECT email FROM operator WHERE role = 'operator' AND email <> 'last@platform.example'`);
  for (const { email: who } of others) await server.vitrine('operator', 'remove', who);
  await assert.rejects(server.vitrine('operator', 'remove', 'last@platform.example'), ({ stderr }) => /last operator/.test(stderr));
  await server.vitrine('operator', 'create', 'kept@platform.example', '--account-manager', { input });
  await assert.rejects(server.vitrine('operator', 'remove', 'last@platform.example'), ({ stderr }) => /last operator/.test(stderr));
  await server.vitrine('operator', 'remove', 'kept@platform.example');
});
