// The storefront's help (T37): how to reach the account, while there is one, and what features say
// about themselves, gone with them; in each language; from every page.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { root, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer({ workers: 2, env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour()] });
const other = await server.createSite({ features, offers: [tour()] });
const topics = async (where, path = '/help') => (await where.visitor().getJson(path)).json.topics.map(({ id }) => id);
const registration = async (words) =>
  (await (await (await staff(site)).visit('/manage/channels')).click('Web')).submit('Save', { 'User registration': words });

test('T37: every page leads to the help; without a login it is about bookings and whom to ask', async () => {
  const page = await (await site.visitor().visit('/offers')).click('Help');
  assert.equal(page.url.pathname, '/help');
  assert.deepEqual(await topics(site), ['booking', 'contact']);
  assert.doesNotMatch(page.words('main'), /your account/i);
});

test('T37: with a login it says how to reach the account, and leads there; the other site says nothing', async () => {
  await registration('Guest and login purchases');
  await eventually(() => topics(site), ['account', 'booking', 'contact'], 2000);
  const page = await site.visitor().visit('/help');
  assert.match(page.words('main'), /Reaching your account.*password.*passkey.*code that we send/);
  const main = page.all('main a').map((a) => a.getAttribute('href'));
  assert.deepEqual(main.slice(0, 2), ['/account/login', '/account/register']);
  for (const path of main.slice(0, 2)) assert.equal((await site.visitor().get(path)).status, 200, path);
  assert.match((await site.visitor().visit('/fr/help')).words('main'), /Accéder à votre compte.*« Se connecter »/);
  assert.match((await site.visitor().visit('/es/help')).words('main'), /Entrar en tu cuenta/);
  assert.deepEqual(await topics(other), ['booking', 'contact']);
});

test('T37: what a feature says comes and goes with it, on every worker; its text runs nothing', async () => {
  for (const state of ['on', 'off', 'on']) {
    await server.feature(site, 'greeter', state);
    await eventually(async () => (await topics(site)).includes('greeter'), state === 'on', 3000);
  }
  const page = await site.visitor().visit('/help');
  assert.match(page.words('main'), /The guest book Sign it once/);
  assert.doesNotMatch(page.text, /<script>alert/);
  assert.equal((await topics(other)).includes('greeter'), false);
  await server.feature(site, 'guest-login', 'off');
  await eventually(async () => (await topics(site)).includes('account'), false, 3000);
});
