// Passkeys (U15): added by who has just shown who it is, good for logging in with or without the
// e-mail typed; and everything that an authenticator's answer may be forged in is refused alike.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Authenticator } from '../lib/authenticator.mjs';
import { eventually } from '../lib/feature.mjs';
import { startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 10 })] });
const other = await server.createSite({ features });
for (const where of [site, other]) {
  const channel = await (await (await staff(where)).visit('/manage/channels')).click('Web');
  await channel.submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 1000);
}

const password = 'analytical engine 1843';
async function register(where, email, first_name = 'Ada') {
  const visitor = where.visitor();
  const done = await visitor.postJson('/account/register', { first_name, last_name: 'Lovelace', email, password });
  assert.equal(done.status, 200, done.text);
  return visitor;
}
async function prove(visitor) {
  const { status } = await visitor.postJson('/account/prove', { current: password });
  assert.equal(status, 200);
}
const codeTo = async (to) => (await server.mails({ to })).map(({ subject }) => subject.match(/\d{6}/)?.[0]).filter(Boolean).at(-1);
const askToAdd = async (visitor) => (await visitor.postJson('/account/passkeys/ask', {})).json;
async function add(visitor, { algorithm, forged, name = 'My key', key = new Authenticator(visitor.origin, algorithm) } = {}) {
  const answer = key.create(await askToAdd(visitor), forged);
  return { key, page: await visitor.postJson('/account/passkeys', { passkey: name, ...answer }) };
}
async function customer(where, email, options) {
  const visitor = await register(where, email);
  await prove(visitor);
  const { key, page } = await add(visitor, options);
  assert.equal(page.status, 201, page.text);
  return { visitor, key, id: page.json.id };
}
const askToEnter = async (visitor, email = '') => (await visitor.postJson('/account/login/passkey/ask', { email })).json;
async function enter(visitor, key, { email = '', forged, asked } = {}) {
  const answer = key.get(asked ?? (await askToEnter(visitor, email)), forged);
  return visitor.postJson('/account/login/passkey', { email, ...answer });
}
const isIn = async (visitor) => (await visitor.get('/account')).status === 200;
const isRefused = (page) => assert.deepEqual([page.status, page.json.errors.map(({ code }) => code)], [422, ['passkey_wrong']]);

for (const algorithm of ['ES256', 'EdDSA', 'RS256']) {
  test(`U15: a passkey of ${algorithm} logs in, without the e-mail and with it`, async () => {
    const email = `${algorithm.toLowerCase()}@buyer.example`;
    const { key } = await customer(site, email, { algorithm });
    for (const typed of ['', email.toUpperCase()]) {
      const visitor = site.visitor();
      const page = await enter(visitor, key, { email: typed });
      assert.equal(page.status, 200, page.text);
      assert.match((await visitor.visit('/account')).words('h1'), /Hello, Ada/);
    }
  });
}

test('U15: as pages: prove who you are, add, rename, remove; mails say so, and it is recorded', async () => {
  const visitor = await register(site, 'pages@buyer.example');
  const page = await visitor.visit('/account/security');
  const prove = await page.click('Add a passkey');
  assert.match(prove.words('h1'), /Confirm that it’s you/);
  const wrong = await prove.submit('Confirm that it’s you', { Password: 'not this one at all' });
  assert.equal(wrong.status, 422);
  const security = await wrong.submit('Confirm that it’s you', { Password: password });
  assert.equal(security.url.pathname, '/account/security');
  const key = new Authenticator(visitor.origin);
  const form = security.form('Add a passkey', { 'Name of the passkey': '<i>Clé 🔑' });
  for (const [name, value] of Object.entries(key.create(await askToAdd(visitor)))) form.forge(name, value);
  const added = await visitor.visit((await form.submit()).headers.location);
  assert.match(added.words('.notice'), /Your passkey is added/);
  assert.match(added.text, /&lt;i&gt;Clé 🔑/);
  assert.match((await server.mail({ to: 'pages@buyer.example' })).subject, /A passkey was added/);
  const one = await added.click('<i>Clé 🔑');
  assert.equal((await one.submit('Update details', { 'Name of the passkey': '' })).status, 422);
  const renamed = await one.submit('Update details', { 'Name of the passkey': 'Phone' });
  assert.match(renamed.words('#passkeys'), /Phone/);
  const removed = await (await renamed.click('Phone')).submit('Remove the passkey');
  assert.match(removed.words('.notice'), /is removed/);
  assert.match((await server.mail({ to: 'pages@buyer.example' })).subject, /A passkey was removed/);
  isRefused(await enter(site.visitor(), key));
  const record = await server.sql("SELECT action FROM audit WHERE action LIKE 'customer.passkey%' AND object_id IN (SELECT customer_id::text FROM customer WHERE email = 'pages@buyer.example') ORDER BY audit_id");
  assert.deepEqual(record.map(({ action }) => action), ['customer.passkey_add', 'customer.passkey_rename', 'customer.passkey_remove']);
});

test('U15: whoever is logged in shows again who it is before a passkey is added or removed', async () => {
  const { visitor, id } = await customer(site, 'prove@buyer.example');
  await server.control('time +901');
  assert.equal((await visitor.postJson('/account/passkeys/ask', {})).json.code, 'prove_first');
  assert.equal((await visitor.postJson('/account/passkeys', { passkey: 'x', client_data: '', attestation: '' })).json.code, 'prove_first');
  assert.equal((await visitor.postJson(`/account/passkeys/${id}/remove`, {})).json.code, 'prove_first');
  const page = await (await visitor.visit(`/account/passkeys/${id}`)).submit('Remove the passkey');
  assert.equal(page.url.search, `?next=%2Faccount%2Fpasskeys%2F${id}`);
  const asked = await page.submit('Send me a code instead');
  const code = await codeTo('prove@buyer.example');
  const back = await asked.submit('Log in', { code });
  assert.equal(back.url.pathname, `/account/passkeys/${id}`);
  assert.match((await back.submit('Remove the passkey')).words('.notice'), /is removed/);
  await server.control('time real');
});

test('U15: an answer is good once, for ten minutes, in the browser that asked', async () => {
  const { key } = await customer(site, 'once@buyer.example');
  const visitor = site.visitor();
  const answer = key.get(await askToEnter(visitor));
  const send = (who) => who.postJson('/account/login/passkey', { email: '', ...answer });
  isRefused(await send(site.visitor()));
  assert.equal((await send(visitor)).status, 200);
  await visitor.post('/account/logout', { form: {}, headers: { accept: 'application/json' } });
  visitor.cookies().delete('__Host-vt');
  isRefused(await send(visitor));
  const [first, second] = [site.visitor(), site.visitor()];
  const asked = await askToEnter(first);
  second.cookies().set('__Host-vt-passkey', first.cookies().get('__Host-vt-passkey'));
  const both = key.get(asked);
  const answers = await Promise.all([first, second].map((who) => who.postJson('/account/login/passkey', { email: '', ...both })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422], 'the same answer twice at once');
  const late = site.visitor();
  const lateAnswer = key.get(await askToEnter(late));
  await server.control('time +601');
  isRefused(await late.postJson('/account/login/passkey', { email: '', ...lateAnswer }));
  await server.control('time real');
});

test('U15: what is forged in an answer is refused, all of it alike', async () => {
  const { key, visitor: owner } = await customer(site, 'forged@buyer.example');
  const { key: foreign } = await customer(other, 'forged@buyer.example');
  const { key: hers } = await customer(site, 'hers@buyer.example');
  const unknown = Object.assign(new Authenticator(owner.origin), { handle: key.handle });
  const refused = async (whose, forged) => isRefused(await enter(site.visitor(), whose, { forged }));
  await refused(key, { client: { origin: 'https://evil.example' } });
  await refused(key, { client: { origin: other.visitor().origin } });
  await refused(key, { client: { crossOrigin: true } });
  await refused(key, { client: { topOrigin: 'https://evil.example' } });
  await refused(key, { client: { type: 'webauthn.create' } });
  await refused(key, { client: { challenge: Buffer.from('guessed').toString('base64url') } });
  await refused(key, { clientData: '{"type":' });
  await refused(key, { host: 'vitrine.localhost' });
  await refused(key, { host: new URL(other.visitor().origin).hostname });
  await refused(key, { flags: 1 });
  await refused(key, { flags: 4 });
  await refused(key, { handle: hers.handle });
  await refused(key, { handle: '' });
  await refused(hers, { id: key.id, handle: key.handle });
  await refused(unknown);
  await refused(foreign);
  foreign.origin = owner.origin;
  await refused(foreign);
  const visitor = site.visitor();
  for (const part of ['client_data', 'authenticator_data', 'signature']) {
    const answer = key.get(await askToEnter(visitor));
    const bytes = Buffer.from(answer[part], 'base64url');
    bytes[bytes.length - 3] ^= 1;
    isRefused(await visitor.postJson('/account/login/passkey', { email: '', ...answer, [part]: bytes.toString('base64url') }));
    isRefused(await visitor.postJson('/account/login/passkey', { email: '', ...answer, [part]: '' }));
  }
  isRefused(await enter(site.visitor(), key, { email: 'hers@buyer.example' }));
  assert.equal((await enter(site.visitor(), key)).status, 200, 'and the real one is good');
});

test('U15: what is forged in a new passkey is refused', async () => {
  const visitor = await register(site, 'new@buyer.example');
  await prove(visitor);
  const code = async (options) => (await add(visitor, options)).page.json.errors[0].code;
  assert.equal(await code({ forged: { client: { origin: 'https://evil.example' } } }), 'passkey_wrong');
  assert.equal(await code({ forged: { client: { type: 'webauthn.get' } } }), 'passkey_wrong');
  assert.equal(await code({ forged: { host: 'evil.example' } }), 'passkey_wrong');
  assert.equal(await code({ forged: { flags: 1 } }), 'passkey_wrong', 'nobody was made sure of');
  const off = new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.alloc(32, 7)], [-3, Buffer.alloc(32, 9)]]);
  assert.equal(await code({ forged: { key: off } }), 'passkey_wrong', 'not on the curve');
  assert.equal(await code({ forged: { key: new Map([[1, 2], [3, -36]]) } }), 'passkey_wrong', 'another algorithm');
  const answer = new Authenticator(visitor.origin).create(await askToAdd(visitor));
  const send = (who, changes = {}) => who.postJson('/account/passkeys', { passkey: 'Key', ...answer, ...changes });
  assert.equal((await send(visitor, { attestation: 'oA' })).json.errors[0].code, 'passkey_wrong');
  // Nine bytes that announce half a thousand million parts: nobody makes room for them.
  const many = Buffer.from('9b0000000020000000', 'hex').toString('base64url');
  const at = performance.now();
  assert.equal((await send(visitor, { attestation: many })).json.errors[0].code, 'passkey_wrong');
  assert.ok(performance.now() - at < 1000);
  const eve = await register(site, 'eve@buyer.example');
  await prove(eve);
  assert.equal((await send(eve)).json.errors[0].code, 'passkey_late', 'for somebody else');
  assert.equal((await send(visitor)).status, 201);
  assert.equal((await send(visitor)).json.errors[0].code, 'passkey_late', 'twice');
  const { key } = await add(visitor);
  assert.equal((await add(eve, { key })).page.json.errors[0].code, 'passkey_known', 'of another customer');
});

test('U15: a counter that goes back shows a copy: the passkey logs nobody in any more, and its owner is told', async () => {
  const { key, visitor } = await customer(site, 'copied@buyer.example');
  key.counter = 40;
  assert.equal((await enter(site.visitor(), key)).status, 200);
  isRefused(await enter(site.visitor(), key, { forged: { counter: 41 - 1 } }));
  isRefused(await enter(site.visitor(), key, { forged: { counter: 90 } }));
  assert.match((await visitor.visit('/account/security')).words('#passkeys'), /may have a copy/);
  assert.match((await server.mail({ to: 'copied@buyer.example' })).subject, /may have a copy/);
  const { key: still } = await customer(site, 'still@buyer.example');
  for (let i = 0; i < 2; i++) assert.equal((await enter(site.visitor(), still, { forged: { counter: 0 } })).status, 200, 'one that doesn’t count');
});

test('U15: which passkeys an address has is told to nobody', async () => {
  const { key, visitor } = await customer(site, 'told@buyer.example');
  const asked = async (email, who = site.visitor()) => (await who.postJson('/account/login/passkey/ask', { email })).json;
  const [has, hasNone, nobody] = [await asked('told@buyer.example'), await asked('new2@buyer.example'), await asked('nobody@buyer.example')];
  await register(site, 'new2@buyer.example');
  assert.deepEqual([has, hasNone, nobody].map(({ allowed }) => new Set(allowed).size), [8, 8, 8]);
  assert.ok(has.allowed.includes(key.id.toString('base64url')));
  assert.deepEqual((await asked('nobody@buyer.example')).allowed, nobody.allowed, 'the same when asked again');
  assert.deepEqual((await asked('NEW2@buyer.example')).allowed, hasNone.allowed, 'an account without a passkey as none');
  assert.notDeepEqual((await other.visitor().postJson('/account/login/passkey/ask', { email: 'nobody@buyer.example' })).json.allowed, nobody.allowed);
  for (const list of [has, nobody]) assert.deepEqual([...list.allowed].map((id) => Buffer.from(id, 'base64url').toString('hex')).sort(), list.allowed.map((id) => Buffer.from(id, 'base64url').toString('hex')), 'sorted');
  for (let i = 0; i < 7; i++) assert.equal((await add(visitor)).page.status, 201);
  assert.equal((await add(visitor)).page.json.errors[0].code, 'passkey_full');
});

test('U15: whoever shows that an address is theirs is rid of passkeys that somebody else added to it', async () => {
  const { key } = await customer(site, 'vic@buyer.example');
  const victim = site.visitor();
  const asked = await (await victim.visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'vic@buyer.example' });
  const code = await codeTo('vic@buyer.example');
  assert.equal((await asked.submit('Log in', { code })).url.pathname, '/account');
  isRefused(await enter(site.visitor(), key));
});

test('U15: another customer’s passkey, and that of another site, is not there', async () => {
  const { id, visitor } = await customer(site, 'mine@buyer.example');
  const eve = await register(site, 'eve2@buyer.example');
  const there = await register(other, 'mine@buyer.example');
  for (const who of [eve, there]) {
    await prove(who);
    assert.equal((await who.getJson(`/account/passkeys/${id}`)).status, 404);
    assert.equal((await who.postJson(`/account/passkeys/${id}/name`, { passkey: 'Mine' })).status, 404);
    assert.equal((await who.postJson(`/account/passkeys/${id}/remove`, {})).status, 404);
    assert.deepEqual((await who.getJson('/account/security')).json.passkeys, []);
  }
  const stranger = other.visitor();
  for (const [name, cookie] of visitor.cookies()) stranger.cookies().set(name, cookie);
  for (const path of ['/account/passkeys/ask', '/account/passkeys', `/account/passkeys/${id}/name`, `/account/passkeys/${id}/remove`, '/account/prove']) {
    assert.equal((await stranger.postJson(path, { passkey: 'x', current: 'x' }, { described: false })).status, 403, path);
  }
  assert.equal((await visitor.getJson(`/account/passkeys/${id}`)).json.passkey.name, 'My key');
});

test('U15: tries are limited by where they come from', async () => {
  const visitor = other.visitor();
  const key = Object.assign(new Authenticator(visitor.origin), { handle: 'AAAA' });
  let page;
  for (let i = 0; i < 61 && page?.status !== 429; i++) page = await enter(visitor, key);
  assert.equal(page.status, 429);
  assert.ok(Number(page.headers['retry-after']) > 0);
});

test('U15: answers of a million bytes, no answers, no numbers, and login switched off', async () => {
  const visitor = await register(site, 'big@buyer.example');
  await prove(visitor);
  const big = 'A'.repeat(1_000_000);
  for (const path of ['/account/passkeys', '/account/login/passkey']) {
    const page = await visitor.postJson(path, { passkey: 'x', client_data: big }, { described: false });
    assert.equal(page.status, 413, path);
  }
  const long = await visitor.post('/account/login/passkey', { form: { client_data: big.slice(0, 20_000) } });
  assert.equal(long.status, 422);
  assert.equal((await visitor.postJson('/account/passkeys/9999999999999999999/remove', {})).status, 404);
  assert.equal((await visitor.postJson('/account/passkeys/x/name', { passkey: 'y' })).status, 404);
  await server.feature(other, 'guest-login', 'off');
  assert.equal((await other.visitor().postJson('/account/login/passkey/ask', { email: '' }, { described: false })).status, 404);
  assert.equal(await isIn(visitor), true, 'the other site goes on');
});
