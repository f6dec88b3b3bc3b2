// P4: from the console into a site's back office, by keyboard.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { consoleVisitor } from '../lib/console.mjs';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const site = await server.createSite({ features: { coupons: {}, 'pay-at-venue': {} } });
const { visitor, email, password } = await consoleVisitor(server, 'olga@platform.example', 'operator');
const platform = server.visitor().origin;

async function logIn(page, language = '') {
  await page.goto(`${platform}${language}/console/login`);
  await page.fill('#email', email);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
}

test('P4: by keyboard into the back office, where every page says on whose behalf one acts', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${platform}/console/sites/${site.slug}`);
  await page.focus('#why');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  await page.fill('#why', 'Coupons do not apply.');
  await page.focus('#why');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/manage$/);
  assert.match(await page.textContent('.on-behalf'), /you act for/);
  assert.deepEqual(await checkPage(page, 'office-support-banner'), []);
  await page.goto(`${new URL(page.url()).origin}/manage/support`);
});
