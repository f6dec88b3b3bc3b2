// P4, U3: a gated feature is asked for by the manager, approved or refused with a note by the
// account manager; both are told by mail, everything is dated and on record.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { eventually as until, root, startServer } from '../lib/index.mjs';
import { consoleVisitor } from '../lib/console.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const site = await server.createSite({ features: {} });
const other = await server.createSite({ features: {} });
const { visitor: olga, email } = await consoleVisitor(server);
const mary = site.visitor();
await mary.post('/manage/login', { form: site.manager });

const state = async (where = site) => (await server.sql(
  `SELECT f.state FROM feature f JOIN site USING (tenant_id) WHERE slug = $1 AND plugin = 'tenth'`, [where.slug]))[0]?.state;
const works = async (where = site) => (await where.visitor().get('/x/tenth/')).status !== 404;
const decide = async (words, note) => (await olga.visit('/console/approvals')).submit(words, note ? { note } : {});

test('U3: asking puts the feature on hold and tells the account managers', async () => {
  const consent = await (await mary.visit('/manage/features/tenth')).submit('Ask for approval', { note: 'For the winter season.' });
  assert.equal(consent.status, 409, 'what comes along is shown first');
  const page = await consent.submit('Switch all of them on');
  assert.match(page.words(), /Waiting for approval/);
  assert.equal(await state(), 'waiting');
  const mail = await server.mail({ to: email });
  assert.match(mail.subject, new RegExp(site.name));
  assert.match(mail.text, /For the winter season/);
  assert.match(mail.text, /vitrine\.localhost:\d*\/?console\/approvals|\/console\/approvals/);
  assert.equal(mail.from, 'console@vitrine.localhost');
  assert.deepEqual(await server.sql(`SELECT 1 FROM mail WHERE key = 'approval_asked'`), [], 'not among the mails of the site');
});

test('P4: the queue shows who asks, why; asking twice is one request', async () => {
  await mary.post('/manage/features/tenth/on', { json: {}, headers: { accept: 'application/json' } });
  const { json } = await olga.getJson('/console/approvals');
  assert.equal(json.items.length, 1);
  assert.equal(json.items[0].question, 'For the winter season.');
  assert.equal(json.items[0].slug, site.slug);
  assert.equal((await olga.getJson(`/console/approvals?site=${other.slug}`)).json.items.length, 0);
  const home = await olga.visit('/console');
  assert.match(home.words(), /1 request waits/);
});

test('P4: refused with a note, which the manager reads in a mail and beside the feature', async () => {
  const bare = await decide('Refuse');
  assert.equal(bare.status, 422);
  assert.ok(bare.errors.note, 'beside its field, in the same list');
  assert.equal(await state(), 'waiting');
  const done = await decide('Refuse', 'Not before your papers are in.');
  assert.match(done.words('.notices'), /was refused/);
  assert.equal(await state(), 'off');
  assert.match((await server.mail({ to: site.manager.email, subject: 'not approved' })).text, /Not before your papers/);
  await until(async () => /Not before your papers/.test((await mary.visit('/manage/features/tenth')).words()), true);
});

test('P4: approved it is on within a second, on this site alone', async () => {
  await (await (await mary.visit('/manage/features/tenth')).submit('Ask for approval')).submit('Switch all of them on');
  const done = await decide('Approve', 'Enjoy it.');
  assert.match(done.words('.notices'), /is approved and on/);
  assert.equal(await state(), 'on');
  assert.equal(await state(other), undefined);
  assert.match((await server.mail({ to: site.manager.email, subject: 'is approved' })).text, /Enjoy it/);
  const again = await olga.post(`/console/approvals/${site.slug}/tenth/approve`, { json: {}, headers: { accept: 'application/json' } });
  assert.equal(again.status, 409);
});

test('P4: what was approved may be switched off and on without asking again, until it is withdrawn', async () => {
  await server.feature(site, 'tenth', 'off');
  await server.feature(site, 'tenth', 'on');
  assert.equal(await state(), 'on');
  const page = await (await olga.visit('/console/approvals?state=approved')).submit('Withdraw', { note: 'The trial is over.' });
  assert.match(page.words('.notices'), /withdrawn/);
  assert.equal(await state(), 'off');
  assert.match((await server.mail({ to: site.manager.email, subject: 'ends' })).text, /The trial is over/);
  await server.feature(site, 'tenth', 'on');
  assert.equal(await state(), 'waiting');
});

test('P4: the manager takes a request back, and it leaves the queue', async () => {
  await server.feature(site, 'tenth', 'off');
  assert.equal(await state(), 'off');
  assert.equal((await olga.getJson('/console/approvals')).json.items.length, 0);
  assert.equal((await olga.post(`/console/approvals/${site.slug}/tenth/approve`, { json: {}, headers: { accept: 'application/json' } })).status, 200, 'an account manager may grant it unasked');
  assert.equal(await state(), 'on');
});

test('P4: what excludes each other is not approved over what is on', async () => {
  await server.feature(other, 'trouble', 'on');
  const answer = await olga.post(`/console/approvals/${other.slug}/tenth/approve`, { json: {}, headers: { accept: 'application/json' } });
  assert.equal(answer.status, 409);
  assert.equal(answer.json.code, 'approval_blocked');
  assert.equal((await olga.post(`/console/approvals/${other.slug}/nothing/approve`, { json: {}, headers: { accept: 'application/json' } })).status, 404);
});

test('P5: every step is on record, with its note', async () => {
  const rows = await server.sql(
    `SELECT actor_kind, action, after->>'note' AS note FROM audit JOIN site USING (tenant_id)
      WHERE slug = $1 AND action LIKE 'approval.%' ORDER BY audit_id`, [site.slug]);
  assert.deepEqual(rows.slice(0, 3), [
    { actor_kind: 'operator', action: 'approval.refused', note: 'Not before your papers are in.' },
    { actor_kind: 'operator', action: 'approval.approved', note: 'Enjoy it.' },
    { actor_kind: 'operator', action: 'approval.withdrawn', note: 'The trial is over.' },
  ]);
});
