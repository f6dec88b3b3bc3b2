// P5: each route names its permission. Every address of the program × every role × both sites: who
// lacks the permission is refused and changes nothing, whoever has it is not refused for that.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { eventually, root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const features = { 'guest-login': {}, coupons: {}, greeter: {}, tally: {}, circle: {}, purse: {}, 'pay-at-venue': {}, 'sandbox-pay': {}, 'self-cancel': {}, 'recurring-bookings': {},
  'marketing-preferences': {}, 'customer-categories': {}, 'customer-import': {} };
const site = await server.createSite({ features });
const other = await server.createSite({ features });
await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
const routes = JSON.parse(await server.vitrine('routes'));

// What each role may do, as a person would write it down.
const boxOffice = ['OFFICE_USE', 'SCHEDULE_READ', 'ORDERS_READ', 'ORDERS_BOOK', 'ORDERS_CHANGE', 'ORDERS_RETURN', 'CUSTOMERS_READ', 'CUSTOMERS_CHANGE'];
const manager = [...boxOffice, 'SCHEDULE_CHANGE', 'FEATURES_READ', 'FEATURES_CHANGE', 'NOTIFICATIONS_CHANGE', 'PLUGIN_PAGES', 'OFFERS_READ', 'OFFERS_CHANGE', 'SETTINGS_CHANGE', 'SUPPORT_READ', 'WEBHOOKS_CHANGE', 'ORDERS_EXPORT', 'CUSTOMERS_DELETE', 'CUSTOMERS_EXPORT'];
const accountManager = ['CONSOLE_USE', 'SITES_CHANGE', 'SITES_MOVE', 'APPROVALS_DECIDE', 'SUPPORT_OPEN', 'SETUPS_CHANGE', 'JOBS_RETRY'];
const may = {
  nobody: [],
  guest: [],
  customer: ['ACCOUNT'],
  box_office: boxOffice,
  manager,
  owner: [...manager, 'STAFF_CHANGE', 'TOKENS_CHANGE', 'GO_LIVE'],
  'owner of the other site': [],
  account_manager: accountManager,
  operator: [...accountManager, 'PLANS_CHANGE', 'CONSOLE_OPERATE'],
};
const onSite = ['box_office', 'manager', 'owner'];
const onPlatform = ['account_manager', 'operator'];

const password = site.manager.password;
for (const role of ['manager', 'box_office']) {
  await server.sql(
    `INSERT INTO staff (tenant_id, email, email_folded, name, role, password_hash, created_at)
     SELECT staff.tenant_id, $2, $2, $2, $2, password_hash, staff.created_at FROM staff JOIN site USING (tenant_id)
      WHERE slug = $1 AND role = 'owner'`, [site.slug, role]);
}
await server.sql('UPDATE staff SET email_folded = $1, email = $1 WHERE role = $2', ['manager@desk.example', 'manager']);
await server.sql('UPDATE staff SET email_folded = $1, email = $1 WHERE role = $2', ['box@desk.example', 'box_office']);
for (const role of onPlatform) {
  await server.vitrine('operator', 'create', `${role}@platform.example`, { input: `${password}\n` });
  await server.sql('UPDATE operator SET role = $1 WHERE email = $2', [role, `${role}@platform.example`]);
}
const logins = {
  box_office: [site, '/manage/login', 'box@desk.example'],
  manager: [site, '/manage/login', 'manager@desk.example'],
  owner: [site, '/manage/login', site.manager.email],
  'owner of the other site': [other, '/manage/login', other.manager.email],
  account_manager: [null, '/console/login', 'account_manager@platform.example'],
  operator: [null, '/console/login', 'operator@platform.example'],
};

// The cookies that somebody of this role holds, sent to every address there is.
async function cookiesOf(role) {
  const visitor = server.visitor(logins[role] ? logins[role][0] : site);
  if (role === 'guest') await (await visitor.visit('/offers/tour')).submit('form', {}).catch(() => {});
  if (role === 'customer') {
    await eventually(async () => (await visitor.get('/account/login')).status, 200, 1000);
    const page = await visitor.postJson('/account/register', { first_name: 'Ada', last_name: 'L', email: 'ada@buyer.example', password: 'analytical engine 1843' });
    assert.equal(page.status, 200, page.text);
  }
  if (logins[role]) {
    const [, path, email] = logins[role];
    const page = await visitor.postJson(path, { email, password });
    assert.equal(page.status, 200, `${role} logs in`);
  }
  return [...visitor.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');
}

const samples = {
  name: 'greeter', key: 'thanks', slug: 'tour', line: '1', plugin: 'coupons', code: 'ABCDEFGH',
  file: 'x.pdf', id: '1', how: 'silent', what: 'orders',
};
const address = ({ path }) => path.replace(/\{(\w+)\}/g, (all, name) => samples[name] ?? 'x').replace('*', 'x');

async function ask(route, host, cookie, authorization) {
  const visitor = server.visitor(host);
  const headers = { accept: 'application/json', ...(cookie && { cookie }), ...(authorization && { authorization }) };
  const options = route.method === 'GET' ? { headers } : { headers, json: {} };
  const page = await visitor.request(route.method, address(route), options);
  visitor.close();
  return page;
}

const isOpen = (route) => route.permission === 'PUBLIC';
// Ending the session comes last, so that it is there for the others.
const leaves = ({ path }) => /\/(logout|leave)$/.test(path);
const inOrder = [...routes].sort((a, b) => leaves(a) - leaves(b));

test('P5: every route names a permission that some role has, and the list is whole', () => {
  const known = new Set(['PUBLIC', ...Object.values(may).flat()]);
  for (const route of routes) assert.ok(known.has(route.permission), `${route.path} ${route.permission}`);
  for (const surface of ['platform', 'console', 'storefront', 'office']) {
    assert.ok(routes.some((route) => route.surface === surface), surface);
  }
  const open = routes.filter(({ surface }) => ['office', 'console'].includes(surface)).filter(isOpen);
  assert.deepEqual(
    open.map(({ path }) => path).filter((path) => !/^\/(manage|console)\/(login|logout|support\/enter)(\/|$)/.test(path)), [],
    'behind the login nothing is open to everybody');
});

for (const role of Object.keys(may)) {
  test(`P5: ${role} gets what the role may do, and nothing else`, async () => {
    const cookie = await cookiesOf(role);
    for (const route of inOrder) {
      const host = ['platform', 'console'].includes(route.surface) ? undefined : site;
      const before = isOpen(route) ? null : await fingerprint();
      const page = await ask(route, host, cookie);
      const what = `${role}: ${route.method} ${route.path} → ${page.status} ${page.text.slice(0, 200)}`;
      assert.notEqual(page.status, 500, what);
      const code = page.status === 403 ? JSON.parse(page.text).code : '';
      // A provider's notice is open to the world and refuses what isn't signed.
      const refused = code === 'login_required' || (code === 'forbidden' && !isOpen(route));
      const granted = isOpen(route) || may[role].includes(route.permission);
      assert.equal(refused, !granted, what);
      if (!granted) {
        assert.equal(await fingerprint(), before, `${what} changed something`);
        const known = onSite.includes(role) && route.surface === 'office'
          || onPlatform.includes(role) && route.surface === 'console';
        assert.equal(code, known ? 'forbidden' : 'login_required', what);
      }
    }
  });
}

// Tokens: one with every scope there is, of this site and of the other.
const scopes = manager.filter((permission) => permission !== 'OFFICE_USE').map((permission) => permission.toLowerCase());

async function tokenOf(of) {
  const owner = of.visitor();
  await owner.postJson('/manage/login', { email: of.manager.email, password });
  const made = await owner.postJson('/manage/tokens', {
    name: 'Everything', days: '30', scopes: scopes.map((key) => ({ key, count: 1 })) });
  assert.equal(made.status, 201, made.text);
  return `Bearer ${made.json.token}`;
}

test('P5: a token with every scope does what managers may and no more; people’s own pages are closed to it', async () => {
  const bearer = await tokenOf(site);
  const foreign = (path) => /^\/x\/(sandbox-pay|marketing-preferences\/unsubscribe)\//.test(path);
  for (const route of routes.filter(({ surface }) => surface === 'office' || surface === 'storefront')) {
    if (foreign(route.path)) continue;
    const readable = route.surface === 'storefront' && route.method === 'GET';
    const granted = scopes.includes(route.permission.toLowerCase()) || (route.permission === 'PUBLIC' && readable);
    const before = granted ? null : await fingerprint();
    const page = await ask(route, site, null, bearer);
    const what = `token: ${route.method} ${route.path} → ${page.status} ${page.text.slice(0, 200)}`;
    assert.notEqual(page.status, 500, what);
    assert.equal(page.headers['set-cookie'], undefined, what);
    const code = page.status === 403 ? JSON.parse(page.text).code : '';
    assert.equal(['not_for_tokens', 'scope_missing'].includes(code), !granted, what);
    if (!granted) assert.equal(await fingerprint(), before, `${what} changed something`);
  }
});

test('P5: a token of the other site, or one without a scope, opens nothing', async () => {
  const bearer = await tokenOf(other);
  const before = await fingerprint();
  for (const route of routes.filter(({ surface, path }) => surface !== 'platform' && !path.startsWith('/x/'))) {
    const host = route.surface === 'console' ? undefined : site;
    const page = await ask(route, host, null, bearer);
    assert.equal(page.status, 401, `${route.method} ${route.path} → ${page.status} ${page.text.slice(0, 200)}`);
    assert.equal(page.json.code, 'invalid_token');
  }
  assert.equal(await fingerprint(), before);
});

test('P5: as a page, who is not logged in is asked to, and who may not is told so', async () => {
  const guest = await site.visitor().get('/manage/features');
  assert.equal(guest.status, 302);
  const box = await site.visitor().get('/manage/features', { headers: { cookie: await cookiesOf('box_office') } });
  assert.equal(box.status, 403);
  assert.match(box.words('main'), /Your role does not include/);
});

// Everything an office change would leave behind on both sites.
async function fingerprint() {
  const rows = await server.sql(
    `SELECT (SELECT count(*) FROM audit) AS audit, (SELECT sum(revision) FROM site_revision) AS revision,
            (SELECT count(*) FROM feature) AS features, (SELECT count(*) FROM notification) AS words`);
  return JSON.stringify(rows);
}
