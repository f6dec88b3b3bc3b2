// ux 9: "Hold countdown: announced politely, warns two minutes before, one click extends, expiry
// keeps the basket and tries again"; ux 19: the main path by keyboard alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
await server.vitrine('site', 'demo', 'tenants/demo');
const { origin } = server.visitor('beckwith-baths');

// Only the keyboard: Tab until what is wanted has the focus, then a key.
async function press(page, selector, key = 'Enter') {
  for (let i = 0; i < 120; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) {
      const outlines = await page.evaluate(() =>
        [document.activeElement, document.activeElement.nextElementSibling, document.activeElement.closest('.choice')]
          .map((e) => e && getComputedStyle(e).outlineStyle));
      assert.ok(outlines.some((style) => style && style !== 'none'), `${selector} shows its focus`);
      return page.keyboard.press(key);
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${page.url()}: Tab never reaches ${selector}`);
}

const page = await openPage();

test('ux 19: from the offer to the ticket by keyboard alone', async () => {
  await page.goto(`${origin}/offers/the-long-bath`);
  await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.className), /skip/, 'the skip link comes first');
  await press(page, '.strip__days li:nth-child(4) a');
  await page.locator('.strip__days li:nth-child(4) a[aria-current]').waitFor();
  await press(page, 'a.slot');
  await page.locator('#choose').waitFor();
  await press(page, 'button[form=choose]');
  await page.waitForURL(/\/basket$/);
});

test('ux 9: the countdown runs, warns two minutes before, extends at one press, and says when it is over', async () => {
  await page.clock.install();
  await page.reload();
  const clock = page.locator('[data-hold-clock]');
  const says = page.locator('[data-hold-says]');
  assert.match(await clock.textContent(), /^(10:00|9:\d\d)$/);
  await page.clock.runFor('08:05');
  assert.match(await clock.textContent(), /^1:\d\d$/);
  assert.match(await says.textContent(), /Two minutes left/);
  assert.equal(await says.getAttribute('role'), 'status');

  await page.locator('.hold__on button').click();
  await page.waitForLoadState();
  await page.locator('.hold__on').waitFor();
  assert.match(await clock.textContent(), /^(20:00|19:\d\d)$/);
  assert.equal(await page.locator('.hold__on button').count(), 0, 'once');

  await server.time('+1300');
  await page.clock.runFor('20:30');
  assert.match(await says.textContent(), /Time is up/);
  assert.equal(await page.locator('.hold__off').isVisible(), true);
  await page.reload();
  assert.deepEqual(await checkPage(page, 'hold-over'), []);
  await page.locator('.hold__off button').click();
  await page.locator('.hold__on').waitFor();
  await page.clock.runFor('00:01');
  assert.match(await clock.textContent(), /^(10:00|9:\d\d)$/);
});

test('ux 19: checkout by keyboard alone, as far as the ticket', async () => {
  await press(page, '.till__side a.button');
  await page.waitForURL(/\/checkout\/who$/);
  await press(page, 'a[href*="as=guest"]');
  await page.waitForURL(/\/checkout\?as=guest$/);
  await press(page, '#name', 'A');
  await page.keyboard.type('nn Keys');
  await press(page, '#email', 'a');
  await page.keyboard.type('nn@keys.example');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/checkout\/pay$/);
  await press(page, 'input[name=method]', 'Space');
  await press(page, 'form.form button[type=submit]');
  await page.waitForURL(/\/pay\/pay_/);
  await press(page, 'button[value=approve]');
  await page.waitForURL(/\/orders\//);
  assert.equal(await page.locator('.ticket').count(), 1);
});
