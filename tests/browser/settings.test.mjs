// The preview of the look in a browser, also with scripts off.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const origin = site.visitor().origin;

async function logIn(page) {
  await page.goto(`${origin}/manage/login`);
  await page.fill('#email', site.manager.email);
  await page.fill('#password', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.includes('/login'));
}

test('P3: the preview follows what is chosen; with scripts off a button does it', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${origin}/manage/branding`);
  await page.selectOption('#corners', 'sharp');
  await page.waitForFunction(() => document.querySelector('[data-look]').src.includes('corners=sharp'));
  const plain = await openPage({ javaScriptEnabled: false });
  await logIn(plain);
  await plain.goto(`${origin}/manage/branding`);
  await plain.selectOption('#header', 'dark');
  await plain.click('button[value=preview]');
  assert.match(await plain.getAttribute('[data-look]', 'src'), /header=dark/);
});
