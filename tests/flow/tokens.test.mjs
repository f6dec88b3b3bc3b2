// API tokens: made by owners, shown once, kept as a hash; they do what their scopes name, on their
// own site, until they end, are revoked, or whoever made them may no longer do it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const site = await server.createSite({ features: { 'pay-at-venue': {}, coupons: {} } });
const other = await server.createSite({});
const owner = await staff(site);

const wish = (name, scopes, days = '90') => ({ name, days, scopes: scopes.map((key) => ({ key, count: 1 })) });

// What a new offer needs.
const offer = (en) => ({ kind: 'event', tax: 'standard', title: { en }, duration_min: 60, capacity: 5 });

async function make(name, scopes, days) {
  const made = await owner.postJson('/manage/tokens', wish(name, scopes, days));
  assert.equal(made.status, 201, made.text);
  return made.json;
}

// A program: no cookies, and JSON without asking for it.
function program(secret, at = site) {
  const visitor = at.visitor();
  const headers = { authorization: `Bearer ${secret}`, accept: '*/*', origin: null, 'sec-fetch-site': null };
  return {
    visitor,
    get: (path, more) => visitor.get(path, { headers: { ...headers, ...more } }),
    post: (path, json, more) => visitor.post(path, { json, headers: { ...headers, ...more } }),
  };
}

const rows = (text) => server.sql(text, [site.slug]);

test('an owner makes one with the form; it is shown once and stored as a hash', async () => {
  const page = await owner.visit('/manage/tokens');
  const made = await page.submit('Make the token', { Name: 'Till', 'Orders: see them': true, 'Good for': '30 days' });
  const secret = made.words('main').match(/vt_[0-9a-z]{32}/)?.[0];
  assert.ok(secret, made.words('main'));
  const list = await owner.visit('/manage/tokens');
  assert.ok(!list.text.includes(secret), 'never again');
  assert.match(list.words('main'), /Till\s*vt_\w{5}… · not used yet · good until/);
  const [row] = await rows(
    `SELECT t.*, encode(token_hash, 'hex') AS hash FROM api_token t JOIN site USING (tenant_id) WHERE slug = $1`);
  assert.ok(!JSON.stringify(row).includes(secret.slice(10)));
  assert.equal(row.scopes, 'orders_read');
  assert.equal(row.start, secret.slice(0, 8));
  const answer = await program(secret).get('/manage/orders');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { items: [], next: null });
  assert.match((await owner.visit('/manage/tokens')).words('main'), /last used Friday, 20 November 2026/);
});

test('what is missing is said beside its field, and nothing is made', async () => {
  const before = (await owner.getJson('/manage/tokens')).json.items.length;
  const page = await owner.visit('/manage/tokens');
  const refused = await page.submit('Make the token', { Name: 'Nothing' });
  assert.equal(refused.status, 422);
  assert.match(refused.words('main'), /Choose at least one thing that it may do/);
  for (const [bad, field] of [
    [wish('Staff', ['staff_change']), 'scopes'], [wish('Self', ['tokens_change']), 'scopes'], [wish('What', ['fly']), 'scopes'],
    [wish('Long', ['orders_read'], '3650'), 'days'], [wish('x'.repeat(61), ['orders_read']), 'name'],
  ]) {
    const answer = await owner.postJson('/manage/tokens', bad);
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.json.errors[0].field, field);
  }
  assert.equal((await owner.getJson('/manage/tokens')).json.items.length, before);
});

test('every permission that a token may have has words in three languages', async () => {
  const { paths } = (await site.visitor().getJson('/api/openapi.json')).json;
  const named = new Set(Object.values(paths).flatMap((item) => Object.values(item)).flatMap(({ security }) => security)
    .flatMap(({ token }) => token ?? []));
  assert.ok(named.size > 8);
  for (const prefix of ['', '/fr', '/es']) {
    const page = await owner.visit(`${prefix}/manage/tokens`);
    for (const scope of named) {
      const label = page.words(`label[for="scopes_${scope}"]`);
      assert.ok(label && !label.includes('office.scope'), `${prefix} ${scope}: ${label}`);
    }
  }
});

test('it does what its scopes name, and nothing else', async () => {
  const { token } = await make('Reader', ['orders_read', 'schedule_read']);
  const reader = program(token);
  assert.equal((await reader.get('/manage/orders')).status, 200);
  assert.equal((await reader.get('/manage/schedule')).status, 200);
  const refused = await reader.get('/manage/offers');
  assert.equal(refused.status, 403);
  assert.equal(refused.json.code, 'scope_missing');
  assert.match(refused.headers['www-authenticate'], /error="insufficient_scope", scope="offers_read"/);
  for (const path of ['/manage', '/manage/staff', '/manage/tokens', '/manage/account', '/manage/login']) {
    const answer = await reader.get(path);
    assert.equal(answer.status, 403, path);
    assert.equal(answer.json.code, 'not_for_tokens', path);
  }
  const created = await reader.post('/manage/tokens', wish('Child', ['orders_read']));
  assert.equal(created.json.code, 'not_for_tokens');
});

test('it writes without a form token, gets no cookie, and the history names it', async () => {
  const { token } = await make('Catalogue', ['offers_read', 'offers_change']);
  const writer = program(token);
  const made = await writer.post('/manage/offers', offer('Night walk'));
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers['set-cookie'], undefined);
  const [audit] = await rows(
    `SELECT a.* FROM audit a JOIN site USING (tenant_id) WHERE slug = $1 AND action = 'offer.create' ORDER BY audit_id DESC LIMIT 1`);
  assert.equal(audit.actor_kind, 'token');
  assert.equal(audit.actor_name, 'Catalogue');
});

test('on the shop window it reads; baskets are for people', async () => {
  const { token } = await make('Window', ['offers_read']);
  const answer = await program(token).get('/offers');
  assert.equal(answer.status, 200);
  assert.ok(answer.json.items.length > 0);
  const booking = await program(token).post('/offers/tour', {});
  assert.equal(booking.json.code, 'not_for_tokens');
  assert.equal(booking.headers['set-cookie'], undefined);
  const page = await program(token).get('/offers', { accept: 'text/html' });
  assert.match(page.headers['content-type'], /^text\/html/);
});

test('unknown here: of another site, mistyped, over, revoked, on the platform', async () => {
  const { token, id } = await make('Short', ['orders_read'], '30');
  const ask = async (secret, at) => {
    const answer = await program(secret, at).get('/manage/orders');
    return [answer.status, answer.json.code, answer.headers['www-authenticate']];
  };
  assert.deepEqual((await ask(token))[0], 200);
  assert.deepEqual(await ask(token, other), [401, 'invalid_token', `Bearer realm="${other.slug}", error="invalid_token"`]);
  assert.equal((await ask(`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`))[0], 401);
  assert.equal((await ask('nonsense'))[0], 401);
  const platform = await server.visitor().getJson('/console', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(platform.status, 401);
  await server.time('+2592000');
  assert.equal((await ask(token))[0], 401, 'its end has come');
  await server.time('set 2026-11-20T11:10:00Z');
  const asked = await owner.visit(`/manage/tokens/${id}/revoke`);
  await asked.submit('Revoke');
  assert.equal((await ask(token))[0], 401, 'revoked');
  const [audit] = await rows(
    `SELECT a.* FROM audit a JOIN site USING (tenant_id) WHERE slug = $1 AND action = 'token.revoke'`);
  assert.equal(audit.object_id, id);
});

test('it never does more than whoever made it may now, and goes with them', async () => {
  const olga = await staff(site, await hire(server, site, 'owner'));
  const made = await olga.postJson('/manage/tokens', wish('Of Olga', ['orders_read', 'offers_read']));
  const hers = program(made.json.token);
  assert.equal((await hers.get('/manage/offers')).status, 200);
  const role = (name) => rows(`UPDATE staff SET role = '${name}' FROM site WHERE site.tenant_id = staff.tenant_id
    AND slug = $1 AND staff.name = 'Olga Owner'`);
  await role('box_office');
  assert.equal((await hers.get('/manage/orders')).status, 200);
  assert.equal((await hers.get('/manage/offers')).json.code, 'scope_missing');
  await rows(`DELETE FROM staff USING site WHERE site.tenant_id = staff.tenant_id AND slug = $1 AND staff.name = 'Olga Owner'`);
  assert.equal((await hers.get('/manage/orders')).status, 401);
});

test('only owners see and make them; another site’s are not there', async () => {
  const { id } = await make('Mine', ['orders_read']);
  const manager = await staff(site, await hire(server, site, 'manager'));
  assert.equal((await manager.getJson('/manage/tokens')).status, 403);
  assert.equal((await manager.postJson('/manage/tokens', wish('No', ['orders_read']))).status, 403);
  const theirs = await staff(other);
  assert.equal((await theirs.getJson(`/manage/tokens/${id}`)).status, 404);
  assert.equal((await theirs.postJson(`/manage/tokens/${id}/revoke`, {})).status, 404);
  assert.deepEqual((await theirs.getJson('/manage/tokens')).json.items, []);
});

test('the answers say how many requests are left; past that it is 429 until the minute is over', async () => {
  await server.time('set 2026-11-20T12:00:05Z');
  const { token } = await make('Busy', ['orders_read']);
  const busy = program(token);
  const first = await busy.get('/manage/orders');
  assert.equal(first.headers['ratelimit-policy'], '"token";q=600;w=60');
  assert.match(first.headers.ratelimit, /^"token";r=599;t=\d+$/);
  for (let i = 0; i < 24; i++) await Promise.all(Array.from({ length: 25 }, () => busy.get('/manage/orders', { accept: 'application/json' })));
  const late = await busy.get('/manage/orders');
  assert.equal(late.status, 429);
  assert.equal(late.json.code, 'too_many_requests');
  assert.ok(Number(late.headers['retry-after']) > 0);
  assert.match(late.headers.ratelimit, /r=0/);
  await server.time('+61');
  assert.equal((await busy.get('/manage/orders')).status, 200);
});

test('a write that names itself happens once and is answered the same, body and all', async () => {
  const { token } = await make('Careful', ['offers_read', 'offers_change']);
  const careful = program(token);
  const write = (title, key) => careful.post('/manage/offers', offer(title), { 'idempotency-key': key });
  const first = await write('Once', 'k-1');
  const again = await write('Once', 'k-1');
  assert.equal(first.status, 201);
  assert.deepEqual([again.status, again.json, again.headers.location], [201, first.json, first.headers.location]);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(first.headers['idempotent-replayed'], undefined);
  const reused = await write('Something else', 'k-1');
  assert.deepEqual([reused.status, reused.json.code], [422, 'key_reused']);
  assert.equal((await careful.post('/manage/offers', offer('x'), { 'idempotency-key': 'x'.repeat(65) })).status, 400);

  const many = await Promise.all(Array.from({ length: 6 }, () => write('At the same moment', 'k-2')));
  const ids = new Set(many.filter(({ status }) => status === 201).map(({ json }) => json.id));
  assert.equal(ids.size, 1);
  assert.ok(many.every(({ status }) => status === 201 || status === 409), many.map(({ status }) => status));

  const refused = await write('', 'k-3');
  assert.equal(refused.status, 422);
  assert.equal((await write('Better now', 'k-3')).status, 201, 'a refusal frees the key');

  const other = program((await make('Another', ['offers_change'])).token);
  const own = await other.post('/manage/offers', offer('Own'), { 'idempotency-key': 'k-1' });
  assert.equal(own.status, 201, 'each token has keys of its own');
});

test('a write that is still at work: the same one is told to wait', async () => {
  const { token, id } = await make('Slow', ['offers_change']);
  const body = offer('Slow');
  const print = await import('node:crypto').then(({ createHash }) =>
    createHash('sha256').update(`POST\n/manage/offers\n${JSON.stringify(body)}`).digest());
  await server.sql(
    `INSERT INTO api_answer (tenant_id, session_id, key, fingerprint, created_at)
     SELECT tenant_id, $2, 'k-9', $3, now() + interval '1 year' FROM site WHERE slug = $1`, [site.slug, id, print]);
  const answer = await program(token).post('/manage/offers', body, { 'idempotency-key': 'k-9' });
  assert.deepEqual([answer.status, answer.json.code], [409, 'key_under_way']);
  assert.equal(answer.headers['retry-after'], '1');
});

test('a secret that is shown once is not kept for a repeated write', async () => {
  const headers = { 'idempotency-key': 'secret-1' };
  await owner.postJson('/manage/tokens', wish('Twice', ['orders_read']), { headers });
  const [{ count }] = await rows(
    `SELECT count(*)::int AS count FROM api_answer JOIN site USING (tenant_id) WHERE slug = $1 AND body LIKE '%vt_%'`);
  assert.equal(count, 0);
});
