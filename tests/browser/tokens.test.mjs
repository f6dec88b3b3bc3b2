// An API token is made by keyboard and shown once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({});
const page = await openPage();
const origin = site.visitor().origin;

test('API tokens: made by keyboard, shown once', async () => {
  await page.goto(`${origin}/manage/login`);
  await page.fill('[name=email]', site.manager.email);
  await page.fill('[name=password]', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${origin}/manage`);
  await page.goto(`${origin}/manage/tokens`);
  await page.focus('[name=name]');
  await page.keyboard.type('Till at the door');
  await page.focus('[name=scopes_orders_read]');
  await page.keyboard.press('Space');
  await page.focus('form[action="/manage/tokens"] button[value=save]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=/vt_[0-9a-z]{32}/');
  assert.deepEqual(await checkPage(page, 'tokens-made'), []);
  await page.goto(`${origin}/manage/tokens`);
  await page.click('form[action="/manage/tokens"] button[value=save]');
  await page.waitForSelector('.field__error');
  await page.goto(`${origin}/es/manage/tokens`);
  await page.click('text=Till at the door');
  await page.waitForSelector('h1:has-text("Till at the door")');
});
