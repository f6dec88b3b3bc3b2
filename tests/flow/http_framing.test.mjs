// What another server in front could read in a second way is refused before it reaches a handler.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const host = 'Host: vitrine.localhost\r\n';
const good = `GET /healthz HTTP/1.1\r\n${host}\r\n`;

const ambiguous = {
  'two lengths': `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
  'the same length twice': `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  'a length and chunked': `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked and a length': `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  'chunked twice': `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'unknown encoding': `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'an encoding before chunked': `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'length with a sign': `POST / HTTP/1.1\r\n${host}Content-Length: +5\r\n\r\nhello`,
  'list of lengths': `POST / HTTP/1.1\r\n${host}Content-Length: 5, 5\r\n\r\nhello`,
  'negative length': `POST / HTTP/1.1\r\n${host}Content-Length: -5\r\n\r\nhello`,
  'length in hexadecimal': `POST / HTTP/1.1\r\n${host}Content-Length: 0x5\r\n\r\nhello`,
  'two hosts': `GET / HTTP/1.1\r\n${host}${host}\r\n`,
  'no host': 'GET / HTTP/1.1\r\nAccept: */*\r\n\r\n',
  'folded line': `GET / HTTP/1.1\r\n${host}X-Long: one\r\n two\r\n\r\n`,
  'line that begins with a space': `GET / HTTP/1.1\r\n Host: a\r\n${host}\r\n`,
  'bare line feeds': 'GET / HTTP/1.1\nHost: vitrine.localhost\n\n',
  'a bare line feed among others': `GET / HTTP/1.1\r\n${host}X-One: 1\nX-Two: 2\r\n\r\n`,
  'space before the colon': `POST / HTTP/1.1\r\n${host}Content-Length : 5\r\n\r\nhello`,
  'absolute address': `GET http://vitrine.localhost/ HTTP/1.1\r\n${host}\r\n`,
  'address without a slash': `GET healthz HTTP/1.1\r\n${host}\r\n`,
  asterisk: `OPTIONS * HTTP/1.1\r\n${host}\r\n`,
  'a tunnel': `CONNECT vitrine.localhost:80 HTTP/1.1\r\n${host}\r\n`,
  'NUL in a header': `GET / HTTP/1.1\r\n${host}X-Nul: a\0b\r\n\r\n`,
  'NUL in the address': `GET /\0 HTTP/1.1\r\n${host}\r\n`,
  'two spaces': `GET  / HTTP/1.1\r\n${host}\r\n`,
  'no version': `GET /\r\n${host}\r\n`,
  'unknown version': `GET / HTTP/9.9\r\n${host}\r\n`,
  'line without a colon': `GET / HTTP/1.1\r\n${host}nothing\r\n\r\n`,
  'header without a name': `GET / HTTP/1.1\r\n${host}: value\r\n\r\n`,
  'noise': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
};

for (const [name, bytes] of Object.entries(ambiguous)) {
  test(`${name}: 400, and nothing behind it is served`, async () => {
    const answers = await server.raw(Buffer.from(bytes + good, 'latin1'), { quiet: 400 });
    assert.match(answers, /^HTTP\/1\.1 400 /);
    assert.match(answers, /\r\nconnection: close\r\n/i);
    assert.equal(answers.match(/HTTP\/1\.1 \d/g).length, 1);
  });
}

test('more than a hundred header fields: 400', async () => {
  const many = Array.from({ length: 130 }, (_, i) => `X-${i}: ${i}\r\n`).join('');
  assert.match(await server.raw(`GET / HTTP/1.1\r\n${host}${many}\r\n`, { quiet: 400 }), /^HTTP\/1\.1 400 /);
});

test('70 KB of header: 431', async () => {
  const long = `GET /healthz HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(70_000)}\r\n\r\n`;
  assert.match(await server.raw(long, { quiet: 400 }), /^HTTP\/1\.1 431 /);
});

test('a head that never ends is cut at its limit: 431', async () => {
  const endless = `GET /healthz HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(400_000)}`;
  assert.match(await server.raw(endless, { quiet: 400 }), /^HTTP\/1\.1 431 /);
});

test('requests in a row on one connection are answered in order', async () => {
  const answers = await server.raw(good + good + good, { quiet: 400 });
  assert.equal(answers.match(/HTTP\/1\.1 200 /g).length, 3);
});

test('a body in chunks belongs to its request alone', async () => {
  const chunked =
    `POST /healthz HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n` +
    `5\r\nhello\r\n${good.length.toString(16)}\r\n${good}\r\n0\r\n\r\n`;
  const answers = await server.raw(chunked + good, { quiet: 400 });
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g).slice(1), ['HTTP/1.1 200']);
});

test('HTTP/1.0 with a host is served, and closed', async () => {
  const answer = await server.raw(`GET /healthz HTTP/1.0\r\n${host}\r\n`, { quiet: 2000 });
  assert.match(answer, /^HTTP\/1\.\d 200 /);
  assert.match(answer, /\r\nconnection: close\r\n/i);
});
