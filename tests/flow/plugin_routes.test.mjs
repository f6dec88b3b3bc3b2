// Plugins' pages, forms, jobs and mails, in Lua and in C: there while the plugin is on, gone with it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const site = await server.createSite({ features: { greeter: { times: 2 }, tally: {} }, greeter: ['Ada'] });
const other = await server.createSite({ features: {} });

test('what a blueprint gives a plugin is there', async () => {
  await server.jobs();
  const page = await site.visitor().visit('/x/greeter/');
  assert.equal(page.status, 200);
  assert.match(page.words('body'), /Guest book \(en\).*Hello Hello.*Ada/s);
});

test('a page speaks the language of its address', async () => {
  const page = await site.visitor().visit('/fr/x/greeter/');
  assert.match(page.words('h1'), /Guest book \(fr\)/);
});

test('a form is checked, refused beside its field, and written once', async () => {
  const visitor = site.visitor();
  const page = await visitor.visit('/x/greeter/');
  const empty = await page.submit('Sign', { Name: '' });
  assert.equal(empty.status, 422);
  const nobody = await page.submit('Sign', { Name: 'nobody' });
  assert.equal(nobody.status, 422);
  assert.match(nobody.words('[role=alert]'), /nobody is nobody/);
  const refused = await page.submit('Sign', { Name: 'refused' });
  assert.match(refused.words('[role=alert]'), /not_welcome/);
  const twice = await page.submit('Sign', { Name: 'Ada' });
  assert.match(twice.words('[role=alert]'), /conflict/);
  const done = await page.submit('Sign', { Name: 'Grace <b>' });
  assert.equal(done.status, 200);
  assert.match(done.words('ul'), /Grace <b>/);
  const rows = await server.sql(`SELECT actor_kind, action, object_id FROM audit WHERE action = 'greeter.sign'`);
  assert.deepEqual(rows, [{ actor_kind: 'plugin', action: 'greeter.sign', object_id: 'Grace <b>' }]);
});

test('JSON gets the same', async () => {
  const visitor = site.visitor();
  const made = await visitor.postJson('/x/greeter/', { name: 'Linus' });
  assert.equal(made.status, 201);
  assert.deepEqual((await visitor.getJson('/x/greeter/')).json.names, ['Ada', 'Grace <b>', 'Linus']);
  const undeclared = await visitor.postJson('/x/greeter/', { name: 'A', role: 'owner' });
  assert.ok([400, 422].includes(undeclared.status));
});

test('a job of the unit runs and sends a mail', async () => {
  const mail = await server.mail({ to: 'ann@example.org', subject: 'Linus' });
  assert.match(mail.text, /Linus signed the book/);
});

test('a plugin in C answers too', async () => {
  const page = await site.visitor().getJson('/x/tally/letters');
  assert.deepEqual(page.json, { what: 'letters', letters: 7, site: site.slug });
});

test('methods, paths and sites that have no such page', async () => {
  const visitor = site.visitor();
  assert.equal((await visitor.post('/x/tally/letters', { form: {} })).status, 405);
  assert.equal((await visitor.get('/x/greeter/nothing')).status, 404);
  assert.equal((await visitor.get('/x/nothing/')).status, 404);
  assert.equal((await visitor.get('/manage/x/greeter/')).status, 302);
  for (const path of ['/x/greeter/', '/x/tally/letters', '/manage/x/greeter/']) {
    assert.equal((await other.visitor().get(path)).status, 404, path);
  }
});

test('a page whose plugin fails is a designed problem with a reference', async () => {
  for (const path of ['/x/greeter/raise/raise', '/x/greeter/raise/silent', '/x/greeter/raise/unknown', '/x/tally/fail']) {
    const page = await site.visitor().get(path);
    assert.equal(page.status, 503, path);
    assert.ok(page.headers.get?.('retry-after') ?? page.headers['retry-after'], path);
  }
  assert.equal((await site.visitor().get('/x/greeter/')).status, 200);
});
