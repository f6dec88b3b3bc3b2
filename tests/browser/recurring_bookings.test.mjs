// C2: recurring bookings in a browser: the builder by keyboard alone, pages at 360 and 1280 px,
// light and dark, in French and Spanish.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { court, startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({
  languages: ['en', 'fr', 'es'],
  features: { 'pay-at-venue': {}, 'recurring-bookings': {} },
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' }],
  offers: [court({ resource: undefined, resources: ['court-1', 'court-2'] })],
});
const { origin } = site.visitor();
const base = '/manage/x/recurring-bookings';
const monday = new Date(Date.now() + (8 - new Date().getUTCDay()) * 86_400_000).toISOString().slice(0, 10);

async function open() {
  const page = await openPage();
  await page.goto(`${origin}/manage/login`);
  await page.fill('#email', site.manager.email);
  await page.fill('#password', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return page;
}

test('C2: a series by keyboard alone, from the empty list to its dates; every page is sound', async () => {
  const page = await open();
  await page.goto(`${origin}/es${base}/`);
  assert.deepEqual(await checkPage(page, 'recurring-empty'), []);
  await page.goto(`${origin}/es${base}/new`);
  assert.deepEqual(await checkPage(page, 'recurring-new'), []);

  await page.goto(`${origin}${base}/new`);
  assert.equal(await page.locator('.repeat__month-day').isVisible(), false);
  await page.focus('#repeat');
  for (const key of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  assert.equal(await page.locator('#nth').isVisible(), true);
  for (const key of ['ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
  assert.equal(await page.locator('#nth').isVisible(), false);
  assert.equal(await page.locator('#until').isVisible(), false);
  await page.focus('#time');
  await page.keyboard.type('18:00');
  await page.fill('#first', monday);
  await page.focus('#days-1');
  await page.keyboard.press('Space');
  await page.fill('#count', '12');
  await page.focus('#name');
  await page.keyboard.type('Ann Lee');
  await page.keyboard.press('Tab');
  await page.keyboard.type('ann@example.com');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\d+$/);
  const draft = new URL(page.url()).pathname;
  assert.match(await page.textContent('main'), /12 dates/);
  await page.goto(`${origin}/fr${draft}`);
  assert.deepEqual(await checkPage(page, 'recurring-draft'), []);
  await page.locator('form button[type=submit]').last().press('Enter');
  await page.waitForSelector('#progress');
  await server.jobs();
  await page.goto(`${origin}/fr${draft}`);
  assert.deepEqual(await checkPage(page, 'recurring-series'), []);
  await page.goto(`${origin}/fr${draft}/dates/2`);
  assert.deepEqual(await checkPage(page, 'recurring-date'), []);
  await page.goto(`${origin}${draft}/cancel?number=2&scope=following`);
  assert.deepEqual(await checkPage(page, 'recurring-cancel'), []);
  const [mail] = await server.mails({ to: 'ann@example.com' });
  await page.goto(mail.text.match(/http:\S+\?t=[\w-]+/)[0]);
  assert.deepEqual(await checkPage(page, 'recurring-customer'), []);
});
