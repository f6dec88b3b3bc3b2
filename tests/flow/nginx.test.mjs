// The nginx configuration of scripts/ in front of a real server: TLS and HTTP/2 outside, and what
// nginx says of a client is believed only where the operator named it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { atEnd, root, temporaryFolder } from '../lib/place.mjs';

const folder = temporaryFolder();
const port = await freePort();
const server = await startServer({
  env: {
    VITRINE_PUBLIC_SCHEME: 'https',
    VITRINE_PUBLIC_PORT: String(port),
    VITRINE_TRUSTED_PROXIES: '127.0.0.1',
  },
});
const site = await server.createSite({ slug: 'behind' });
await startNginx();

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// The file as it is shipped, with this test's names, port and certificate.
function configuration() {
  const shipped = readFileSync(join(root, 'scripts/nginx.conf'), 'utf8')
    .replace(/server \{\n {4}listen 80;[\s\S]*?\n\}\n/, '')
    .replace('server 127.0.0.1:8080', `server 127.0.0.1:${server.port}`)
    .replace('listen 443 ssl http2', `listen 127.0.0.1:${port} ssl http2`)
    .replace(/ *listen \[::\]:443.*\n/, '')
    .replaceAll('vitrine.example', 'vitrine.localhost')
    .replace(/ssl_certificate .*;/, `ssl_certificate ${folder}/cert.pem;`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${folder}/key.pem;`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http { access_log off; ${temporary.join(' ')}
${shipped} }`;
}

async function startNginx() {
  mkdirSync(folder, { recursive: true });
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=vitrine.localhost',
    '-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`,
  ], { stdio: 'ignore' });
  writeFileSync(`${folder}/nginx.conf`, configuration());
  const nginx = spawn('/usr/sbin/nginx', ['-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => nginx.once('exit', resolve));
  atEnd(async () => {
    nginx.kill('SIGQUIT');
    await ended;
  });
  for (const until = Date.now() + 5000; Date.now() < until; ) {
    if (await connects()) return;
  }
  throw new Error(readFileSync(`${folder}/error.log`, 'utf8'));
}

function connects() {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true) ?? socket.end());
    socket.on('error', () => setTimeout(resolve, 20, false));
  });
}

async function ask(path, headers = {}, body) {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  try {
    const stream = session.request({
      ':path': path,
      ':method': body ? 'POST' : 'GET',
      ':authority': `${site.slug}.vitrine.localhost:${port}`,
      ...headers,
    });
    stream.end(body);
    return await new Promise((resolve, reject) => {
      let answer;
      const parts = [];
      stream.on('response', (h) => (answer = h));
      stream.on('data', (data) => parts.push(data));
      stream.on('end', () => resolve({ headers: answer, text: Buffer.concat(parts).toString() }));
      stream.on('error', reject);
    });
  } finally {
    session.close();
  }
}

test('pages come over HTTP/2 and TLS, and say so in their own addresses', async () => {
  const page = await ask('/basket');
  assert.equal(page.headers[':status'], 200);
  assert.match(page.text, /rel="canonical" href="https:\/\/behind\.vitrine\.localhost/);
  assert.match(page.headers['strict-transport-security'], /max-age/);
});

test('the figures are not for the outside', async () => {
  assert.equal((await ask('/metrics')).headers[':status'], 404);
});

test('a body over the limit gets the designed page through nginx too', async () => {
  const page = await ask(
    '/basket/codes',
    { 'content-type': 'application/x-www-form-urlencoded' },
    Buffer.alloc(9 << 20, 'a'),
  );
  assert.equal(page.headers[':status'], 413);
  assert.match(page.text, /<main/);
});
