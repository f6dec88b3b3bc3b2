// The server can stand at the edge itself: TLS 1.2 and 1.3, HTTP/2 by ALPN, secure links.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import https from 'node:https';
import http2 from 'node:http2';
import { join } from 'node:path';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { temporaryFolder } from '../lib/place.mjs';

const folder = temporaryFolder();
execFileSync('openssl', [
  'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=vitrine.localhost',
  '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem'),
], { stdio: 'ignore' });

const server = await startServer({ start: false });
await server.createSite({ slug: 'edge' });
server.env.VITRINE_TLS_CERTIFICATE = join(folder, 'cert.pem');
server.env.VITRINE_TLS_KEY = join(folder, 'key.pem');
server.ready = async () => {
  for (const until = Date.now() + 20000; Date.now() < until; ) {
    if ((await get('/readyz').catch(() => null))?.status === 200) return;
  }
  throw new Error(server.log().slice(-2000));
};
await server.start();

function get(path, options = {}) {
  return new Promise((resolve, reject) => {
    const request = https.get(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        rejectUnauthorized: false,
        headers: { host: `edge.vitrine.localhost:${server.port}` },
        ...options,
      },
      (reply) => {
        const parts = [];
        reply.on('data', (data) => parts.push(data));
        reply.on('end', () =>
          resolve({ status: reply.statusCode, text: Buffer.concat(parts).toString() }),
        );
      },
    );
    request.on('error', reject);
  });
}

test('pages come over TLS with secure addresses', async () => {
  const page = await get('/basket');
  assert.equal(page.status, 200);
  assert.match(page.text, /rel="canonical" href="https:\/\/edge\./);
});

test('old TLS is refused', async () => {
  await assert.rejects(get('/basket', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }));
});

test('HTTP/2 is spoken by ALPN', async () => {
  const session = http2.connect(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
  const stream = session.request({
    ':path': '/basket',
    ':authority': `edge.vitrine.localhost:${server.port}`,
  });
  const status = await new Promise((resolve, reject) => {
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.on('error', reject);
  });
  stream.resume();
  await new Promise((resolve) => stream.on('end', resolve));
  session.close();
  assert.equal(session.alpnProtocol, 'h2');
  assert.equal(status, 200);
});
