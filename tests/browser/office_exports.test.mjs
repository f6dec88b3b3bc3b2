// Exporting in a browser: the page that asks, one that shows how far it is, the list of what was made;
// sound at 360 and 1280 px, light and dark, in three languages; by keyboard, and without scripts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { before } from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { addSlots, Buyer, startServer, tour } from '../lib/index.mjs';
import { readCsv, readXlsx } from '../lib/sheet.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'pay-at-venue': {} }, offers: [tour({ schedule: [] })] });
let code;

async function logIn(page, language = '') {
  await page.goto(`${site.visitor().origin}${language}/manage/login`);
  await page.fill('#email', site.manager.email);
  await page.fill('#password', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return `${site.visitor().origin}${language}/manage`;
}

before(async () => {
  const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + 30 * 3_600_000).toISOString()]);
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 2, child: 1 });
  code = (await buyer.buy()).match(/orders\/(\w+)/)[1];
});

// What a click, or another act, brings home.
async function downloaded(page, act) {
  const [file] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('by keyboard: from the list with its filter to both files', async () => {
  const page = await openPage();
  const office = await logIn(page);
  await page.goto(`${office}/orders`);
  await page.focus('#q');
  await page.keyboard.type('buyer');
  await page.waitForURL(/q=buyer/);
  await page.waitForSelector('#export[href*="q=buyer"]');
  await page.focus('#export');
  await page.keyboard.press('Enter');
  await page.waitForURL(/orders\/export\?q=buyer/);
  await page.focus('a[download]');
  const csv = await downloaded(page, () => page.keyboard.press('Enter'));
  assert.match(csv.name, /^practice-orders-.*\.csv$/);
  assert.equal(readCsv(csv.bytes)[1][0], code);
  await page.focus('button[type=submit] >> text=Make the spreadsheet');
  await page.keyboard.press('Enter');
  await page.waitForURL(/exports\/\d+$/);
  // It looks again by itself.
  await page.waitForSelector('a[download]', { timeout: 15_000 });
  assert.equal(await page.textContent('#says'), 'Ready');
  await page.focus('a[download]');
  const xlsx = await downloaded(page, () => page.keyboard.press('Enter'));
  assert.equal(readXlsx(xlsx.bytes).pages[0].rows[1][0], code);
  await page.goto(`${office}/exports`);
});

test('half made, failed, and nothing yet', async () => {
  const page = await openPage({ javaScriptEnabled: false });
  const office = await logIn(page);
  await page.goto(`${office}/exports`);
  const href = await page.getAttribute('.row-link', 'href');
  const set = (changes) => server.sql(`UPDATE export SET ${changes} WHERE export_id = $1`, [href.match(/\d+/)[0]]);
  for (const [changes, name] of [
    [`state = 'waiting', rows_all = NULL, rows_done = 0`, 'office-export-waiting'],
    [`state = 'running', rows_all = 100000, rows_done = 34200`, 'office-export-running'],
    [`state = 'failed'`, 'office-export-failed'],
  ]) {
    await set(changes);
    await page.goto(new URL(href, office).href);
    assert.deepEqual(await checkPage(page, name), [], name);
  }
  assert.match(await page.textContent('main'), /Try again/);
  await server.sql('DELETE FROM export');
  await page.goto(`${office}/exports`);
});

test('in French and Spanish, on a phone, without scripts', async () => {
  for (const [language, go, again, load] of [['/fr', 'Préparer le tableur', 'Actualiser', 'Télécharger'], ['/es', 'Preparar la hoja', 'Volver a mirar', 'Descargar']]) {
    const page = await openPage({ javaScriptEnabled: false, width: 360 });
    const office = await logIn(page, language);
    await page.goto(`${office}/orders/export?state=due`);
    assert.deepEqual(await checkPage(page, `office-export${language.replace('/', '-')}`), []);
    await page.click(`button:has-text("${go}")`);
    await page.waitForURL(/exports\/\d+$/);
    await server.jobs();
    if (await page.locator(`a:has-text("${again}")`).count()) await page.click(`a:has-text("${again}")`);
    assert.deepEqual(await checkPage(page, `office-export-ready${language.replace('/', '-')}`), []);
    const xlsx = await downloaded(page, () => page.click(`a:has-text("${load}")`));
    assert.equal(readXlsx(xlsx.bytes).pages[0].rows[1][0], code);
  }
});
