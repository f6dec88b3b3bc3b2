// The page of API tokens, empty, full and refused, at every size and in three languages.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({});
const page = await openPage();
const origin = site.visitor().origin;

test('API tokens: made by keyboard, shown once, in every state without findings', async () => {
  await page.goto(`${origin}/manage/login`);
  await page.fill('[name=email]', site.manager.email);
  await page.fill('[name=password]', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${origin}/manage`);
  await page.goto(`${origin}/fr/manage/tokens`);
  assert.deepEqual(await checkPage(page, 'tokens-empty'), []);
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
  assert.deepEqual(await checkPage(page, 'tokens-refused'), []);
  await page.goto(`${origin}/es/manage/tokens`);
  assert.deepEqual(await checkPage(page, 'tokens'), []);
  await page.click('text=Till at the door');
  await page.waitForSelector('h1:has-text("Till at the door")');
  assert.deepEqual(await checkPage(page, 'token'), []);
});
