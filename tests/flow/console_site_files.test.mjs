// An account manager takes a site away as a file and brings it into another installation, from the
// console: a job makes it, a job checks and writes it, and what was wrong is said with its place.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, eventually, slotsOf, startServer, tour } from '../lib/index.mjs';
import { consoleVisitor } from '../lib/console.mjs';

const here = await startServer();
const there = await startServer();
const site = await here.createSite({ slug: 'old-mill', offers: [tour({ capacity: 50 })] });
const { visitor: olga } = await consoleVisitor(here);
const { visitor: pat } = await consoleVisitor(there, 'pat@platform.example');
const exportPage = `/console/sites/${site.slug}/export`;

async function made() {
  await here.jobs();
  return (await olga.getJson(exportPage)).json.exports;
}

let archive;
test('P4: a whole site is asked for, made by a job, and taken away', async () => {
  const [slot] = await slotsOf(here, site, 'tour');
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 2 });
  await buyer.buy();

  const page = await olga.visit(`/console/sites/${site.slug}`);
  const empty = await page.click('Export the site');
  assert.match(empty.words('main'), /No file yet.*leaves out passwords/s);
  const asked = await empty.submit('Make a file');
  assert.equal(asked.url.pathname, exportPage);
  assert.match(asked.words('main'), /The file is being made/);

  const [file] = await made();
  assert.equal(file.state, 'done', file.why);
  assert.ok(file.rows > 50 && file.who === 'Olga');
  const ready = await olga.visit(exportPage);
  assert.match(ready.words('main'), /old-mill-\d{4}-\d\d-\d\d\.tar\.gz.*Ready: \d+ rows/s);
  const download = await olga.get(file.file_url);
  assert.equal(download.status, 200);
  assert.equal(download.headers['content-type'], 'application/gzip');
  assert.match(download.headers['content-disposition'], /attachment; filename="old-mill-/);
  assert.match(download.headers['cache-control'], /no-store/);
  archive = download.bytes;
  assert.equal(archive.subarray(0, 2).toString('hex'), '1f8b');
  const [{ count }] = await here.sql(`SELECT count(*)::int FROM audit WHERE action = 'site.export' AND actor_kind = 'operator' AND actor_name = 'Olga'`);
  assert.equal(count, 1);
});

test('only account managers come here, and only to the site’s own files', async () => {
  const [file] = await made();
  assert.equal((await here.visitor().get(exportPage)).status, 302);
  const other = await here.createSite();
  assert.equal((await olga.get(file.file_url.replace(site.slug, other.slug))).status, 404);
  assert.equal((await olga.get(`${exportPage}/1/file`)).status, 404);
  assert.equal((await olga.get(`${exportPage}/x/file`)).status, 404);
});

test('no more than two at a time', async () => {
  await here.control('time +60');
  await here.sql(`INSERT INTO site_export (tenant_id, operator_id, operator_name, created_at)
    SELECT tenant_id, 1, 'x', now() FROM site, generate_series(1, 2) WHERE slug = $1`, [site.slug]);
  assert.equal((await olga.postJson(exportPage, {})).status, 429);
  await here.sql(`DELETE FROM site_export WHERE operator_name = 'x'`);
});

// In parts, as the page's script does it.
async function upload(bytes, name = 'old-mill.tar.gz') {
  const begun = await pat.postJson('/console/uploads', { size: bytes.length, name });
  assert.equal(begun.status, 201, begun.text);
  const { id, upload_url: url } = begun.json;
  const half = Math.ceil(bytes.length / 2);
  for (const at of [0, half]) {
    const part = await pat.post(`${url}?at=${at}`, { body: bytes.subarray(at, at + half), headers: { accept: 'application/json', 'content-type': 'application/octet-stream' } });
    assert.equal(part.status, 200, part.text);
  }
  return id;
}

async function taken(id, slug = '') {
  const page = await pat.postJson('/console/import', { upload: id, slug });
  assert.equal(page.status, 201, page.text);
  await there.jobs();
  return (await pat.getJson(`/console/import/${page.json.id}`)).json.import;
}

test('P4: it is imported in parts elsewhere: suspended, with a record, its bytes gone', async () => {
  const result = await taken(await upload(archive));
  assert.equal(result.state, 'done', JSON.stringify(result));
  assert.equal(result.address, 'old-mill');
  const page = await pat.visit(result.site_url);
  assert.match(page.words('main'), /Imported \(export of/);
  assert.equal((await there.visitor('old-mill').get('/')).status, 503);
  const [{ parts }] = await there.sql('SELECT count(*)::int AS parts FROM site_import_part');
  assert.equal(parts, 0);
  const [{ actor_name }] = await there.sql(`SELECT actor_name FROM audit WHERE action = 'site.import'`);
  assert.equal(actor_name, 'Pat');

  await page.submit('Resume');
  await eventually(async () => (await there.visitor('old-mill').get('/')).status, 200);
  await there.jobs();
  const offers = (await there.visitor('old-mill').getJson('/offers')).json.items;
  assert.deepEqual(offers.map(({ title }) => title), ['Tour']);
  await checkInvariants(there);
  const [{ orders }] = await there.sql('SELECT count(*)::int AS orders FROM orders WHERE placed_at IS NOT NULL');
  assert.equal(orders, 1);
});

test('a small file goes with the form itself, and asks for another address when its own is taken', async () => {
  const again = await taken(await upload(archive));
  assert.deepEqual([again.state, again.code], ['failed', 'taken']);
  const shown = await pat.visit(again.page_url);
  assert.match(shown.words('main'), /The address old-mill is taken: send the file again.*Nothing was written/s);

  const form = await pat.visit('/console/import');
  const boundary = 'part-of-a-form';
  const token = form.document.querySelector('form[data-upload] [name=csrf]').getAttribute('value');
  const field = (name, value) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = (slug) => Buffer.concat([
    Buffer.from(`${field('csrf', token)}${field('upload', '')}${field('slug', slug)}--${boundary}\r\ncontent-disposition: form-data; name="archive"; filename="a.tar.gz"\r\ncontent-type: application/gzip\r\n\r\n`),
    archive, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const send = (slug) => pat.post('/console/import', { body: body(slug), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
  const taken1 = await send('old-mill');
  assert.equal(taken1.status, 422);
  assert.match(taken1.errors.slug, /This address is taken/);
  const sent = await send('new-weir');
  assert.equal(sent.status, 303, sent.text);
  await there.jobs();
  const page = await pat.visit(sent.headers.location);
  assert.match(page.words('main'), /Imported: \d+ rows/);
  await checkInvariants(there);
});

test('a damaged file is refused with its place, and no site is left', async () => {
  const damaged = Buffer.from(archive);
  damaged[damaged.length >> 1] ^= 0x20;
  const result = await taken(await upload(damaged), 'third-one');
  assert.deepEqual([result.state, result.code], ['failed', 'file']);
  assert.match(result.why, /damaged|checksum|line \d+|cut off|archive/);
  const foreign = await taken(await upload(Buffer.from('no archive at all, but long enough to be one')), 'third-one');
  assert.match(foreign.why, /it is no gzip archive/);
  const shown = await pat.visit(foreign.page_url);
  assert.match(shown.words('main'), /The file was refused:\s*the archive: it is no gzip archive.*Nothing was written/s);
  const [{ sites }] = await there.sql(`SELECT count(*)::int AS sites FROM site WHERE slug = 'third-one'`);
  assert.equal(sites, 0);
});

test('an import that was interrupted begins anew, and is not made twice', async () => {
  const id = await upload(archive);
  // As a worker that died after it had taken the address leaves it, when its lease has ended.
  await there.sql(
    `WITH s AS (INSERT INTO site (slug, skeleton, name, kind, state, currency, time_zone, languages, created_at)
                VALUES ('fourth-one', 'fourth-one-x', 'x', '', 'creating', 'EUR', 'UTC', '{en}', now()) RETURNING tenant_id),
          i AS (UPDATE site_import SET state = 'running', slug = 'fourth-one', site_number = (SELECT tenant_id FROM s)
                 WHERE import_id = $1 RETURNING import_id)
     INSERT INTO job (tenant_id, kind, payload, run_at, attempt, created_at)
     SELECT 0, 'site.import', jsonb_build_object('import_id', import_id::text), now(), 1, now() FROM i`, [id]);
  await there.jobs();
  const first = (await pat.getJson(`/console/import/${id}`)).json.import;
  assert.equal(first.state, 'done', JSON.stringify(first));
  await there.sql(`UPDATE site_import SET state = 'running' WHERE import_id = $1`, [id]);
  await there.sql(`UPDATE job SET state = 'waiting', run_at = now(), finished_at = NULL WHERE kind = 'site.import' AND payload->>'import_id' = $1`, [id]);
  await there.jobs();
  assert.equal((await pat.getJson(`/console/import/${id}`)).json.import.state, 'done');
  const [{ sites }] = await there.sql(`SELECT count(*)::int AS sites FROM site WHERE slug = 'fourth-one'`);
  assert.equal(sites, 1);
});

test('wrong uploads: too large, out of order, somebody else’s, nothing at all', async () => {
  assert.equal((await pat.postJson('/console/uploads', { size: 300 << 20, name: 'x' })).status, 413);
  const { id, upload_url: url } = (await pat.postJson('/console/uploads', { size: 10, name: 'x' })).json;
  const part = (visitor, at, text) => visitor.post(`${url}?at=${at}`, { body: Buffer.from(text), headers: { accept: 'application/json', 'content-type': 'application/octet-stream' } });
  assert.equal((await part(pat, 5, 'abc')).status, 409);
  assert.equal((await part(pat, 0, 'abcdefghijklm')).status, 413);
  assert.equal((await part(pat, 0, '')).status, 400);
  const { visitor: quinn } = await consoleVisitor(there, 'quinn@platform.example');
  assert.equal((await part(quinn, 0, 'abc')).status, 404);
  assert.equal((await pat.postJson('/console/import', { upload: id, slug: '' })).status, 409);
  assert.equal((await pat.postJson('/console/import', { slug: '' })).status, 422);
  assert.equal((await pat.postJson('/console/import', { upload: id, slug: 'console' })).status, 422);
  assert.equal((await pat.get('/console/import/12')).status, 404);
});

test('files are forgotten: exports after a week, unfinished uploads after a day', async () => {
  await there.sql(`UPDATE site_import SET created_at = created_at - interval '2 days' WHERE state = 'uploading'`);
  await here.sql(`UPDATE site_export SET created_at = created_at - interval '8 days'`);
  await here.time('+86400');
  await there.time('+86400');
  await here.jobs();
  await there.jobs();
  assert.deepEqual(await there.sql(`SELECT 1 FROM site_import WHERE state = 'uploading'`), []);
  assert.deepEqual(await here.sql('SELECT 1 FROM site_export'), []);
});
