// P5: operators see where they are logged in, end sessions, and change their password.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { consoleVisitor } from '../lib/console.mjs';

const server = await startServer();
const { visitor: desk, email, password } = await consoleVisitor(server);
const phone = server.visitor();
await phone.post('/console/login', { form: { email, password } });

test('P5: sessions are listed and ended one by one, one’s own only', async () => {
  const { json } = await desk.getJson('/console/account');
  assert.equal(json.sessions.length, 2);
  const { visitor: otto } = await consoleVisitor(server, 'otto@platform.example');
  const there = json.sessions.find(({ current }) => !current);
  await otto.postJson(there.end_url, {});
  assert.equal((await phone.get('/console')).status, 200, 'nobody else ends it');
  await (await desk.visit('/console/account')).submit('End');
  assert.equal((await phone.get('/console')).status, 302);
  assert.equal((await desk.get('/console')).status, 200);
});

test('P5: the password is changed with the one that one has, and others are logged out', async () => {
  await phone.post('/console/login', { form: { email, password } });
  let page = await (await desk.visit('/console/account')).submit('Change it', { current: 'not this one', fresh: 'a lantern in the fog' });
  assert.equal(page.status, 422);
  assert.match(page.errors.current, /isn’t the password/);
  page = await page.submit('Change it', { current: password, fresh: '1234567890' });
  assert.equal(page.status, 422);
  page = await page.submit('Change it', { current: password, fresh: 'a lantern in the fog' });
  assert.match(page.words('.notices'), /password is changed/);
  assert.match(page.words('#history'), /changed the password.*ended a session/);
  assert.equal((await phone.get('/console')).status, 302);
  assert.equal((await phone.post('/console/login', { form: { email, password } })).status, 422);
  assert.equal((await phone.post('/console/login', { form: { email, password: 'a lantern in the fog' } })).status, 303);
});

test('P5: another language for mails is on record, with the one before', async () => {
  for (const language of ['es', 'fr']) assert.equal((await desk.postJson('/console/account/language', { language })).status, 200);
  const [last] = await server.sql(
    `SELECT actor_name, before, after FROM audit WHERE action = 'operator.language' ORDER BY audit_id DESC LIMIT 1`);
  assert.deepEqual([last.before, last.after], [{ language: 'es' }, { language: 'fr' }]);
  assert.ok(last.actor_name);
  assert.match((await desk.visit('/console/account')).words('#history'), /chose another language for mails.*es.*fr/s);
});
