// The pages that show what is on sale pass every check in both widths and schemes, in a demo site's
// full look; the booking panel loads by itself, keeps focus, and works without scripts too.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { checkPage, openPage } from '../lib/browser.mjs';

const server = await startServer();
await server.vitrine('site', 'demo', 'tenants/demo');
const { origin } = server.visitor('acequia');
const offer = `${origin}/fr/offers/pista-90`;

const pages = {
  home: '/en',
  offers: '/fr/offers',
  nothing_found: '/offers?q=nothing-like-it',
  offer: '/fr/offers/pista-90',
  offer_list: '/offers/pista-90?view=list',
  offer_month: '/en/offers/pista-90?month=2026-12',
  not_found: '/fr/offers/nothing-like-it',
};
for (const [name, path] of Object.entries(pages)) {
  test(`${name} passes every check`, async () => {
    const page = await openPage();
    await page.goto(origin + path);
    assert.deepEqual(await checkPage(page, `storefront-${name}`), []);
  });
}

test('choosing a time loads the panel alone and leads to the basket', async () => {
  const page = await openPage();
  await page.goto(offer);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).search));
  await page.click('a.slot');
  await page.waitForSelector('#choose');
  assert.ok(asked.some((search) => search.includes('part=booking')));
  assert.doesNotMatch(page.url(), /part=/);
  assert.match(page.url(), /slot=\d+#choose$/);
  assert.deepEqual(await checkPage(page, 'storefront-chosen'), []);
  await page.click('#choose ~ .booking__go button, .booking__go button[form=choose]');
  await page.waitForURL(/\/fr\/basket$/);
});

test('the month opens where it was asked for, and focus stays', async () => {
  const page = await openPage();
  await page.goto(offer);
  await page.focus('#month-open');
  await page.keyboard.press('Enter');
  await page.waitForSelector('details.month[open]');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'month-open');
});

test('the same without scripts', async () => {
  const page = await openPage({ javaScriptEnabled: false });
  await page.goto(offer);
  await page.click('#month-open');
  assert.equal(await page.locator('table.month__grid').count(), 1);
  await page.click('a.slot >> nth=0');
  await page.click('button[form=choose]');
  assert.match(page.url(), /\/fr\/basket$/);
  assert.equal(await page.locator('.basket-link__count').textContent(), '1');
});
