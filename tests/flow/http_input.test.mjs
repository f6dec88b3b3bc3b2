// Whatever comes in gets a clear answer with the right status: never a 500, never a hang, and the
// same over HTTP/2.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const visitor = site.visitor();
const other = server.visitor('nobody-here');
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json', accept: 'application/json' };

// The server's own answer to a request line that no client library would send.
async function rawStatus(line, headers = '', body = '') {
  const host = `Host: ${site.slug}.vitrine.localhost\r\n`;
  const text = `${line} HTTP/1.1\r\n${host}Connection: close\r\n${headers}\r\n${body}`;
  const answer = await server.raw(Buffer.from(text, 'latin1'), { quiet: 3000 });
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

test('an unknown site', async () => {
  for (const path of ['/', '/offers/tour', '/manage']) {
    const page = await other.get(path);
    assert.equal(page.status, 404);
    assert.match(page.headers['content-type'], /text\/html/);
  }
  assert.equal((await other.getJson('/')).headers['content-type'], 'application/problem+json');
});

test('hosts that are none', async () => {
  const hosts = ['', '.', '..', 'a'.repeat(300), 'x.y.vitrine.localhost', '.vitrine.localhost', '127.0.0.1', '[::1]',
    "'; drop table site; --.vitrine.localhost", '%00', 'é', '\xff\xfe.vitrine.localhost',
    '<script>.vitrine.localhost', `${site.slug}.vitrine.localhost.`, `${site.slug} .vitrine.localhost`];
  for (const host of hosts) {
    const bytes = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, 'latin1');
    const answer = await server.raw(bytes, { quiet: 3000 });
    assert.match(answer, /^HTTP\/1\.1 (400|404) /, `${host}: ${answer.slice(0, 80)}`);
  }
});

test('the host is found whatever its case, with or without a port', async () => {
  for (const host of [`${site.slug.toUpperCase()}.VITRINE.localhost`, `${site.slug}.vitrine.localhost:1`]) {
    const answer = await server.raw(`GET /offers/none HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.match(answer, new RegExp(site.name));
  }
});

test('unknown paths look the same, in the site and as a problem document', async () => {
  for (const path of ['/nothing', '/offers/none', '/offers/tour/more', '/fr/nothing', '/x/none/page', '//', '/offers//tour', '/./', '/../../etc/passwd',
    '/offers/..%2f..%2fetc', '/%2e%2e/%2e%2e/etc/passwd', `/${'a'.repeat(5000)}`, `/${'a/'.repeat(2000)}`, '/offers/tour%20', '/;a=b', '/fr/fr/', '/FR/']) {
    assert.equal(await rawStatus(`GET ${path}`), 404, path);
  }
  const problem = await visitor.getJson('/nothing');
  assert.equal(problem.status, 404);
  assert.equal(problem.headers['content-type'], 'application/problem+json');
  assert.equal(problem.json.status, 404);
  assert.ok(problem.json.title);
});

test('the wrong method: 405, with those that would do', async () => {
  const page = await visitor.request('DELETE', '/offers/tour');
  assert.equal(page.status, 405);
  assert.match(page.headers.allow, /POST/);
  for (const method of ['PUT', 'PATCH', 'TRACE', 'PROPFIND', 'X', 'get']) {
    assert.equal(await rawStatus(`${method} /basket`), 405, method);
  }
});

test('bytes that are no text', async () => {
  const paths = ['/%00', '/offers/%00', '/%', '/%2', '/%zz', '/%ff', '/%c3', '/%ed%a0%80', '/%f5%80%80%80', '/%c0%af', '/a%e2%82', '/é', '/\xff\xfe'];
  for (const path of paths) assert.equal(await rawStatus(`GET ${path}`), 400, path);
  const queries = ['a=%00', '%=1', 'a=%2', 'a=%ff', 'x=%c3%28', '\xff=1'];
  for (const query of queries) {
    const status = await rawStatus(`GET /basket?${query}`);
    assert.equal(status, 400, query);
  }
  for (const body of ['rate=%00', 'rate=%', 'rate=\xff', 'a=%ed%b0%80', `${'\0'.repeat(50)}`]) {
    const page = await visitor.post('/offers/tour', { body: Buffer.from(body, 'latin1'), headers: form });
    assert.equal(page.status, 400, body);
  }
});

test('a body of a foreign type: 415', async () => {
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'application/octet-stream', '\xff', null]) {
    const page = await visitor.post('/offers/tour', { body: 'a=1', headers: { 'content-type': type } });
    assert.equal(page.status, 415, type);
  }
});

test('JSON that is none: 400 and a problem document', async () => {
  const deep = (n) => '['.repeat(n) + ']'.repeat(n);
  const bodies = ['{', '[', '}', 'nul', '"', '{"slot":}', "{'slot':1}", '{"slot":1,}', '{"slot":1}x', '{"slot":01}', '{"slot":NaN}', '\ufeff{}', '{"a\\u0000b":1}',
    '{"slot":"\\u0000"}', '{"slot":"\\ud800"}', '{"slot":1,"slot":2}', '{"slot":1e999}', '{"slot":99999999999999999999}', '[]', '1', '"text"', 'null', '// {}',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), deep(100), deep(2000), deep(100_000), `{"slot":${deep(2000)}}`, '{"code":'.repeat(2000) + '1' + '}'.repeat(2000)];
  for (const body of bodies) {
    const page = await visitor.post('/offers/tour', { body, headers: json });
    assert.equal(page.status, 400, String(body).slice(0, 40));
    assert.equal(page.headers['content-type'], 'application/problem+json');
    assert.equal(page.json.status, 400);
  }
});

test('fields that are not declared: ignored in forms, refused in JSON', async () => {
  const inForm = await visitor.post('/basket/codes', { form: { code: 'NONE', price: '1', admin: 'true' } });
  assert.ok(inForm.status < 500 && inForm.status !== 400, `${inForm.status}`);
  const inJson = await visitor.postJson('/basket/codes', { code: 'NONE', name: 'x' });
  assert.ok([400, 422].includes(inJson.status), `${inJson.status}`);
});

test('fields without end', async () => {
  const many = Array.from({ length: 120 }, (_, i) => `field${i}=${i}`).join('&');
  const page = await visitor.post('/basket/codes', { body: `${many}&code=NONE`, headers: form });
  assert.ok(page.status < 500 && page.status !== 400, `${page.status}`);
  const more = Array.from({ length: 5000 }, (_, i) => `field${i}=${i}`).join('&');
  assert.equal((await visitor.post('/basket/codes', { body: more, headers: form })).status, 400);
  const separators = await visitor.post('/basket/codes', { body: '&'.repeat(1 << 20), headers: form });
  assert.ok(separators.status < 500);
});

test('cookies that are none', async () => {
  const cookies = ['=', ';', '; ;', '__Host-vt', '__Host-vt=', `__Host-vt=${'a'.repeat(22)}`, `__Host-vt=${'x'.repeat(8000)}`, '__Host-vt=\xff\xfe', "__Host-vt=' OR 1=1",
    '__Host-vt=a; __Host-vt=b', `${'a=b; '.repeat(2000)}`, '__Host-vt="quoted"', '\t=\t'];
  for (const cookie of cookies) {
    const status = await rawStatus('GET /basket', `Cookie: ${cookie}\r\n`);
    assert.equal(status, 200, cookie.slice(0, 40));
  }
});

test('headers that are none', async () => {
  const values = ['', ',', ';', '*', '\xff', 'q=', 'en;q=x', 'en;q=9999999999', `${'en,'.repeat(3000)}`, 'zz-ZZ;q=1.5', '-', '%n%s', 'a'.repeat(3000)];
  for (const name of ['Accept-Language', 'Accept', 'Accept-Encoding', 'If-None-Match', 'Origin', 'Sec-Fetch-Site', 'HX-Request', 'Idempotency-Key', 'X-Forwarded-For', 'Range', 'TE']) {
    for (const value of values) {
      const status = await rawStatus('GET /', `${name}: ${value}\r\n`);
      assert.ok(status >= 200 && status < 500, `${name}: ${value.slice(0, 30)}: ${status}`);
    }
  }
});

test('only a page of this site may post a form', async () => {
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': null, origin: 'http://evil.example' },
    { 'sec-fetch-site': null, origin: 'null' }, { 'sec-fetch-site': null, origin: `http://evil${site.slug}.vitrine.localhost:${server.port}` }]) {
    const page = await visitor.post('/basket/codes', { form: { code: 'NONE' }, headers });
    assert.equal(page.status, 403, JSON.stringify(headers));
  }
});

test('HEAD is GET without its body', async () => {
  for (const path of ['/basket', '/nothing', '/healthz']) {
    const host = `Host: ${site.slug}.vitrine.localhost\r\nConnection: close\r\n\r\n`;
    const [get, head] = [await server.raw(`GET ${path} HTTP/1.1\r\n${host}`), await server.raw(`HEAD ${path} HTTP/1.1\r\n${host}`)];
    const length = (answer) => /content-length: (\d+)/i.exec(answer)[1];
    assert.equal(head.slice(0, 12), get.slice(0, 12));
    assert.equal(length(head), length(get));
    assert.equal(head.slice(head.indexOf('\r\n\r\n') + 4), '');
  }
});

test('HTTP/2: what HTTP/1 refuses is refused there', async () => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const ask = (headers, body) =>
    new Promise((resolve) => {
      const stream = session.request({ ':authority': `${site.slug}.vitrine.localhost`, ...headers });
      stream.on('response', (answer) => resolve(answer[':status']) ?? stream.resume());
      stream.on('error', () => resolve('reset'));
      stream.end(body);
    });
  assert.equal(await ask({ ':path': '/nothing' }), 404);
  assert.equal(await ask({ ':path': 'nothing' }), 400);
  assert.equal(await ask({ ':path': '/%00' }), 400);
  assert.equal(await ask({ ':path': '/%ff' }), 400);
  assert.equal(await ask({ ':path': '/', 'x-long': 'x'.repeat(50_000) }), 431);
  assert.equal(await ask({ ':path': '/basket', ':method': 'DELETE' }), 405);
  assert.equal(await ask({ ':path': '/offers/tour', ':method': 'POST', 'content-type': 'text/plain' }, 'x'), 415);
  assert.equal(await ask({ ':path': '/offers/tour', ':method': 'POST', 'content-type': 'application/json' }, '{'), 400);
  assert.equal(await ask({ ':path': '/', ':authority': 'nobody.vitrine.localhost' }), 404);
  assert.equal(await ask({ ':path': '/healthz', ':authority': 'vitrine.localhost' }), 200);
  session.close();
});

test('HTTP/2: the host is what the address says, whatever a header says', async () => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const stream = session.request({ ':path': '/nothing', ':authority': `${site.slug}.vitrine.localhost`, host: 'nobody.vitrine.localhost' });
  const text = await new Promise((resolve) => {
    let all = '';
    stream.on('data', (part) => (all += part)).on('end', () => resolve(all)).on('error', () => resolve('reset'));
  });
  assert.ok(text === 'reset' || text.includes(site.name));
  session.close();
});

test('none of it was a bug of ours', () => {
  assert.doesNotMatch(server.log(), /"status":500|statement failed|check failed|a worker died/);
});
