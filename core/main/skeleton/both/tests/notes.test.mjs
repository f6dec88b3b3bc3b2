// What the plugin does, and that all of it is gone while it is off.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';

const name = '@name@';
const path = `/x/${name}/`;
const server = await startServer();
const site = await server.createSite({ features: {} });
const other = await server.createSite({ features: {} });
const status = async (where) => (await where.visitor().get(path)).status;

async function office() {
  const visitor = site.visitor();
  const { email, password } = site.manager;
  await visitor.post('/manage/login', { form: { email, password } });
  return visitor;
}

test('off, on, off, on: pages and tab come and go, notes stay, the other site never notices', async () => {
  const mary = await office();
  assert.equal(await status(site), 404);

  await server.feature(site, name, 'on');
  const page = await site.visitor().visit(path);
  const thanked = await page.submit('Leave the note', { 'Your note': 'Bring <b>cake</b>' });
  assert.match(thanked.words('main'), /Thank you/);
  assert.match((await mary.visit('/manage')).words('nav'), /Notes/);
  assert.match((await mary.visit(`/manage${path}`)).words('main'), /Bring <b>cake<\/b>/);

  await server.feature(site, name, 'off');
  assert.equal(await status(site), 404);
  assert.equal((await mary.get(`/manage${path}`)).status, 404);
  assert.doesNotMatch((await mary.visit('/manage')).words('nav'), /Notes/);

  await server.feature(site, name, 'on');
  assert.match((await mary.visit(`/manage${path}`)).words('main'), /Bring <b>cake<\/b>/);
  assert.equal(await status(other), 404);
});

test('an empty note and one that is too long are refused beside the field', async () => {
  for (const note of ['', 'x'.repeat(201)]) {
    const page = await (await site.visitor().visit(path)).submit('Leave the note', { 'Your note': note });
    assert.equal(page.status, 422);
    assert.ok(page.errors.note);
  }
});

test('JSON and other languages get the same', async () => {
  assert.equal((await site.visitor().postJson(path, { note: 'Hello' })).status, 201);
  assert.equal((await site.visitor().getJson(path)).status, 200);
  assert.match((await site.visitor().visit(`/fr${path}`)).words('h1'), /Laissez-nous un mot/);
  assert.match((await site.visitor().visit(`/es${path}`)).words('h1'), /Déjenos una nota/);
});

test('each note is mailed to the venue', async () => {
  const mails = await server.mails({ to: site.contact.email, subject: 'A visitor left a note' });
  assert.equal(mails.length, 2);
  assert.match(mails[0].text, /Bring <b>cake<\/b>/);
  assert.match(mails[1].text, /Hello/);
});
