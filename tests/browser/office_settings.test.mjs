// Sales channels, mails and pictures of the look in a browser: a profile is made and a mail is written
// anew by keyboard; a logo is sent, refused and shown.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';
import { png } from '../lib/office.mjs';

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

test('P9: channels and their profiles are sound pages; one is made by keyboard, a wrong one refused', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${origin}/fr/manage/channels`);
  await page.goto(`${origin}/manage/channels`);
  await page.getByRole('link', { name: 'Web', exact: true }).click();
  await page.waitForURL(/\/channels\/\d+/);
  await page.goto(`${page.url().split('?')[0]}/profiles/new`);
  await page.fill('#name', 'Winter');
  await page.fill('#from', '2027-03-01');
  await page.fill('#to', '2027-02-01');
  await page.locator('#to').press('Enter');
  await page.waitForSelector('.errors li');
  await page.fill('#to', '2027-04-01');
  await page.locator('#to').press('Enter');
  await page.waitForURL(/done=saved/);
  assert.match(await page.textContent('main'), /Winter/);
});

test('P3: every mail is a sound page; its words are changed by keyboard, and what can’t be read is refused', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${origin}/es/manage/notifications`);
  await page.goto(`${origin}/fr/manage/features/core/notifications/booking_moved`);
  await page.goto(`${origin}/manage/features/core/notifications/order_confirmed`);
  await page.fill('#subject_en', 'Hello {{nobody}}');
  await page.locator('#subject_en').press('Enter');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'mail-refused')), []);
  await page.fill('#subject_en', 'Hello {{name}}');
  await page.locator('#subject_en').press('Enter');
  await page.waitForSelector('.notice--success, .notice');
  assert.match(await page.textContent('.notice'), /Saved/);
});

test('P3: a logo is sent, refused and shown', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${origin}/fr/manage/branding/pictures/logo`);
  const send = async (name, buffer) => {
    await page.setInputFiles('#picture', { name, mimeType: 'image/png', buffer });
    await page.getByRole('button', { name: 'Utiliser cette image' }).first().click();
  };
  await send('x.png', Buffer.from('GIF89a'));
  await page.waitForSelector('.errors li');
  await send('logo.png', png(500, 400));
  await page.waitForSelector('.settings__picture img');
  assert.deepEqual(calm(await checkPage(page, 'picture-full')), []);
});
