// Files of the build stand under an address that carries the hash of their content, on every host:
// kept for ever where the hash fits, just shown where it is another version's, nothing outside the build.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'node:test';
import { change, startServer } from '../lib/index.mjs';
import { root } from '../lib/place.mjs';

const assets = join(root, 'build/assets');

const server = await startServer();
const site = await server.createSite();
const manifest = JSON.parse(readFileSync(join(assets, 'manifest.json')));
const file = (name) => readFileSync(join(assets, name));
const url = (name, hash = manifest[name]) => `/assets/${hash}/${name}`;

const types = {
  'styles/site.css': 'text/css; charset=utf-8',
  'scripts/site.js': 'text/javascript; charset=utf-8',
  'icons.svg': 'image/svg+xml',
  'fonts/grotesk-text.woff2': 'font/woff2',
};

for (const [name, type] of Object.entries(types)) {
  test(`${name} is served for ever, on every host`, async () => {
    for (const visitor of [site.visitor(), server.visitor(), server.visitor('nobody-lives-here')]) {
      const answer = await visitor.get(url(name));
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-type'], type);
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.ok(answer.bytes.equals(file(name)));
      assert.equal((await visitor.get(url(name), { headers: { 'if-none-match': answer.headers.etag } })).status, 304);
    }
    const head = await site.visitor().request('HEAD', url(name));
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-length'], String(file(name).length));
    assert.equal(head.bytes.length, 0);
  });
}

test('text travels packed', async () => {
  const packed = await site.visitor().get(url('styles/site.css'), { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers.vary, 'accept-encoding');
  assert.ok(gunzipSync(packed.bytes).equals(file('styles/site.css')));
  const font = await site.visitor().get(url('fonts/grotesk-text.woff2'), { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(font.headers['content-encoding'], undefined);
});

test('the hash of another version finds the file as it is now, and that is not kept', async () => {
  for (const hash of ['0000000000000000', manifest['scripts/site.js']]) {
    const answer = await site.visitor().get(url('styles/site.css', hash));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.ok(answer.bytes.equals(file('styles/site.css')));
    const again = await site.visitor().get(url('styles/site.css', hash), { headers: { 'if-none-match': answer.headers.etag } });
    assert.equal(again.status, 304);
    assert.equal(again.headers['cache-control'], 'no-cache');
  }
});

test('no hash, another path, a way out: nothing there', async () => {
  const hash = manifest['styles/site.css'];
  const paths = [
    url('styles/site.css', 'latest'),
    url('styles/gone.css', hash),
    `/assets/${hash}/styles/site.css.gz`,
    `/assets/${hash}/manifest.json`,
    `/assets/${hash}/`,
    '/assets/',
    `/assets/${hash}/../../../etc/passwd`,
    `/assets/${hash}/..%2f..%2f..%2fetc/passwd`,
    `/assets/${hash}//etc/passwd`,
    `/assets/${hash}/${'x'.repeat(4000)}`,
  ];
  for (const path of paths) {
    const answer = await server.raw(`GET ${path} HTTP/1.1\r\nHost: ${site.slug}.vitrine.localhost\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 404/, path);
    assert.doesNotMatch(answer, /immutable|root:/);
  }
  assert.equal((await site.visitor().post(url('styles/site.css'), { form: {} })).status, 404);
});

test('everything a page names is there', async () => {
  const page = await site.visitor().visit('/offers');
  const named = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map(([, path]) => path);
  assert.ok(named.length > 4);
  for (const path of new Set(named)) assert.equal((await site.visitor().get(path)).status, 200, path);
});

test('/favicon.ico leads to the picture that stands in the page’s head', async () => {
  const own = await server.createSite();
  const logo = Object.keys(manifest).find((name) => /^art\/.*logo\.svg$/.test(name));
  const set = "UPDATE site SET branding = branding || jsonb_build_object('logo', $2::text) WHERE slug = $1";
  await change(server, own.slug, set, [logo.slice('art/'.length)]);
  assert.equal((await own.visitor().get('/favicon.ico')).headers.location, url(logo));
  for (const visitor of [site.visitor(), own.visitor(), server.visitor()]) {
    const named = (await visitor.visit('/')).document.querySelector('link[rel=icon]').getAttribute('href');
    const icon = await visitor.get('/favicon.ico');
    assert.equal(icon.status, 302);
    assert.equal(icon.headers.location, named);
    assert.equal(icon.headers['cache-control'], 'public, max-age=3600');
    assert.equal((await visitor.visit('/favicon.ico')).headers['content-type'], 'image/svg+xml');
  }
});

test('the site’s colours follow its branding and are kept by revision', async () => {
  const css = async () => (await site.visitor().visit('/')).text.match(/\/site\.css\?v=\d+/)[0];
  const before = await css();
  const first = await site.visitor().get(before);
  assert.match(first.text, /--brand:light-dark\(#0f766e,/);
  assert.equal(first.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal((await site.visitor().get(before)).headers['cache-control'], first.headers['cache-control'], 'kept too');
  await change(server, site.slug, `UPDATE site SET branding = '{"brand": "#ffd400", "accent": "url(evil)"}' WHERE slug = $1`);
  const after = await css();
  assert.notEqual(after, before);
  const second = await site.visitor().get(after);
  assert.doesNotMatch(second.text, /#0f766e|evil/);
  assert.match(second.text, /--on-brand:light-dark\(#1[0-9a-f]{5},/, 'dark text on a bright ground');
  const stale = await site.visitor().get(before);
  assert.equal(stale.text, second.text);
  assert.equal(stale.headers['cache-control'], 'no-cache', 'an old address is not kept');
});

test('search engines are told of a live site only', async () => {
  assert.match((await site.visitor().get('/robots.txt')).text, /^Disallow: \/$/m);
  assert.match((await site.visitor().visit('/')).text, /<meta name="robots" content="noindex">/);
  await change(server, site.slug, 'UPDATE site SET practice = false WHERE slug = $1');
  const robots = await site.visitor().get('/robots.txt');
  assert.doesNotMatch(robots.text, /^Disallow: \/$/m);
  assert.doesNotMatch((await site.visitor().visit('/')).text, /noindex/);
  const map = await site.visitor().get(robots.text.match(/^Sitemap: (\S+)$/m)[1]);
  const links = [...map.text.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, link]) => link);
  assert.ok(links.includes(`${site.url}/fr/offers/tour`));
  for (const link of links) assert.equal((await site.visitor().get(link)).status, 200, link);
});
