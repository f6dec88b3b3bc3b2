// P9: an account manager configures sites: one value on one site or on all that fit, a set-up copied
// to another, looked at before it happens and taken back after.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { turnFeature } from '../lib/feature.mjs';
import { root, startServer } from '../lib/index.mjs';
import { consoleVisitor } from '../lib/console.mjs';
import { staff } from '../lib/office.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const features = { coupons: {}, 'pay-at-venue': {} };
const site = await server.createSite({ name: 'Harbour House', features });
const other = await server.createSite({ name: 'Castle Baths', features: { 'pay-at-venue': {} } });
const third = await server.createSite({ name: 'Dome Club', features: {} });
const { visitor: olga } = await consoleVisitor(server);

const setup = async (of) => Object.fromEntries((await olga.getJson(`/console/sites/${of.slug}/setup`)).json.sections
  .flatMap(({ lines }) => lines).map(({ path, value }) => [path, value]));
const settle = async (of, path, value) => {
  for (let i = 0; i < 50 && (await setup(of))[path] !== value; i++) await new Promise((done) => setTimeout(done, 50));
  assert.equal((await setup(of))[path], value, `${of.slug} ${path}`);
};
const change = (id) => olga.getJson(`/console/changes/${id}`).then(({ json }) => json);

test('P9: a set-up is data: plan, features with settings, colours, channels', async () => {
  const all = await setup(site);
  assert.equal(all.plan, 'standard');
  assert.equal(all['features/coupons'], 'on');
  assert.equal(all['features/greeter/times'], 1);
  assert.match(all['branding/brand'], /^#/);
  assert.equal(all['channels/web/name'], 'Web');
});

test('P9: one value on one site is previewed, applied and undone', async () => {
  let page = await (await olga.visit(`/console/sites/${site.slug}/setup`)).click('Change Brand colour');
  page = await page.submit('See what differs', { value: '#aa3322' });
  assert.match(page.words('main'), /Nothing has happened yet.*Brand colour.*#aa3322/);
  assert.notEqual((await setup(site))['branding/brand'], '#aa3322');
  const before = (await setup(site))['branding/brand'];
  page = await page.submit('Apply to 1 site');
  await server.jobs();
  await settle(site, 'branding/brand', '#aa3322');
  page = await olga.visit(page.url);
  assert.match(page.words('main'), /1 changed/);
  assert.match(page.words('#history'), /applied the change/);
  await page.submit('Undo');
  await server.jobs();
  await settle(site, 'branding/brand', before);
  assert.match((await olga.visit(page.url)).words('main'), /1 undone/);
});

test('P9: plan and feature are chosen by their names, never typed', async () => {
  const page = await olga.visit('/fr/console/changes/new?path=branding/fonts&feature=coupons');
  const options = (id) => [...page.document.querySelectorAll(`#${id} option`)].map((one) => [one.getAttribute('value'), one.textContent]);
  assert.deepEqual(options('plan').slice(0, 2), [['', 'Toutes les formules'], ['standard', 'Standard']]);
  const features = new Map(options('feature'));
  assert.equal(features.get('coupons'), 'Codes promo');
  assert.equal(page.document.querySelector('#feature option[selected]').getAttribute('value'), 'coupons');
});

test('P9: a value that does not fit is refused beside its field', async () => {
  const page = await (await olga.visit('/console/changes/new?path=branding/brand')).submit('See what differs', { value: 'reddish' });
  assert.equal(page.status, 422);
  assert.match(page.errors.value, /colour such as #0f766e/);
  const number = await (await olga.visit('/console/changes/new?path=features/greeter/times')).submit('See what differs', { value: 'many' });
  assert.match(number.errors.value, /whole number/);
  for (const [path, value] of [['nothing', '1'], ['features/none', 'on'], ['plan', 'none'], ['features/greeter/times', 'many'], ['branding/hero', 'x']]) {
    assert.equal((await olga.postJson('/console/changes', { path, value })).status, 422, path);
  }
});

test('P9: paths and values are in words, amounts in each site’s currency', async () => {
  const page = await olga.visit('/fr/console/changes/new?path=branding/fonts');
  const labels = page.all('#path option').map((option) => option.textContent);
  assert.deepEqual(labels.filter((label) => /·\s*$|\{|_/.test(label)), []);
  assert.ok(labels.includes('Codes promo'));
  assert.deepEqual(page.all('#value option').map((option) => option.textContent.split(' ')[0]), ['Éditorial', 'Grotesque', 'Humaniste', 'Affiche']);
  const lines = (await olga.getJson(`/console/sites/${site.slug}/setup`)).json.sections.flatMap((section) => section.lines);
  const will = (path) => lines.find((line) => line.path === path).will;
  assert.deepEqual(lines.filter(({ path_text }) => /·\s*$/.test(path_text)), []);
  assert.equal(will('plan'), 'Standard');
  assert.equal(will('features/pay-at-venue/most'), '€0.00');
  const { id } = (await olga.postJson('/console/changes', { path: 'features/pay-at-venue/most', value: '12500', site: site.slug })).json;
  const preview = await olga.visit(`/console/changes/${id}`);
  assert.match(preview.words('main'), /Highest total: €0\.00 → €125\.00/);
});

test('P9: one change on many sites has a result for each', async () => {
  await server.feature(third, 'trouble', 'on');
  const { json: { id } } = await olga.postJson('/console/changes', { path: 'features/tenth', value: 'on', title: 'Winter' });
  const draft = await change(id);
  assert.equal(draft.change.sites, 3);
  assert.equal(draft.change.is_draft, true);
  assert.equal((await olga.postJson(`/console/changes/${id}/apply`, {})).status, 201);
  await server.jobs();
  const done = await change(id);
  assert.deepEqual([done.change.done, done.change.failed, done.change.waiting], [2, 1, 0]);
  const refused = done.items.find(({ slug }) => slug === third.slug);
  assert.equal(refused.why, 'conflicts');
  await settle(other, 'features/tenth', 'on');
  await settle(third, 'features/tenth', 'off');
  assert.equal((await olga.postJson(`/console/changes/${id}/apply`, {})).status, 409, 'once');
  assert.equal((await olga.postJson(`/console/changes/${id}/undo`, {})).status, 201);
  await server.jobs();
  await settle(site, 'features/tenth', 'off');
  const [row] = await server.sql(`SELECT count(*)::int AS n FROM audit WHERE action IN ('rollout.apply', 'rollout.undo')`);
  assert.equal(row.n, 4);
});

test('P9: a set-up is copied to another site, what belongs to one venue stays', async () => {
  const page = await (await olga.visit(`/console/sites/${site.slug}/setup`)).submit('See what differs', { target: other.slug, plan: false });
  assert.match(page.words('main'), /Set-up of Harbour House.*Castle Baths/);
  const [{ texts, contact }] = await server.sql('SELECT texts, contact FROM site WHERE slug = $1', [other.slug]);
  await page.submit('Apply to 1 site');
  await server.jobs();
  await settle(other, 'features/coupons', 'on');
  const [after] = await server.sql('SELECT name, texts, contact FROM site WHERE slug = $1', [other.slug]);
  assert.deepEqual(after, { name: 'Castle Baths', texts, contact });
  const self = await (await olga.visit(`/console/sites/${site.slug}/setup`)).submit('See what differs', { target: site.slug });
  assert.equal(self.status, 422);
});

test('P9: what a channel sells is part of a set-up; what a venue chose itself stays', async () => {
  assert.equal((await setup(other))['channels/phone/sells'], 'everything');
  const { json: { id } } = await olga.postJson('/console/changes', { path: 'channels/phone/sells', value: 'nothing', site: other.slug });
  await olga.postJson(`/console/changes/${id}/apply`, {});
  await server.jobs();
  await settle(other, 'channels/phone/sells', 'nothing');
  assert.equal((await setup(third))['channels/phone/sells'], 'everything');
  await olga.postJson(`/console/changes/${id}/undo`, {});
  await server.jobs();
  await settle(other, 'channels/phone/sells', 'everything');
  await server.sql(`UPDATE profile SET from_date = '2026-12-01' FROM site, channel
    WHERE site.slug = $1 AND channel.tenant_id = site.tenant_id AND channel.kind = 'phone'
      AND profile.tenant_id = channel.tenant_id AND profile.channel_id = channel.channel_id`, [other.slug]);
  await settle(other, 'channels/phone/sells', 'chosen');
  const again = (await olga.postJson('/console/changes', { path: 'channels/phone/sells', value: 'reservations', site: other.slug })).json.id;
  await olga.postJson(`/console/changes/${again}/apply`, {});
  await server.jobs();
  assert.equal((await change(again)).items[0].why, 'own');
  assert.equal((await olga.postJson('/console/changes', { path: 'channels/phone/sells', value: 'chosen' })).status, 422);
});

test('P9: who may buy on the web is part of a set-up: previewed, applied, copied, undone', async () => {
  const path = 'channels/web/registration';
  const stored = async (of) => (await server.sql(
    `SELECT c.settings->>'registration' AS registration, c.version::int FROM channel c JOIN site USING (tenant_id) WHERE slug = $1 AND c.kind = 'web'`, [of.slug]))[0];
  const logIn = async (of) => (await of.visitor().get('/account/login')).status;
  assert.equal((await setup(site))[path], 'guest');
  assert.equal((await setup(site))['channels/phone/registration'], undefined, 'nobody logs in on the phone');
  assert.equal((await olga.postJson('/console/changes', { path, value: 'members' })).status, 422);
  assert.equal((await olga.postJson('/console/changes', { path: 'channels/phone/registration', value: 'both' })).status, 422);
  await turnFeature(server, site, 'guest-login', 'on');
  let page = await (await olga.visit(`/console/sites/${site.slug}/setup`)).click('Change Web channel, who may buy');
  assert.deepEqual(page.all('#value option').map((option) => option.textContent), ['Guest purchases', 'Guest and login purchases', 'Login purchases']);
  page = await page.submit('See what differs', { value: 'both' });
  assert.match(page.words('main'), /Nothing has happened yet.*Web channel, who may buy: Guest purchases → Guest and login purchases/);
  assert.equal((await setup(site))[path], 'guest');
  const { version } = await stored(site);
  page = await page.submit('Apply to 1 site');
  await server.jobs();
  await settle(site, path, 'both');
  assert.deepEqual(await stored(site), { registration: 'both', version: version + 1 }, 'who has the channel’s page open sees a conflict');
  for (let i = 0; i < 40 && (await logIn(site)) !== 200; i++) await new Promise((done) => setTimeout(done, 50));
  assert.equal(await logIn(site), 200);

  const copy = await (await olga.visit(`/console/sites/${site.slug}/setup`))
    .submit('See what differs', { target: third.slug, plan: false, features: false, branding: false });
  assert.match(copy.words('main'), /who may buy/);
  await copy.submit('Apply to 1 site');
  await server.jobs();
  await settle(third, path, 'both');
  assert.equal((await setup(other))[path], 'guest', 'another site notices nothing');
  for (const [at, of] of [[copy.url, third], [page.url, site]]) {
    await (await olga.visit(at)).submit('Undo');
    await server.jobs();
    await settle(of, path, 'guest');
  }
});

test('P9: taking back leaves what somebody changed meanwhile, and waits until all is done', async () => {
  const { json: { id } } = await olga.postJson('/console/changes', { path: 'branding/accent', value: '#224466', plan: 'standard' });
  await olga.postJson(`/console/changes/${id}/apply`, {});
  assert.equal((await olga.postJson(`/console/changes/${id}/undo`, {})).status, 409, 'still on its way');
  await server.jobs();
  const later = (await olga.postJson('/console/changes', { path: 'branding/accent', value: '#660022', site: other.slug })).json.id;
  await olga.postJson(`/console/changes/${later}/apply`, {});
  await server.jobs();
  assert.equal((await olga.postJson(`/console/changes/${id}/undo`, {})).status, 201);
  await server.jobs();
  const { items } = await change(id);
  assert.equal(items.find(({ slug }) => slug === other.slug).why, 'newer');
  assert.equal((await setup(other))['branding/accent'], '#660022');
  assert.notEqual((await setup(site))['branding/accent'], '#224466');
});

test('P9: a suspended site follows, one that was closed meanwhile stays as it is', async () => {
  const states = { [other.slug]: 'suspended', [third.slug]: 'closed' };
  await olga.postJson(`/console/sites/${other.slug}/suspend`, { reason: 'Unpaid since March.' });
  const { json: { id } } = await olga.postJson('/console/changes', { path: 'branding/corners', value: 'sharp' });
  await olga.postJson(`/console/sites/${third.slug}/close`, { typed: third.slug });
  await olga.postJson(`/console/changes/${id}/apply`, {});
  await server.jobs();
  const { items } = await change(id);
  assert.equal(items.find(({ slug }) => slug === third.slug).why, 'closed', JSON.stringify(states));
  assert.notEqual((await setup(third))['branding/corners'], 'sharp');
  await settle(other, 'branding/corners', 'sharp');
  assert.equal((await other.visitor().get('/')).status, 503, 'and is still suspended');
  for (const { slug } of [other, third]) await olga.postJson(`/console/sites/${slug}/resume`, {});
});

test('P4: plans entitle features, gated ones too, and leave others out', async () => {
  const { visitor: otto } = await consoleVisitor(server, 'otto@platform.example', 'operator');
  assert.equal((await olga.postJson('/console/plans', { name: 'small', title: 'Small' })).status, 403);
  assert.equal((await otto.postJson('/console/plans', { name: 'small', title: 'Small' })).status, 200);
  assert.equal((await otto.postJson('/console/plans', { name: 'small', title: 'Again' })).status, 422);
  const saved = await otto.postJson('/console/plans/small', { title: 'Small', everything: false, feature: { tenth: '1', tally: '1', greeter: '1' }, version: 1 });
  const [changed, made] = (await olga.getJson('/fr/console/plans')).json.history.entries;
  assert.deepEqual([changed.action_text, changed.object], ['a modifié la formule', 'Small']);
  assert.deepEqual(changed.changes.map(({ field }) => field), ['Tout ce qui ne demande pas d’approbation', 'En plus']);
  assert.match(changed.changes[1].after, /Accueil/);
  assert.equal(made.action_text, 'a ajouté la formule');
  assert.equal(saved.status, 200, saved.text);
  assert.equal((await otto.postJson('/console/plans/small', { title: 'Stale', version: 1 })).status, 409);
  await server.feature(third, 'trouble', 'off');
  assert.match((await (await olga.visit(`/console/sites/${third.slug}`)).submit('Change the plan', { plan: 'small' })).words('.notices'), /has the plan/);
  const [{ before }] = await server.sql(`SELECT before FROM audit WHERE action = 'plan.change' AND object_id = 'small'`);
  assert.deepEqual([before.everything, before.features], [true, []], 'what it was is on record');
  await assert.rejects(server.vitrine('feature', third.slug, 'coupons', 'on'), ({ stderr }) => /leaves out/.test(stderr));
  await server.feature(third, 'tenth', 'on');
  await settle(third, 'features/tenth', 'on');
  assert.equal((await otto.postJson('/console/plans/small/remove', {})).status, 409, 'a site has it');
});

test('P9: the venue sees what the console changed: who has the page open, its versions, its history', async () => {
  const venue = await server.createSite({ name: 'Quiet Harbour', languages: ['en', 'fr', 'es'] });
  const vera = await staff(venue);
  const roll = async (path, value) => {
    const { json, status, text } = await olga.postJson('/console/changes', { path, value, site: venue.slug });
    assert.equal(status, 201, text);
    assert.equal((await olga.postJson(`/console/changes/${json.id}/apply`, {})).status, 201);
    await server.jobs();
    await settle(venue, path, value);
  };
  const { items: channels } = (await vera.getJson('/manage/channels')).json;
  const web = channels.find(({ kind }) => kind === 'web');
  const [form, channelForm] = [await vera.visit('/manage/branding'), (await vera.getJson(`/manage/channels/${web.channel_id}`)).json];
  const versions = async () => Number((await server.sql(
    `SELECT count(*) AS n FROM edition JOIN site USING (tenant_id) WHERE slug = $1 AND subject = 'branding'`, [venue.slug]))[0].n);
  assert.equal(await versions(), 0);
  await roll('branding/brand', '#aa3322');
  await roll('channels/web/name', 'Our shop');
  await roll('channels/web/registration', 'both');

  assert.equal(await versions(), 2, 'as it was, and as it is');
  const late = await form.submit('Save', { 'Accent colour': '#123456' });
  assert.equal(late.status, 409, 'a form opened before overwrites nothing');
  assert.match(late.words('.conflict'), /#aa3322/);
  const page = await vera.visit('/manage/branding');
  assert.match(page.words('#history'), /Olga.*changed the look.*Brand colour.*#aa3322/s);
  assert.match(page.words('main'), /Olga/);
  const back = await vera.postJson('/manage/branding/restore/0', {});
  assert.equal(back.status, 200, 'the venue can take it back');

  const blind = await vera.postJson(`/manage/channels/${web.channel_id}/profiles/new`, { name: 'Mine', mode: 'sale', every_offer: true, version: channelForm.version });
  assert.equal(blind.status, 409, 'nor does a channel’s form');
  const history = (await vera.visit(`/manage/channels/${web.channel_id}`)).words('#history');
  assert.match(history, /Olga.*changed the set-up.*User registration.*Guest purchases.*Guest and login purchases/s);
  assert.match(history, /Name.*Web.*Our shop/s);
  await roll('channels/web/sells', 'reservations');
  assert.match((await vera.visit(`/manage/channels/${web.channel_id}`)).words('#history'), /Sells.*Everything to reserve/s);
});
