// The provider by itself: what its API, its page and its notifications promise to any shop.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import test, { after } from 'node:test';
import { Payments } from '../../../tests/lib/payments.mjs';

const provider = await Payments.start();
const heard = [];
let refusals = 0;

const shop = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    heard.push({ signature: request.headers['vitrine-signature'], body, ...JSON.parse(body) });
    response.statusCode = refusals-- > 0 ? 500 : 200;
    response.end();
  });
});
await new Promise((done) => shop.listen(0, '127.0.0.1', done));
after(() => shop.close());
const origin = `http://abbey.localhost:${shop.address().port}`;

const mac = (text) => createHmac('sha256', provider.secret).update(text).digest('hex').slice(0, 32);
const keyOf = (account) => `sk_sandbox_${account}_${mac(`api/${account}`)}`;

async function api(method, path, body, { key = keyOf('abbey'), once } = {}) {
  const response = await fetch(`${provider.url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(once && { 'idempotency-key': once }) },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, ...(await response.json()) };
}

let made = 0;
const create = (changes = {}, once = `key-${++made}`) =>
  api(
    'POST',
    '/payments',
    {
      amount_minor: 4250,
      currency: 'EUR',
      reference: 'ABCD2345',
      shop: 'Maison <Éole> & fils',
      return_url: `${origin}/back?payment=7`,
      notify_url: `${origin}/notify`,
      ...changes,
    },
    { once },
  );

const choose = (payment, form, headers = { origin: provider.url }) =>
  fetch(payment.redirect_url, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(form),
  });

const state = async (payment) => (await api('GET', `/payments/${payment.id}`)).state;

test('a key makes one payment, and fits one request', async () => {
  const first = await create({}, 'once');
  assert.equal(first.status, 201);
  assert.deepEqual({ ...(await create({}, 'once')), status: 201 }, first);
  assert.equal((await create({ amount_minor: 1 }, 'once')).status, 409);
});

test('what is wrong is named', async () => {
  const wrong = {
    amount_minor: [0, -1, 1e15, '5', null],
    currency: ['EURO', 'XXY', 5],
    reference: ['', 'x'.repeat(300)],
    return_url: ['javascript:alert(1)', 'http://', "http://a/'", 'https://a/\r\nx: y', '//a'],
    notify_url: ['ftp://a/', ''],
    expires_in: [1, 1e9],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      const answer = await create({ [field]: value });
      assert.equal(answer.status, 422, `${field}=${value}`);
      assert.equal(answer.error.field, field);
    }
  }
  assert.equal((await create({ card: '4242' })).status, 400);
  assert.equal((await api('POST', '/payments', {})).error.code, 'key_missing');
});

test('one shop’s key opens no other shop’s payments', async () => {
  const payment = await create();
  assert.equal((await api('GET', `/payments/${payment.id}`, null, { key: keyOf('bridge') })).status, 404);
  for (const key of ['', 'x', keyOf('abbey').slice(0, -1), `sk_sandbox_abbey_${mac('api/bridge')}`]) {
    assert.equal((await api('GET', `/payments/${payment.id}`, null, { key })).status, 401);
  }
  assert.equal((await fetch(`${provider.url}/test/payments`)).status, 401);
});

test('approved, captured, given back in parts', async () => {
  const payment = await create();
  assert.equal((await api('POST', `/payments/${payment.id}/capture`)).error.code, 'not_authorized');
  const back = await choose(payment, { outcome: 'approve' });
  assert.equal(back.status, 303);
  assert.equal(back.headers.get('location'), `${origin}/back?payment=7`);
  assert.equal(await state(payment), 'authorized');
  for (let i = 0; i < 2; i++) {
    assert.equal((await api('POST', `/payments/${payment.id}/capture`)).state, 'captured');
  }
  const refund = (amount_minor, once) =>
    api('POST', `/payments/${payment.id}/refunds`, { amount_minor }, { once });
  const part = await refund(1000, 'a');
  assert.equal(part.status, 201);
  assert.equal((await refund(1000, 'a')).id, part.id);
  assert.equal((await refund(2000, 'a')).status, 409);
  assert.equal((await refund(3251, 'b')).error.code, 'too_much');
  assert.equal((await refund(3250, 'b')).status, 201);
  assert.equal((await api('GET', `/payments/${payment.id}`)).refunded_minor, 4250);
});

test('a choice is made once, and only on the page itself', async () => {
  const payment = await create();
  for (const headers of [{}, { origin }, { origin: provider.url, 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await choose(payment, { outcome: 'approve' }, headers)).status, 403);
  }
  assert.equal((await choose(payment, { outcome: 'nonsense' })).status, 422);
  assert.equal((await choose(payment, { outcome: 'refuse', reason: 'nonsense' })).status, 422);
  assert.equal((await choose(payment, { outcome: 'approve', manner: 'late', delay: '0' })).status, 422);
  assert.equal(await state(payment), 'created');
  await choose(payment, { outcome: 'refuse', reason: 'insufficient_funds' });
  assert.equal((await choose(payment, { outcome: 'approve' })).status, 303);
  const now = await api('GET', `/payments/${payment.id}`);
  assert.deepEqual([now.state, now.refusal], ['refused', 'insufficient_funds']);
});

test('authentication comes before the answer', async () => {
  const [yes, no] = [await create(), await create()];
  for (const payment of [yes, no]) {
    const page = await choose(payment, { outcome: 'authenticate' });
    assert.match(await page.text(), /Is it you\?/);
    assert.equal(await state(payment), 'created');
  }
  await choose(yes, { outcome: 'approve' });
  await choose(no, { outcome: 'unconfirmed' });
  assert.equal(await state(yes), 'authorized');
  assert.equal((await api('GET', `/payments/${no.id}`)).refusal, 'authentication_failed');
});

test('the page is safe and speaks the browser’s language', async () => {
  const { redirect_url: url } = await create();
  const page = await fetch(url, { headers: { 'accept-language': 'de, es-MX;q=0.8, en;q=0.5' } });
  const policy = page.headers.get('content-security-policy');
  assert.match(policy, new RegExp(`default-src 'none'.*form-action 'self' ${origin}$`));
  const text = await page.text();
  assert.match(text, /<html lang="es">[^]*Maison &lt;Éole&gt; &amp; fils[^]*42,50\s€[^]*¿Qué dice el banco\?/);
  assert.doesNotMatch(text, /<script|<input[^>]*card/);
  assert.match(await (await fetch((await create({ language: 'fr' })).redirect_url)).text(), /<html lang="fr">/);
  assert.equal((await fetch(`${provider.url}/pay/pay_unknown`)).status, 404);
});

test('notifications are signed, and tried again until the shop takes them', async () => {
  await provider.deliver();
  await provider.pause();
  heard.length = 0;
  const payment = await create();
  await choose(payment, { outcome: 'approve', manner: 'twice' });
  await api('POST', `/payments/${payment.id}/capture`);
  refusals = 1;
  assert.deepEqual(await provider.deliver(), [500, 200, 200, 200]);
  assert.deepEqual(await provider.deliver(), [200]);
  assert.deepEqual(await provider.deliver(), []);
  assert.deepEqual(
    heard.map(({ type }) => type.slice(8)),
    ['authorized', 'authorized', 'captured', 'captured', 'authorized'],
  );
  assert.equal(heard[0].id, heard[1].id);
  for (const { signature, body } of heard) {
    const [, at] = /^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature);
    assert.equal(signature, provider.sign({ slug: 'abbey' }, body, at));
  }
});

test('a session ends, and the page says so', async () => {
  const payment = await create();
  await provider.expire(payment.id);
  assert.equal(await state(payment), 'expired');
  assert.match(await (await fetch(payment.redirect_url)).text(), /This page has closed/);
  assert.equal((await choose(payment, { outcome: 'approve' })).status, 303);
  assert.equal(await state(payment), 'expired');
});
