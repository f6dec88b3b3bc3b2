// A body over the limit gets a page (413), read or not; the connection's neighbours notice nothing.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { Wire } from '../lib/wire.mjs';

const server = await startServer({ env: { VITRINE_TEST_HASTE: '5' } });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;
const megabyte = 1 << 20;
const limit = 8 * megabyte;

function h2Post(headers, body) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://127.0.0.1:${server.port}`);
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': '/offers/tour', ':authority': host, ...headers });
    const parts = [];
    let answer;
    stream.on('response', (received) => (answer = received));
    stream.on('data', (part) => parts.push(part));
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve({ status: answer[':status'], type: answer['content-type'], text: Buffer.concat(parts).toString() });
    });
    stream.end(body);
  });
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

test('HTTP/1.1: a page, before the body is sent', async () => {
  const wire = new Wire(server.port);
  await wire.send(
    `POST /offers/tour HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
      `Content-Length: ${20 * limit}\r\n\r\nfirst=bytes`,
  );
  assert.ok(await wire.has(/<\/html>/));
  assert.match(wire.text, /^HTTP\/1\.1 413 /);
  assert.match(wire.text, /\r\nconnection: close\r\n/i);
  assert.match(wire.text, /content-type: text\/html/);
  assert.match(wire.text, new RegExp(site.name));
  wire.close();
});

test('HTTP/1.1: a client that asks before it sends is told no', async () => {
  const wire = new Wire(server.port);
  await wire.send(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${limit + 1}\r\nExpect: 100-continue\r\n\r\n`,
  );
  assert.ok(await wire.has(/<\/html>/));
  assert.match(wire.text, /^HTTP\/1\.1 413 /);
  wire.close();
});

test('HTTP/1.1: a client that sends all of it first reads the page', async () => {
  const page = await site.visitor().post('/offers/tour', { body: Buffer.alloc(40 * megabyte, 'x'), headers: form });
  assert.equal(page.status, 413);
  assert.match(page.words('main'), /too big/i);
});

test('HTTP/1.1: in chunks', async () => {
  const wire = new Wire(server.port);
  await wire.send(`POST /offers/tour HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(megabyte, 'x'), Buffer.from('\r\n')]);
  for (let i = 0; i < 9; i++) await wire.send(chunk);
  await wire.send('0\r\n\r\n');
  assert.ok(await wire.has(/<\/html>/));
  assert.match(wire.text, /^HTTP\/1\.1 413 /);
  wire.close();
});

for (const size of [limit + 1, 40 * megabyte]) {
  test(`HTTP/2: ${size} bytes get a page`, async () => {
    const { status, type, text } = await h2Post(form, Buffer.alloc(size, 'x'));
    assert.equal(status, 413);
    assert.match(type, /text\/html/);
    assert.match(text, new RegExp(site.name));
  });
}

test('JSON gets a problem document', async () => {
  const page = await site.visitor().post('/offers/tour', {
    body: Buffer.alloc(limit + 1, ' '),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  });
  assert.equal(page.status, 413);
  assert.equal(page.headers['content-type'], 'application/problem+json');
  assert.equal(page.json.status, 413);
});

test('a form may have a megabyte, JSON a quarter of it', async () => {
  const send = async (type, size) => {
    const filler = type === form ? Buffer.alloc(size, 'x') : `{"slot":"${'x'.repeat(size - 11)}"}`;
    return (await site.visitor().post('/offers/tour', { body: filler, headers: type })).status;
  };
  const json = { 'content-type': 'application/json' };
  assert.deepEqual([await send(form, megabyte), await send(form, megabyte + 1)], [422, 413]);
  assert.deepEqual([await send(json, megabyte / 4), await send(json, megabyte / 4 + 1)], [422, 413]);
});

test('many large bodies at once are refused, and others served meanwhile', async () => {
  const sending = Array.from({ length: 10 }, () => h2Post(form, Buffer.alloc(30 * megabyte, 'x')).catch(() => null));
  const visitor = server.visitor();
  const answers = Promise.all(sending);
  const done = answers.then(() => true);
  for (let over = false; !over; over = await Promise.race([done, null])) {
    assert.equal((await visitor.get('/healthz')).status, 200);
  }
  for (const answer of await answers) if (answer) assert.equal(answer.status, 413);
});
