// Staff log in at SITE/manage/login, operators at PLATFORM/console/login.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const other = await server.createSite();
const { email, password } = site.manager;
const console_ = { email: 'op@platform.example', password: 'lighthouse at noon' };
await server.vitrine('operator', 'create', console_.email, { input: `${console_.password}\n` });

const logIn = (visitor, fields = {}, path = '/manage/login') =>
  visitor.post(path, { form: { email, password, ...fields } });

test('the right password opens the office, a wrong one and an unknown account say the same', async () => {
  const mary = site.visitor();
  const wrong = await logIn(mary, { password: 'not the right one' });
  const unknown = await logIn(mary, { email: 'nobody@nowhere.example' });
  assert.deepEqual([wrong.status, unknown.status], [422, 422]);
  assert.equal(wrong.errors.password, unknown.errors.password);
  assert.equal(mary.cookies().size, 0);

  const page = await logIn(mary);
  assert.equal(page.status, 303);
  assert.equal(page.headers.location, '/manage');
  const home = await mary.visit('/manage');
  assert.equal(home.status, 200);
  assert.match(home.words('main'), /Mary Manager/);
  assert.equal(home.headers['cache-control'], 'no-store');
});

test('the way back leads to own pages only', async () => {
  const mary = site.visitor();
  const asked = await mary.get('/manage/features');
  assert.equal(asked.headers.location, '/manage/login?next=%2Fmanage%2Ffeatures');
  const form = await mary.visit('/manage/features');
  const page = await form.submit('Log in', { 'E-mail': email, Password: password });
  assert.equal(page.url.pathname, '/manage/features');
  const elsewhere = [
    'https://evil.example/', '//evil.example/manage', '/manage//evil.example', '/\\evil.example',
    '/manage\\..', '/offers', '/managers', '/manage/login', '/manage/x\r\nset-cookie: a=b',
  ];
  for (const next of elsewhere) {
    const out = await logIn(site.visitor(), { next });
    assert.ok([303, 422].includes(out.status), next);
    if (out.status === 303) assert.equal(out.headers.location, '/manage', next);
  }
});

test('a session that was there before the login is worth nothing after it', async () => {
  const mary = site.visitor();
  await logIn(mary);
  const before = mary.cookies().get('__Host-vt-office').value;
  const home = await mary.visit('/manage');
  const csrf = home.form('Log out').values.find(([name]) => name === 'csrf')[1];
  await logIn(mary, { csrf });
  const after = mary.cookies().get('__Host-vt-office').value;
  assert.notEqual(after, before);
  const old = site.visitor();
  const page = await old.get('/manage', { headers: { cookie: `__Host-vt-office=${before}` } });
  assert.equal(page.status, 302);
});

test('the cookie is the host\'s own, and its token is stored hashed', async () => {
  const mary = site.visitor();
  const page = await logIn(mary);
  const [line] = page.headers['set-cookie'];
  for (const word of [/^__Host-vt-office=/, /; Secure/, /; HttpOnly/, /; SameSite=Lax/, /; Path=\//]) {
    assert.match(line, word);
  }
  const token = mary.cookies().get('__Host-vt-office').value;
  const [{ found }] = await server.sql(
    "SELECT count(*) AS found FROM session WHERE token_hash = convert_to($1, 'utf8')", [token]);
  assert.equal(Number(found), 0);
});

test('logging out is a POST with the session\'s token, and ends the session', async () => {
  const mary = site.visitor();
  await logIn(mary);
  const { value } = mary.cookies().get('__Host-vt-office');
  assert.equal((await mary.get('/manage/logout')).status, 405);
  const forged = await mary.post('/manage/logout', { form: { csrf: 'x' } });
  assert.equal(forged.status, 403);
  const home = await mary.visit('/manage');
  const out = await home.submit('Log out');
  assert.equal(out.url.pathname, '/manage/login');
  const page = await site.visitor().get('/manage', { headers: { cookie: `__Host-vt-office=${value}` } });
  assert.equal(page.status, 302);
});

test('a form of another site is refused', async () => {
  const mary = site.visitor();
  const page = await mary.post('/manage/login', {
    form: { email, password },
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(page.status, 403);
});

test('a session of one site means nothing on another, nor in the console', async () => {
  const mary = site.visitor();
  await logIn(mary);
  const { value } = mary.cookies().get('__Host-vt-office');
  const cookie = `__Host-vt-office=${value}; __Host-vt-console=${value}`;
  assert.equal((await other.visitor().get('/manage', { headers: { cookie } })).status, 302);
  assert.equal((await server.visitor().get('/console', { headers: { cookie } })).status, 302);
  assert.equal((await logIn(other.visitor())).status, 422);
});

test('tries are limited per account, the wait is told, and it ends', async () => {
  const guesser = other.visitor();
  const account = { email: other.manager.email, password: 'guess after guess' };
  let page;
  for (let i = 0; i < 12 && page?.status !== 429; i++) page = await logIn(guesser, account);
  assert.equal(page.status, 429);
  assert.ok(Number(page.headers['retry-after']) > 0);
  assert.match(page.errors.email, /Try again in \d+ minutes/);
  const right = await logIn(guesser, other.manager);
  assert.equal(right.status, 429, 'the right password waits as well');
  await server.time('+1000');
  assert.equal((await logIn(guesser, other.manager)).status, 303);
  await server.time('real');
});

test('operators log in to the console, staff can\'t', async () => {
  const op = server.visitor();
  assert.equal((await logIn(op, {}, '/console/login')).status, 422);
  const page = await logIn(op, console_, '/console/login');
  assert.equal(page.headers.location, '/console');
  const home = await op.visit('/console');
  assert.equal(home.status, 200);
  assert.match(home.words('main'), new RegExp(site.name));
  assert.equal((await op.getJson('/console')).json.items.length, 2);
});

test('as JSON: who it is, or a problem', async () => {
  const mary = site.visitor();
  const page = await mary.postJson('/manage/login', { email, password });
  assert.equal(page.status, 200);
  assert.deepEqual(page.json.staff, { name: 'Mary Manager', email, role: 'owner' });
  const refused = await site.visitor().postJson('/manage/login', { email, password: 'nope nope nope' });
  assert.equal(refused.status, 422);
  assert.equal(refused.json.errors[0].code, 'login_wrong');
  const closed = await site.visitor().getJson('/manage');
  assert.equal(closed.status, 403);
  assert.equal(closed.json.code, 'login_required');
});
