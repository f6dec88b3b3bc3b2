// The offers of the office in a browser: refused and conflicting, by keyboard, with scripts off, a
// picture sent in parts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';
import { offerId, png } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ languages: ['fr', 'en', 'es'] });
const bare = await server.createSite({ offers: [], categories: [], resources: [] });
const offices = (of) => `${of.visitor().origin}/manage`;
const tour = await offerId(server, site, 'tour');
const calm = (findings) => findings.filter((text) => !/: (409|422): /.test(text));

async function open(of = site, options = {}) {
  const page = await openPage(options);
  await page.goto(`${offices(of)}/login`);
  await page.fill('#email', of.manager.email);
  await page.fill('#password', of.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return page;
}

test('a refusal has the focus on its summary; a conflict is a sound page', async () => {
  const page = await open();
  await page.goto(`${offices(site)}/offers/${tour}`);
  await page.fill('#title_fr', '');
  await page.click('.save-bar button[value=save]');
  await page.waitForSelector('.errors li');
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-errors]')), 'focus on the summary');

  await page.goto(`${offices(site)}/offers/${tour}`);
  await server.sql('UPDATE offer SET version = version + 1 WHERE offer_id = $1', [tour]);
  await page.fill('#title_fr', 'Grande visite');
  await page.click('.save-bar button[value=save]');
  await page.waitForSelector('.conflict');
  assert.deepEqual(calm(await checkPage(page, 'office-offer-conflict')), []);
});

test('by keyboard from the list to a saved offer', async () => {
  const page = await open();
  await page.goto(`${offices(site)}/offers`);
  await page.locator('.row-link').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/offers\/\d+$/);
  await page.locator('#line_fr').focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' au clavier');
  await page.keyboard.press('Enter');
  await page.waitForURL(/done=offer_saved/);
  assert.match(await page.inputValue('#line_fr'), / au clavier$/);
});

test('design: a picture larger than one request is sent in parts', async () => {
  const page = await open();
  await page.goto(`${offices(site)}/offers/${tour}/picture`);
  await page.setInputFiles('#picture', {
    name: 'large.png', mimeType: 'image/png', buffer: Buffer.concat([png(900, 600), Buffer.alloc(9 << 20)]),
  });
  await page.click('form[enctype] button');
  await page.waitForURL(/done=picture_saved/);
  await page.setInputFiles('#picture', { name: 'x.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') });
  await page.click('form[enctype] button');
  await page.waitForSelector('.errors li');
});

test('with scripts off: create, price, publish', async () => {
  const page = await open(bare, { javaScriptEnabled: false });
  await page.goto(`${offices(bare)}/offers/new`);
  await page.fill('#title_en', 'First');
  await page.fill('#price', '12.00');
  await page.click('.panel__foot button');
  await page.waitForURL(/done=offer_created/);
  await page.click('form[action$="/publish"] button');
  await page.waitForURL(/done=offer_published/);
});
