// /api/openapi.json: made from the routes, whole, without errors for Redocly's linter, and what the
// pages answer as JSON has no field that it doesn't name.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Description } from '../lib/described.mjs';
import { startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ features: { coupons: {}, 'pay-at-venue': {}, 'self-cancel': {} } });
const of = async (visitor) => (await visitor.getJson('/api/openapi.json')).json;
const [onSite, onPlatform] = [await of(site.visitor()), await of(server.visitor())];
const whole = { site: JSON.parse(await server.vitrine('openapi', 'site')), platform: JSON.parse(await server.vitrine('openapi', 'platform')) };

const operations = (document) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })));

test('every route of the program is described, with a summary and what it answers', async () => {
  const named = new Set([...operations(whole.site), ...operations(whole.platform)].map(({ name }) => name));
  const routes = JSON.parse(await server.vitrine('routes')).map(({ method, path }) => `${method} ${path.replace(/\*$/, '{rest}')}`);
  assert.deepEqual(routes.filter((name) => !named.has(name)), [], 'without words in an api.json');
  for (const operation of [...operations(whole.site), ...operations(whole.platform)]) {
    assert.ok(operation.summary, operation.name);
    const content = operation.responses[200]?.content ?? operation.responses[201]?.content;
    assert.ok(content, operation.name);
    for (const { schema } of Object.values(content)) {
      assert.notEqual(schema.$ref, '#/components/schemas/Any', `${operation.name}: say what it answers`);
    }
  }
});

test('no words are left of a route that is gone', async () => {
  const routes = new Set(JSON.parse(await server.vitrine('routes')).map(({ method, path }) => `${method} ${path}`));
  const folder = new URL('../../web', import.meta.url).pathname;
  const files = readdirSync(folder, { recursive: true }).filter((file) => /(^|\/)api\.json$/.test(file) && !file.includes('node_modules'));
  assert.ok(files.length > 5);
  const stale = files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).routes ?? [])
    .filter(({ route }) => !routes.has(route));
  assert.deepEqual(stale, []);
});

const rules = {
  // The tree of addresses is for people: /manage/offers/new stands beside /manage/offers/{id}.
  'no-ambiguous-paths': 'off',
  // A plugin's first page stands at /x/NAME/, so that its links may be relative.
  'no-path-trailing-slash': 'off',
  // Both hosts share the words for amounts, times and history.
  'no-unused-components': 'off',
};

for (const [host, document] of Object.entries({ 'of a site': onSite, 'of the platform': onPlatform, 'with all plugins': whole.site })) {
  test(`Redocly's linter finds nothing in the description ${host}`, async () => {
    const config = await createConfig({ extends: ['recommended'], rules });
    const findings = await lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config });
    assert.deepEqual(findings.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`), []);
  });
}

test('a site describes the features that are on, and says who may', async () => {
  const of = (document) => Object.keys(document.paths).filter((path) => path.includes('/x/'));
  assert.ok(of(onSite).includes('/manage/x/coupons/{id}'));
  assert.ok(!of(onSite).some((path) => path.includes('sandbox-pay')), 'sandbox-pay is off');
  assert.ok(of(whole.site).some((path) => path.includes('sandbox-pay')));
  assert.deepEqual(onSite.servers.map(({ url }) => url), ['/', '/fr', '/es']);
  assert.deepEqual(onSite.paths['/manage/orders'].get.security, [{ office_session: [] }, { token: ['orders_read'] }]);
  assert.deepEqual(onSite.paths['/offers'].get.security, [{}, { visit: [] }]);
  assert.ok(!onSite.paths['/console'] && !onPlatform.paths['/manage']);
});

test('fields carry the rules of their form', () => {
  const { parameters } = onSite.paths['/offers'].get;
  const q = parameters.find(({ name }) => name === 'q');
  assert.equal(q.in, 'query');
  assert.ok(q.schema.maxLength > 0 && q.description);
  const login = onSite.paths['/manage/login'].post.requestBody.content['application/json'].schema;
  assert.deepEqual(login.required, ['email', 'password']);
  assert.equal(login.properties.email.format, 'email');
  assert.equal(login.additionalProperties, false);
  assert.ok(onSite.paths['/manage/offers/{id}/picture'].post.requestBody.content['multipart/form-data']);
});

// Addresses of real things, so that most pages have something to say.
async function addresses() {
  const [ids] = await server.sql(
    `SELECT (SELECT offer_id::text FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 AND offer.slug = 'tour') AS offer,
            (SELECT slot_id::text FROM slot JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1) AS slot,
            (SELECT channel_id::text FROM channel JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1) AS channel,
            (SELECT staff_id::text FROM staff JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1) AS staff,
            (SELECT tax_id::text FROM tax JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1) AS tax,
            (SELECT category_id::text FROM category JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1) AS category,
            (SELECT resource_id::text FROM resource JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1) AS resource`,
    [site.slug]);
  return (path) => path
    .replace('/offers/categories/{id}', `/offers/categories/${ids.category}`)
    .replace('/manage/offers/{id}', `/manage/offers/${ids.offer}`)
    .replace('/slots/{id}', `/slots/${ids.slot}`)
    .replace('/channels/{id}', `/channels/${ids.channel}`)
    .replace('/staff/{id}', `/staff/${ids.staff}`)
    .replace('/resources/{id}', `/resources/${ids.resource}`)
    .replace('/taxes/{id}', `/taxes/${ids.tax}`)
    .replace(/\{(rate|profile)\}/, 'new')
    .replace('/legal/{page}', '/legal/terms').replace('/pages/{page}', '/pages/terms')
    .replace('/pictures/{kind}', '/pictures/logo')
    .replace('{name}/notifications/{key}', 'core/notifications/order_confirmed')
    .replace('/features/{name}', '/features/coupons')
    .replace('/offers/{slug}', '/offers/tour').replace('/sites/{slug}', `/sites/${site.slug}`)
    .replace(/\{\w+\}/g, '1');
}

test('no page answers a field as JSON that the description lacks', async () => {
  const fill = await addresses();
  const manager = await staff(site);
  await server.vitrine('operator', 'create', 'ann@platform.example', { input: 'correct horse battery\n' });
  const operator = server.visitor();
  await operator.postJson('/console/login', { email: 'ann@platform.example', password: 'correct horse battery' });
  const seen = { 200: 0 }, findings = [];
  for (const [document, visitor] of [[onSite, manager], [onPlatform, operator]]) {
    const description = new Description(document, { closed: true });
    for (const [path, item] of Object.entries(document.paths)) {
      if (!item.get || path.startsWith('/api/')) continue;
      const page = await visitor.getJson(fill(path), { described: false });
      seen[page.status] = (seen[page.status] ?? 0) + 1;
      const finding = description.finding({
        method: 'GET', path: fill(path), status: page.status, type: page.headers['content-type'], text: page.text });
      if (finding) findings.push(finding);
    }
  }
  assert.deepEqual(findings, []);
  assert.ok(seen[200] > 60, JSON.stringify(seen));
});

test('the tests see what is not as described', () => {
  const description = new Description(whole.site);
  const ask = (changes) => description.finding({
    method: 'GET', path: '/manage/orders', status: 200, type: 'application/json', text: '{"items":[],"next":null}', ...changes });
  assert.equal(ask({}), null);
  assert.match(ask({ status: 418 }), /418 is not described/);
  assert.match(ask({ text: '{"items":[]}' }), /must have required property 'next'/);
  assert.match(ask({ text: '{"items":{},"next":null}' }), /\/items must be array/);
  assert.match(ask({ type: 'image/png' }), /described are text\/html,application\/json/);
  assert.match(ask({ status: 404, type: 'application/problem+json', text: '{"code":"not_found"}' }), /must have required property 'type'/);
  assert.match(ask({ path: '/manage/nobody-wrote-this' }), /is not described/);
  assert.equal(ask({ path: '/manage/nobody-wrote-this', status: 404 }), null);
  assert.match(
    ask({ method: 'POST', path: '/manage/logout', json: '{"surprise":1}', text: '{}' }), /accepted JSON that is not described/);
});
