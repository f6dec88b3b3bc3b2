// The harness itself: what a visitor keeps and sends, how forms are filled, how mails are read.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { readMails } from './mail.mjs';
import { Visitor } from './visitor.mjs';

const page = `<!doctype html><title>t</title><body>
<form action="/signed" method="post">
  <label for="n">Venue name</label> <input id="n" name="name" value="old">
  <label><input type="checkbox" name="terms" value="yes"> I agree</label>
  <fieldset><legend>Kind</legend>
    <label><input type="radio" name="kind" value="spa" checked> Spa</label>
    <label><input type="radio" name="kind" value="museum"> Museum</label></fieldset>
  <label for="c">Currency</label><select id="c" name="currency"><option>EUR</option><option value="J">JPY</option></select>
  <textarea name="note" aria-label="Note">a &amp; b</textarea>
  <input type="hidden" name="key" value="k1"><input name="off" value="x" disabled>
  <p id="e">Too short</p><input name="bad" aria-invalid="true" aria-describedby="e">
  <button name="do" value="sign">Sign up</button> <button>Cancel</button>
</form>`;

async function serving(t, onRequest) {
  const server = http.createServer(onRequest);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const visitor = new Visitor({ host: 'bath.vitrine.localhost', port: server.address().port });
  t.after(() => visitor.close() ?? server.close());
  return visitor;
}

test('a form sends what a browser would send', async (t) => {
  const seen = [];
  const visitor = await serving(t, async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    seen.push({ ...request.headers, method: request.method, url: request.url, body });
    if (request.url === '/signed') response.writeHead(303, { location: 'http://other.localhost:' + visitor.port + '/in' });
    else response.writeHead(200, { 'set-cookie': ['__Host-s=1; Path=/; Secure; HttpOnly', 'gone=1; Max-Age=0'] });
    response.end(page);
  });
  const form = await visitor.visit('/form');
  assert.deepEqual(form.errors, { bad: 'Too short' });
  const values = { 'Venue name': 'Bäder & Co', 'I agree': true, Museum: true, Currency: 'JPY' };
  const after = await form.submit('Sign up', values);
  assert.equal(after.url.href, `http://other.localhost:${visitor.port}/in`);
  const [first, post, last] = seen;
  assert.equal(first.cookie, undefined);
  assert.equal(post.cookie, '__Host-s=1');
  assert.equal(post.host, `bath.vitrine.localhost:${visitor.port}`);
  assert.equal(post['sec-fetch-site'], 'same-origin');
  assert.deepEqual(
    [...new URLSearchParams(post.body)],
    Object.entries({
      name: 'Bäder & Co', terms: 'yes', kind: 'museum', currency: 'J', note: 'a & b', key: 'k1', bad: '', do: 'sign',
    }),
  );
  assert.equal(last.method, 'GET');
  assert.equal(last.cookie, undefined);
});

test('a forged field replaces the page’s own', async (t) => {
  const visitor = await serving(t, (request, response) => response.end(page));
  const form = (await visitor.get('/')).form('Sign up').forge('key', 'stolen').forge('kind', null);
  assert.deepEqual(form.values.filter(([name]) => name === 'key'), [['key', 'stolen']]);
  assert.ok(!form.values.some(([name]) => name === 'kind'));
});

test('a cookie that a browser would refuse is an error', async (t) => {
  const visitor = await serving(t, (request, response) => {
    response.setHeader('set-cookie', '__Host-s=1; Path=/account; Secure');
    response.end();
  });
  await assert.rejects(visitor.get('/'), /refuses this cookie/);
});

test('mails are read with their parts', async (t) => {
  const outbox = mkdtempSync('/tmp/vt-');
  t.after(() => rmSync(outbox, { recursive: true }));
  const lines = [
    'From: Bath <desk@bath.example>', 'To: ann@example.org', 'Subject: =?utf-8?q?R=C3=A9servation?=',
    'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '',
    '--b', 'Content-Type: text/plain; charset=utf-8', '', 'Hello', '--b',
    'Content-Type: application/pdf; name=t.pdf', 'Content-Disposition: attachment; filename=t.pdf',
    'Content-Transfer-Encoding: base64', '', 'JVBERg==', '--b--', '',
  ];
  writeFileSync(join(outbox, '1.eml'), lines.join('\r\n'));
  const [mail] = await readMails(outbox);
  assert.equal(mail.subject, 'Réservation');
  assert.deepEqual(mail.to, ['ann@example.org']);
  assert.equal(mail.text.trim(), 'Hello');
  assert.deepEqual(mail.attachments, [{ name: 't.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF') }]);
});
