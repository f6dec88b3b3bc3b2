// P2: the words of the mails that a feature sends: on and off, edited by language, previewed with
// sample values, back to the built-in ones.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const site = await server.createSite({ features: { greeter: {} }, greeter: [] });
const path = '/manage/features/greeter/notifications/thanks';

const mary = site.visitor();
await mary.post('/manage/login', { form: { email: site.manager.email, password: site.manager.password } });
const sign = async (name, address = '/x/greeter/') =>
  (await site.visitor().visit(address)).submit('Sign', { Name: name });

test('P2: it lists its variables with samples, and previews each language with them', async () => {
  const page = await mary.visit(path);
  assert.equal(page.status, 200);
  assert.match(page.words('.variables'), /\{\{name\}\}\s*Ann/);
  assert.equal(page.all('.letter').length, 3);
  assert.equal(page.words('.letter__subject'), 'Thank you, Ann');
});

test('P2: built-in words are sent until the venue writes its own', async () => {
  await sign('Grace');
  const mail = await server.mail({ to: 'ann@example.org' });
  assert.equal(mail.subject, 'Thank you, Grace');
  assert.match(mail.text, /Grace signed the book/);
});

test('P2: own words hold at once, a value brings neither HTML nor Markdown', async () => {
  const page = await mary.visit(path);
  const saved = await page.submit('Save', {
    subject_en: 'So glad, {{name}}', body_en: '**{{name}}** was at {{site.name}}.',
  });
  assert.match(saved.words('.notice'), /Saved/);
  await sign('<b>[x](http://e.vil)');
  const mail = await server.mail({ subject: 'So glad' });
  assert.equal(mail.subject, 'So glad, <b>[x](http://e.vil)');
  assert.match(mail.html, /<strong>&lt;b&gt;\[x\]\(http:\/\/e\.vil\)<\/strong>/);
  assert.doesNotMatch(mail.html, /href="http:\/\/e\.vil/);
});

test('P2: an unknown variable is named beside the field, and nothing typed is lost', async () => {
  const page = await mary.visit(path);
  const wrong = await page.submit('Save', { subject_fr: 'Merci {{nom}}', body_fr: 'Bonjour {{> secret}}' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.subject_fr, /“nom”/);
  assert.match(wrong.errors.body_fr, /“> secret”/);
  assert.match(wrong.text, /Merci \{\{nom\}\}/);
  const open = await wrong.submit('Save', { subject_fr: 'Merci {{name', body_fr: 'Bonjour {{#name}}' });
  assert.equal(open.status, 422);
  assert.match(open.errors.subject_fr, /Two braces/);
  assert.match(open.errors.body_fr, /never closed/);
});

test('P2: a preview saves nothing and escapes HTML', async () => {
  const page = await mary.visit(path);
  const look = await page.submit('Preview', { subject_es: 'Hola {{name}}', body_es: '<script>alert(1)</script> *{{name}}*' });
  assert.equal(look.status, 200);
  assert.match(look.words('main'), /Hola Ann/);
  assert.doesNotMatch(look.text, /<script>alert/);
  const [{ texts }] = await server.sql('SELECT texts::text FROM notification');
  assert.doesNotMatch(texts, /Hola/);
});

test('P2: two people editing: the later one is told, nothing is lost', async () => {
  const [mine, theirs] = [await mary.visit(path), await mary.visit(path)];
  await theirs.submit('Save', { subject_en: 'Theirs, {{name}}' });
  const late = await mine.submit('Save', { subject_en: 'Mine, {{name}}' });
  assert.equal(late.status, 409);
  assert.match(late.words('.notice'), /Somebody else saved/);
  assert.match(late.text, /Mine, \{\{name\}\}/);
  const saved = await late.submit('Save');
  assert.equal(saved.status, 200);
  const [{ texts }] = await server.sql('SELECT texts::text FROM notification');
  assert.match(texts, /Mine/);
});

test('P2: back to the built-in words', async () => {
  const page = await mary.visit(path);
  await page.submit('Back to the built-in words');
  const [{ texts }] = await server.sql('SELECT texts::text FROM notification');
  assert.equal(texts, '{}');
  await sign('Hedy');
  assert.equal((await server.mail({ to: 'ann@example.org' })).subject, 'Thank you, Hedy');
});

test('P2: switched off, it is not sent', async () => {
  await (await mary.visit(path)).submit('Save', { 'Send this mail': false });
  const before = (await server.mails()).length;
  await sign('Nobody at all');
  assert.equal((await server.mails()).length, before);
});

test('as JSON, and on record', async () => {
  const { seen } = (await mary.getJson(path)).json.notification;
  const saved = await mary.postJson(path, { do: 'save', seen, enabled: true, subject: { en: 'Hi {{name}}' } });
  assert.equal(saved.status, 200);
  const { json } = await mary.getJson(path);
  assert.equal(json.notification.enabled, true);
  assert.equal(json.texts.find(({ code }) => code === 'en').subject, 'Hi {{name}}');
  assert.equal(json.variables[0].sample, 'Ann');
  const rows = await server.sql("SELECT actor_name FROM audit WHERE action = 'notification.change'");
  assert.ok(rows.length >= 5);
  assert.ok(rows.every(({ actor_name }) => actor_name === 'Mary Manager'));
  assert.equal((await mary.getJson('/manage/features/greeter/notifications/nothing')).status, 404);
});
