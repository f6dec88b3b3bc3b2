// P4: an account manager sets a site up for a venue: address, kind, plan, language; the owner comes in by
// an invitation and chooses a password that nobody else ever knows.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { eventually as until, startServer } from '../lib/index.mjs';

const server = await startServer();
await server.createSite({ slug: 'castle' });
const { visitor: olga } = await consoleVisitor(server);
const { visitor: otto } = await consoleVisitor(server, 'otto@platform.example', 'operator');
await otto.postJson('/console/plans', { name: 'small', title: 'Small' });

const good = {
  venue_name: 'Thermes du Lac', slug: 'thermes-du-lac', kind: 'spa', owner_email: 'claire@thermes.example',
  language: 'fr', time_zone: 'Europe/Zurich', plan: 'small',
};
const count = async (slug) => Number((await server.sql('SELECT count(*) FROM site WHERE slug = $1', [slug]))[0].count);
const pathOf = (mail) => {
  const { pathname, search } = new URL(mail.text.match(/http:\S+/)[0]);
  return pathname + search;
};

test('P4: one form, and the site is there in practice mode, its owner invited in the site’s language', async () => {
  const form = await (await olga.visit('/console')).click('New site');
  assert.equal(form.url.pathname, '/console/create');
  const page = await form.submit('Create the site and invite its owner', good);
  assert.equal(page.url.pathname, '/console/sites/thermes-du-lac');
  assert.match(page.words('.notices'), /Thermes du Lac is there/);
  assert.match(page.words('main'), /claire@thermes\.example is invited until/);
  const [site] = await server.sql(
    'SELECT plan, kind, practice, currency, time_zone, array_to_json(languages) AS languages FROM site WHERE slug = $1', [good.slug]);
  assert.deepEqual([site.plan, site.kind, site.currency, site.time_zone], ['small', 'spa', 'CHF', 'Europe/Zurich']);
  assert.deepEqual(site.languages, ['fr', 'en', 'es']);
  assert.ok([true, 't'].includes(site.practice));
  const home = await server.visitor(good.slug).visit('/');
  assert.equal(home.status, 200);
  assert.equal(home.document.documentElement.lang, 'fr');
});

test('P4, P5: the owner follows the link, chooses a password alone, and owns the site', async () => {
  const staff = await server.sql('SELECT 1 FROM staff JOIN site USING (tenant_id) WHERE slug = $1', [good.slug]);
  assert.deepEqual(staff, [], 'nobody has a password before');
  const mail = await server.mail({ to: good.owner_email });
  assert.match(mail.subject, /Olga/);
  const claire = server.visitor(good.slug);
  const page = await claire.visit(pathOf(mail));
  const weak = await page.submit('Commencer', { 'Votre nom': 'Claire', 'Nouveau mot de passe': 'aaaaaaaaaaaa' });
  assert.equal(weak.status, 422);
  const office = await weak.submit('Commencer', { 'Votre nom': 'Claire', 'Nouveau mot de passe': 'vapeur et galets ronds' });
  assert.equal(office.url.pathname, '/manage');
  assert.equal((await claire.get('/manage/staff')).status, 200);
  assert.equal((await server.visitor(good.slug).get(pathOf(mail))).status, 410, 'once');
  const site = await olga.visit(`/console/sites/${good.slug}`);
  assert.match(site.words('main'), /Claire/);
  assert.equal(site.all('#invite-title').length, 0);
  assert.equal((await olga.postJson(`/console/sites/${good.slug}/invite`, { owner_email: 'other@thermes.example' })).status, 409, 'it has an owner');
});

test('P5: who set it up for whom stands in the site’s record', async () => {
  const [row] = await server.sql(
    `SELECT actor_kind, actor_name, before, after FROM audit JOIN site USING (tenant_id) WHERE slug = $1 AND action = 'site.create'`, [good.slug]);
  assert.deepEqual(row, { actor_kind: 'operator', actor_name: 'Olga', before: null, after: {
    name: good.venue_name, slug: good.slug, kind: 'spa', plan: 'small', email: good.owner_email } });
  assert.match((await olga.visit(`/console/sites/${good.slug}`)).words('#history'), /Olga set up the site/);
});

test('P4: what is wrong stands beside its field, nothing typed is lost, nothing is made', async () => {
  const page = await olga.visit('/console/create');
  const refused = await page.submit('Create the site and invite its owner', {
    venue_name: 'x', slug: '-No-', kind: '', owner_email: 'nobody', currency: 'QQQ' });
  assert.equal(refused.status, 422);
  assert.deepEqual(Object.keys(refused.errors), ['venue_name', 'slug', 'kind', 'owner_email', 'currency']);
  assert.match(refused.text, /value="nobody"/);
  const key = page.document.querySelector('[name=once]').value;
  assert.equal(refused.document.querySelector('[name=once]').value, key, 'still the same form');
  for (const [fields, field] of [
    [{ slug: 'castle' }, 'slug'], [{ slug: 'cast1e' }, 'slug'], [{ slug: 'admin' }, 'slug'], [{ slug: 'console' }, 'slug'],
    [{ kind: 'casino' }, 'kind'], [{ plan: 'huge' }, 'plan'], [{ time_zone: 'Mars/Base' }, 'time_zone'],
    [{ time_zone: '../../etc/passwd' }, 'time_zone'], [{ language: 'de' }, 'language'], [{ owner_email: 'a@b@c' }, 'owner_email'],
    [{ venue_name: 'x'.repeat(81) }, 'venue_name'], [{ currency: 'EU' }, 'currency'],
  ]) {
    const answer = await olga.postJson('/console/create', { ...good, slug: 'never-made', ...fields });
    assert.equal(answer.status, 422, JSON.stringify(fields));
    assert.deepEqual(answer.json.errors.map((e) => e.field), [field], JSON.stringify(fields));
  }
  assert.equal(await count('never-made'), 0);
});

test('P4: whether an address is free is said before the form is sent', async () => {
  const ask = async (query) => (await olga.getJson(`/console/create/address?${query}`)).json;
  assert.equal((await ask('slug=quite-free')).free, true);
  const taken = await ask('slug=castle&venue_name=Castle%20Baths&kind=spa');
  assert.equal(taken.free, false);
  assert.match(taken.text, /taken.*castle-baths/);
  assert.equal((await server.visitor().getJson('/console/create/address?slug=castle')).status, 403);
});

test('P4: sent twice, one after the other or at once, one site is made; another form’s address is taken', async () => {
  const form = await olga.visit('/console/create');
  const once = { ...good, slug: 'double-click', venue_name: 'Double' };
  const first = await form.submit('Create the site and invite its owner', once);
  const second = await form.submit('Create the site and invite its owner', once);
  for (const page of [first, second]) assert.equal(page.url.pathname, '/console/sites/double-click');
  assert.equal((await server.mails({ to: good.owner_email, subject: 'Double' })).length, 1);

  const key = { ...good, slug: 'at-once', venue_name: 'At once', once: 'one-key-for-both' };
  const answers = await Promise.all([1, 2, 3].map(() => olga.postJson('/console/create', key)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 201]);
  assert.equal(await count('at-once'), 1);
  assert.equal((await otto.postJson('/console/create', key)).status, 422, 'the key is its sender’s own');
  assert.equal((await olga.postJson('/console/create', { ...key, once: 'another' })).status, 422);
  const [{ n }] = await server.sql(
    `SELECT count(*)::int AS n FROM audit JOIN site USING (tenant_id) WHERE slug = 'at-once' AND action = 'site.create'`);
  assert.equal(n, 1);
});

test('P4: a wrong address of the owner is put right; the earlier link leads nowhere', async () => {
  const old = pathOf(await server.mail({ to: good.owner_email, subject: 'Double' }));
  const page = await olga.visit('/console/sites/double-click');
  const bad = await page.submit('Send the invitation', { owner_email: 'nobody' });
  assert.equal(bad.status, 422);
  assert.ok(bad.errors.owner_email);
  const done = await bad.submit('Send the invitation', { owner_email: 'dora@double.example' });
  assert.match(done.words('.notices'), /on its way/);
  assert.match(done.words('main'), /dora@double\.example is invited/);
  const visitor = server.visitor('double-click');
  assert.equal((await visitor.get(old)).status, 410);
  const fresh = pathOf(await server.mail({ to: 'dora@double.example' }));
  assert.equal((await visitor.get(fresh)).status, 200);
  assert.equal((await server.visitor('at-once').get(fresh)).status, 410, 'on another site');
  await server.time(`+${8 * 86400}`);
  assert.equal((await visitor.get(fresh)).status, 410);
  const { visitor: later } = await consoleVisitor(server);
  assert.match((await later.visit('/console/sites/double-click')).words('main'), /has run out/);
  await server.time('real');
  await olga.post('/console/login', { form: { email: 'olga@platform.example', password: 'lighthouse at noon' } });
});

test('P4: what an owner sent who is removed meanwhile leads nowhere', async () => {
  const site = await server.createSite({ slug: 'abbey' });
  const mary = site.visitor();
  await mary.post('/manage/login', { form: site.manager });
  const join = async (email, role) => {
    await mary.postJson('/manage/staff/invite', { email, role });
    const visitor = site.visitor();
    const page = await visitor.visit(pathOf(await server.mail({ to: email })));
    await page.submit('Start', { 'Your name': email, 'New password': 'lighthouse at noon' });
    return visitor;
  };
  const leaving = await join('leaving@abbey.example', 'owner');
  assert.equal((await leaving.postJson('/manage/staff/invite', { email: 'back-door@abbey.example', role: 'owner' })).status, 200);
  const link = pathOf(await server.mail({ to: 'back-door@abbey.example' }));
  assert.equal((await site.visitor().get(link)).status, 200);
  const { items: members } = (await mary.getJson('/manage/staff')).json;
  const { staff_id } = members.find(({ email }) => email === 'leaving@abbey.example');
  assert.equal((await mary.postJson(`/manage/staff/${staff_id}/remove`, { typed: 'leaving@abbey.example' })).status, 200);
  assert.equal((await site.visitor().get(link)).status, 410);
  await until(async () => (await leaving.get('/manage')).status, 302);
});
