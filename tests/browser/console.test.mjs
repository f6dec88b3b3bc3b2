// P4, P9: the console's pages in a browser: 360 and 1280 px, light and dark, doubled text, axe and
// html-validate, by keyboard; empty, full and refused.
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
const calm = (findings) => findings.filter((text) => !/: (403|409|422): /.test(text));

test('P4: empty lists of the console are sound pages', async () => {
  const page = await openPage();
  await logIn(page, '/fr');
  for (const path of ['approvals', 'jobs', 'changes', 'account', 'plans']) {
    await page.goto(`${platform}/fr/console/${path}`);
    assert.deepEqual(await checkPage(page, `console-${path}-empty`), []);
  }
});

test('P4, P9: sites, one site, its set-up, sales, mails and a change are sound pages', async () => {
  await server.feature(site, 'tenth', 'on');
  await server.sql(
    `INSERT INTO job (tenant_id, kind, state, run_at, created_at, finished_at, last_error)
     SELECT tenant_id, 'mail.order', 'failed', now(), now(), now(), 'no answer' FROM site WHERE slug = $1`, [site.slug]);
  const { json: { id } } = await visitor.postJson('/console/changes', { path: 'branding/brand', value: '#335577' });
  const page = await openPage();
  await logIn(page, '/es');
  for (const [path, name] of [
    ['', 'home'], ['?q=nothing', 'home-none'], [`/sites/${site.slug}`, 'site'], [`/sites/${site.slug}/setup`, 'setup'],
    [`/sites/${site.slug}/sales`, 'sales'], [`/sites/${site.slug}/mails`, 'mails'], ['/approvals', 'approvals'],
    ['/jobs', 'jobs'], [`/changes/${id}`, 'change'], ['/changes/new?path=branding/brand', 'change-new'], [`/sites/${site.slug}/close`, 'close'],
  ]) {
    await page.goto(`${platform}/es/console${path}`);
    assert.deepEqual(calm(await checkPage(page, `console-${name}`)), []);
  }
});

test('P4: by keyboard into the back office, where every page says on whose behalf one acts', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${platform}/console/sites/${site.slug}`);
  await page.focus('#why');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'console-site-refused')), []);
  await page.fill('#why', 'Coupons do not apply.');
  await page.focus('#why');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/manage$/);
  assert.match(await page.textContent('.on-behalf'), /you act for/);
  assert.deepEqual(await checkPage(page, 'office-support-banner'), []);
  await page.goto(`${new URL(page.url()).origin}/manage/support`);
  assert.deepEqual(await checkPage(page, 'office-support'), []);
});
