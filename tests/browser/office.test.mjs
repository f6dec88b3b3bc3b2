// The back office, the console and sign-up in a browser: 360 and 1280 px, light and dark, doubled
// text, by keyboard, with scripts off; nothing from third parties, axe and html-validate content.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const features = { coupons: {}, greeter: {}, 'pay-at-venue': {}, 'sandbox-pay': {} };
const site = await server.createSite({ features, greeter: ['Ann'], languages: ['fr', 'en', 'es'] });
const operator = { email: 'op@platform.example', password: 'lighthouse at noon' };
await server.vitrine('operator', 'create', operator.email, { input: `${operator.password}\n` });
const office = `${site.visitor().origin}/manage`;
const platform = server.visitor().origin;

async function logIn(page, address, { email, password }) {
  await page.goto(address);
  await page.fill('#email', email);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
}

// Refusals are answers, not findings.
const calm = (findings) => findings.filter((text) => !/: (409|422): /.test(text));

test('the login: a refusal has the focus on its summary, then one is let in', async () => {
  const page = await openPage();
  await page.goto(`${office}/login`);
  await page.fill('#email', 'x');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-errors]')), 'focus on the summary');

  await logIn(page, `${office}/login`, site.manager);
});

test('P2: what isn’t there, what clashes and what is closing are sound pages', async () => {
  const page = await openPage();
  await logIn(page, `${office}/login`, site.manager);
  await page.goto(`${office}/nothing`);
  assert.deepEqual(await checkPage(page, 'office-error'), []);
  await page.goto(`${office}/features`);
  await page.click('form[action$="/tally/on"] button');
  await page.waitForURL(/features/);
  await page.goto(`${office}/features`);
  await page.click('form[action$="/sampler/on"] button');
  assert.deepEqual(calm(await checkPage(page, 'office-clash')), []);
  await page.goto(`${office}/features/sampler`);
  await page.fill('#setting_seats', '99');
  await page.click('form[action$="/settings"] button[type=submit]');
  await page.waitForSelector('.errors li');
  await page.goto(`${office}/features`);
  await page.click('form[action$="/tally/off"] button');
  await page.waitForURL(/done=off/);
  await page.click('form[action$="/greeter/off"] button');
  await page.waitForURL(/done=closes/);
  await page.goto(`${office}/features/greeter`);
  assert.deepEqual(await checkPage(page, 'office-closing'), []);
});

test('P2: a switch by keyboard, and the way back by Undo', async () => {
  const page = await openPage();
  await logIn(page, `${office}/login`, site.manager);
  await page.goto(`${office}/features`);
  const knob = page.locator('form[action$="/coupons/off"] button[role=switch]');
  assert.equal(await knob.getAttribute('aria-checked'), 'true');
  await knob.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/done=off/);
  assert.equal(await page.locator('.rail a[href="/manage/x/coupons/"]').count(), 0);
  await page.locator('.notice button').press('Enter');
  await page.waitForURL(/done=on/);
  assert.equal(await page.locator('.rail a[href="/manage/x/coupons/"]').count(), 1);
});

test('the menu of a phone opens and closes by keyboard', async () => {
  const page = await openPage({ width: 360 });
  await logIn(page, `${office}/login`, site.manager);
  assert.equal(await page.locator('.rail').isVisible(), false);
  await page.locator('.topbar button').press('Enter');
  assert.equal(await page.locator('.rail').isVisible(), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.rail').isVisible(), false);
});

test('with scripts off: log in, switch, save, log out', async () => {
  const page = await openPage({ javaScriptEnabled: false });
  await logIn(page, `${office}/login`, site.manager);
  await page.goto(`${office}/features`);
  await page.click('form[action$="/sandbox-pay/off"] button');
  await page.waitForURL(/done=off/);
  await page.goto(`${office}/features/sampler`);
  await page.fill('#setting_seats', '7');
  await page.click('form[action$="/settings"] button[type=submit]');
  await page.waitForURL(/done=saved/);
  assert.equal(await page.inputValue('#setting_seats'), '7');
  await page.click('form[action$="/logout"] button');
  await page.waitForURL(/\/manage\/login/);
});

test('P1: the platform, sign-up, its refusals and the welcome are sound pages', async () => {
  const page = await openPage({ locale: 'fr-FR', timezoneId: 'Europe/Madrid' });
  await page.goto(`${platform}/fr`);
  assert.deepEqual(await checkPage(page, 'platform-home'), []);
  await page.goto(`${platform}/fr/signup?kind=theatre`);
  assert.deepEqual(await checkPage(page, 'platform-signup'), []);
  await page.click('button[type=submit]');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'platform-signup-refused')), []);
  await page.fill('#venue_name', 'Théâtre du Pont');
  assert.equal(await page.inputValue('#slug'), 'theatre-du-pont');
  await page.fill('#email', 'ines@pont.example');
  await page.fill('#password', 'rideau rouge et vélo');
  await page.click('button[type=submit]');
  await page.waitForURL(/welcome/);
  assert.deepEqual(await checkPage(page, 'platform-welcome'), []);
  const [{ time_zone }] = await server.sql("SELECT time_zone FROM site WHERE slug = 'theatre-du-pont'");
  assert.equal(time_zone, 'Europe/Madrid');
});
