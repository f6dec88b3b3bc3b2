// P4: a site as a file in the console: empty, being made, ready, refused, imported; by keyboard, and a
// file larger than one request, which the page sends in parts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({ slug: 'old-mill' });
const { visitor, email, password } = await consoleVisitor(server);
const platform = server.visitor().origin;

async function logIn(page, language = '') {
  await page.goto(`${platform}${language}/console/login`);
  await page.fill('#email', email);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
}

test('P4: a file is asked for by keyboard, and says by itself when it is ready', async () => {
  const page = await openPage();
  await logIn(page, '/fr');
  await page.goto(`${platform}/fr/console/sites/${site.slug}/export`);
  await page.focus('form[action$="/export"] button');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#progress');
  await server.jobs();
  await page.waitForSelector('a[download]');
  assert.match(await page.textContent('#progress'), /Prêt\s*: \d+ lignes/);
  await server.sql(`INSERT INTO site_export (tenant_id, operator_id, operator_name, state, why, created_at)
    SELECT tenant_id, 1, 'Olga', 'failed', 'the file could not be stored', now() FROM site WHERE slug = $1`, [site.slug]);
  await server.sql(`INSERT INTO site_export (tenant_id, operator_id, operator_name, state, rows_done, created_at)
    SELECT tenant_id, 1, 'Olga', 'running', 4120, now() FROM site WHERE slug = $1`, [site.slug]);
  await page.goto(`${platform}/fr/console/sites/${site.slug}/export`);
  assert.deepEqual(await checkPage(page, 'console-export'), []);
});

test('P4: the import’s form, empty and refused, and what became of a file', async () => {
  const page = await openPage();
  await logIn(page, '/es');
  await page.goto(`${platform}/es/console/import`);
  await page.fill('#slug', 'old-mill');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#slug-error');

  const { json: { exports } } = await visitor.getJson(`/console/sites/${site.slug}/export`);
  const file = await visitor.get(exports.find(({ done }) => done).file_url);
  await page.setInputFiles('#archive', { name: 'old-mill.tar.gz', mimeType: 'application/gzip', buffer: file.bytes });
  await page.fill('#slug', 'new-weir');
  await page.keyboard.press('Enter');
  await page.waitForURL(/import\/\d+$/);
  await server.jobs();
  await page.waitForSelector('#progress a.button');
  assert.match(await page.textContent('#progress'), /Importado: \d+ filas/);
  await page.goto(`${platform}/es/console/import`);
});

test('P4: a file larger than one request goes in parts; a foreign one is refused with its place', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${platform}/console/import`);
  await page.setInputFiles('#archive', { name: 'photos.tar.gz', mimeType: 'application/gzip', buffer: Buffer.alloc(9 << 20, 'a') });
  await page.click('form[data-upload] button');
  await page.waitForURL(/import\/\d+$/);
  await server.jobs();
  await page.waitForSelector('.payload');
  assert.match(await page.textContent('#progress'), /The file was refused:.*it is no gzip archive \(at its byte \d+\).*Nothing was written/s);
  assert.deepEqual(await checkPage(page, 'console-import-failed'), []);
});
