// Settings in a browser: staff, account, second factor, legal data, taxes, look, going live: sound
// pages in three languages, two widths, light and dark, by keyboard, and with scripts off.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const origin = site.visitor().origin;
const calm = (findings) => findings.filter((text) => !/: (409|422): /.test(text));

async function logIn(page) {
  await page.goto(`${origin}/manage/login`);
  await page.fill('#email', site.manager.email);
  await page.fill('#password', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.includes('/login'));
}

const pages = [
  ['/manage/staff', 'settings-staff', ''],
  ['/manage/account', 'settings-account', '/fr'],
  ['/manage/account/second-factor', 'settings-factor', '/es'],
  ['/manage/legal', 'settings-legal', ''],
  ['/manage/legal/pages/terms', 'settings-terms', '/fr'],
  ['/manage/legal/taxes/new', 'settings-tax', '/es'],
  ['/manage/branding', 'settings-branding', ''],
  ['/manage/go-live', 'settings-go-live', '/fr'],
];

test('P3, P5, P8, P10: every page of settings is a sound page, empty, full and refused', async () => {
  const page = await openPage();
  await logIn(page);
  for (const [path, name, language] of pages) {
    await page.goto(origin + language + path);
    assert.deepEqual(await checkPage(page, name), []);
  }
  await page.goto(`${origin}/manage/staff`);
  await page.fill('#email', 'bea@house.example');
  await page.keyboard.press('Enter');
  await page.waitForURL(/done=invited/);
  assert.deepEqual(await checkPage(page, 'settings-staff-full'), []);
  await page.fill('#email', 'bea@house.example');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'settings-staff-refused')), []);
});

test('P5: the ways in are sound pages', async () => {
  const page = await openPage();
  await page.goto(`${origin}/fr/manage/login/forgot`);
  assert.deepEqual(await checkPage(page, 'entry-forgot'), []);
  await page.fill('#email', 'somebody@house.example');
  await page.keyboard.press('Enter');
  await page.waitForURL(/sent/);
  assert.deepEqual(await checkPage(page, 'entry-sent'), []);
  const mail = await server.mail({ to: 'bea@house.example' });
  await page.goto(mail.text.match(/http:\S+/)[0]);
  assert.deepEqual(await checkPage(page, 'entry-invitation'), []);
});

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
