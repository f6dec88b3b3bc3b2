// P5: what somebody with half of what it takes can't do: a password without the code, a found screen, a
// link that another person's job carries, a form of another site, an address to be sent on to.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';
import { codeAt, secretOf } from '../lib/totp.mjs';

const server = await startServer();
const site = await server.createSite({
  features: {
    coupons: {}, 'pay-at-venue': {}, 'sandbox-pay': {}, 'self-cancel': {}, 'customer-categories': {}, 'marketing-preferences': {},
    'recurring-bookings': {}, 'customer-import': {},
  },
});
const start = '2026-12-01T10:00:00Z';
await server.time(`set ${start}`);
const now = Date.parse(start);
const { email, password } = site.manager;
const { visitor: olga, email: consoleEmail, password: consolePassword } = await consoleVisitor(server);

async function logIn() {
  const visitor = site.visitor();
  await (await visitor.visit('/manage/login')).submit('Log in', { 'E-mail': email, Password: password });
  return visitor;
}
const owner = await logIn();
let secret;

test('P5: turning the second factor on ends the other sessions and is told by mail', async () => {
  const thief = await logIn();
  assert.equal((await thief.get('/manage')).status, 200);
  const page = await owner.visit('/manage/account/second-factor');
  secret = secretOf(page.words('#setup'));
  const codes = await page.submit('Turn it on', { Code: codeAt(secret, now) });
  assert.equal(codes.all('#codes .item__title').length, 10);
  assert.equal((await thief.get('/manage')).status, 302);
  assert.equal((await owner.get('/manage')).status, 200);
  assert.match((await server.mail({ to: email })).subject, /set up/);
});

test('P5: a found screen neither replaces the second factor, nor turns it off, nor makes recovery codes', async () => {
  const other = await owner.visit('/manage/account/second-factor');
  const fresh = secretOf(other.words('#setup'));
  assert.equal((await other.submit('Turn it on', { Code: codeAt(fresh, now) })).status, 409);
  for (const button of ['New recovery codes', 'Remove']) {
    const page = await owner.visit('/manage/account');
    const refused = await page.submit(button, { confirm: 'not this one at all' });
    assert.equal(refused.status, 422, button);
    assert.match(refused.errors.confirm, /isn’t your password/);
  }
  const { items: members } = (await owner.getJson('/manage/staff')).json;
  assert.equal((await owner.postJson(`/manage/staff/${members[0].staff_id}/second-factor-off`, {})).json.code, 'own_factor');
  const [{ on }] = await server.sql('SELECT totp_sealed IS NOT NULL AS on FROM staff WHERE email = $1', [email]);
  assert.ok([true, 't'].includes(on));
  const codes = await (await owner.visit('/manage/account')).submit('New recovery codes', { confirm: password });
  assert.equal(codes.all('#codes .item__title').length, 10);
});

test('P5: a code is good for its half minute and one beside it, once, also twice at the same moment', async () => {
  const tries = async (offset) => {
    const visitor = await logIn();
    return (await visitor.postJson('/manage/login/code', { code: codeAt(secret, now + offset) })).status;
  };
  await server.time('+300');
  for (const [offset, status] of [[300_000 - 60_000, 422], [300_000 + 60_000, 422], [300_000 + 30_000, 200]]) {
    assert.equal(await tries(offset), status, `${offset}`);
  }
  assert.equal(await tries(300_000), 422, 'older than one that was used');
  await server.time('+120');
  const visitors = [await logIn(), await logIn(), await logIn()];
  const code = codeAt(secret, now + 420_000);
  const answers = await Promise.all(visitors.map((visitor) => visitor.postJson('/manage/login/code', { code })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422]);
  const actions = await server.sql(`SELECT action FROM audit WHERE action LIKE 'staff.code%'`);
  assert.ok(actions.some(({ action }) => action === 'staff.code_failed'));
  assert.ok(actions.some(({ action }) => action === 'staff.code_passed'));
});

test('P5: a password without the code waits a quarter of an hour, and opens nothing meanwhile', async () => {
  const half = await logIn();
  for (const path of ['/manage', '/manage/staff', '/manage/account', '/manage/orders']) {
    assert.equal((await half.get(path)).headers.location, '/manage/login/code', path);
  }
  assert.equal((await half.postJson('/manage/account/second-factor/change', { confirm: password, do: 'off' })).status, 403);
  await server.time('+901');
  assert.equal((await half.get('/manage')).headers.location, '/manage/login?next=%2Fmanage');
  assert.equal((await half.postJson('/manage/login/code', { code: codeAt(secret, now + 420_000 + 901_000) })).status, 404);
});

test('P4: a job in the console doesn’t show the link that lets its reader in', async () => {
  await site.visitor().postJson('/manage/login/forgot', { email });
  await server.jobs();
  const mail = await server.mail({ to: email, subject: 'password' });
  const { searchParams } = new URL(mail.text.match(/http:\S+/)[0]);
  const jobs = await server.sql(
    `SELECT tenant_id, job_id, payload FROM job WHERE kind = 'notification.send' AND payload->>'key' = 'staff_reset'`);
  assert.ok(JSON.stringify(jobs).includes(searchParams.get('t')), 'the job carries it');
  for (const { tenant_id, job_id } of jobs) {
    const path = `/console/jobs/${tenant_id}/${job_id}`;
    const [page, json] = [await olga.visit(path), await olga.getJson(path)];
    assert.equal(page.status, 200);
    assert.match(page.words('main'), /\/manage\/login\/reset\?…/);
    for (const { text } of [page, json]) assert.ok(!text.includes(searchParams.get('t')));
  }
});

test('P4: support has no account here, and nothing that owners alone decide', async () => {
  await (await olga.visit(`/console/sites/${site.slug}`)).submit('Open the back office', { why: 'Ticket 4711.' });
  const office = (path) => `http://${site.slug}.vitrine.localhost:${server.port}${path}`;
  const inside = await olga.visit(office('/manage'));
  assert.equal(inside.status, 200);
  assert.equal(inside.all('a[href="/manage/account"]').length, 0);
  const json = { headers: { accept: 'application/json' } };
  for (const path of ['/manage/account', '/manage/account/second-factor']) {
    assert.equal((await olga.get(office(path))).status, 404, path);
  }
  for (const [path, fields] of [
    ['/manage/account/password', { current: password, password: 'another long evening' }],
    ['/manage/account/log-out-everywhere', {}], ['/manage/account/sessions/1/end', {}],
    ['/manage/account/second-factor', { secret: 'x', code: '123456' }],
    ['/manage/account/second-factor/change', { confirm: password, do: 'off' }],
  ]) {
    assert.equal((await olga.post(office(path), { json: fields, ...json })).status, 404, path);
  }
  for (const path of ['/manage/staff', '/manage/go-live']) assert.equal((await olga.get(office(path))).status, 403, path);
  for (const [path, fields] of [
    ['/manage/staff/invite', { email: 'friend@platform.example', role: 'owner' }], ['/manage/go-live', {}],
    ['/manage/staff/second-factor', { required: false }],
  ]) {
    assert.equal((await olga.post(office(path), { json: fields, ...json })).status, 403, path);
  }
  const rows = await server.sql(`SELECT 1 FROM audit WHERE actor_kind = 'staff' AND actor_name = 'Olga'`);
  assert.deepEqual(rows, []);
});

test('P5: after the login one is sent nowhere but behind it', async () => {
  const outside = [
    'https://evil.example/', '//evil.example', '/\\evil.example', '/manage//evil.example', '/manage\\evil.example',
    '/manage/\t/evil.example', '/managers', '/', '/offers', 'javascript:alert(1)', '/manage@evil.example', '/manage/login',
    '/manage/x\r\nset-cookie: a=b', ' /manage', '/console',
  ];
  for (const [visit, path, form, home] of [
    [() => site.visitor(), '/manage/login', { email, password }, '/manage'],
    [() => server.visitor(), '/console/login', { email: consoleEmail, password: consolePassword }, '/console'],
  ]) {
    for (const next of outside) {
      const page = await visit().post(path, { form: { ...form, next } });
      // One line of text is one line of text.
      const refused = /[\t\r]/.test(next);
      assert.equal(page.status, refused ? 422 : 303, JSON.stringify(next));
      const expected = home === '/manage' ? '/manage/login/code?next=%2Fmanage' : home;
      if (!refused) assert.equal(page.headers.location, expected, JSON.stringify(next));
    }
  }
});

test('P5: no form of an office or console is taken from elsewhere, or without its token', async () => {
  const routes = JSON.parse(await server.vitrine('routes')).filter(({ surface, method, permission }) =>
    ['office', 'console'].includes(surface) && method === 'POST' && permission !== 'PUBLIC');
  assert.ok(routes.length > 50);
  for (const { surface, path } of routes) {
    const visitor = surface === 'office' ? owner : olga;
    const host = surface === 'office' ? site.visitor().origin : server.visitor().origin;
    const url = host + path.replace(/\{\w+\}/g, '1');
    for (const headers of [{ 'sec-fetch-site': null, origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}]) {
      const page = await visitor.post(url, { form: {}, headers: { ...headers, accept: 'text/html' } });
      assert.equal(page.status, 403, `${path} ${JSON.stringify(headers)}`);
    }
    const elsewhere = { 'sec-fetch-site': null, origin: 'https://evil.example', accept: 'application/json' };
    assert.equal((await visitor.post(url, { json: {}, headers: elsewhere })).status, 403, path);
  }
});
