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
  assert.doesNotMatch(await page.locator('button[form=choose]').innerText(), /\d/, 'no amount that nothing recalculates');
  assert.equal(await page.locator('[data-total]').isVisible(), false);
  await page.click('button[form=choose]');
  assert.match(page.url(), /\/fr\/basket$/);
  assert.equal(await page.locator('.basket-link__count').textContent(), '1');
});

test('without scripts nothing covers the phone’s page, and a link leads to the panel', async () => {
  const page = await openPage({ javaScriptEnabled: false, width: 360 });
  await page.goto(offer);
  assert.equal(await page.locator('[data-sheet-bar]').isVisible(), false);
  await page.click('.offer__jump a');
  assert.match(page.url(), /#booking$/);
  assert.equal(await page.locator('a.slot').first().isVisible(), true);
});

test('an address that names a time opens the phone’s sheet with it', async () => {
  const page = await openPage({ width: 360 });
  await page.goto(offer);
  assert.equal(await page.locator('.booking').isVisible(), false);
  await page.click('[data-sheet-open]');
  await page.click('a.slot >> nth=0');
  await page.waitForSelector('#choose');
  await page.reload();
  await page.waitForSelector('dialog:modal');
  assert.equal(await page.locator('#choose').isVisible(), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.booking').isVisible(), false);
});

test('a long name takes two lines at most, and no word of a filter or an address is cut', async () => {
  const site = await server.createSite({ name: 'Musée départemental des beaux-arts et de la dentelle de Haute-Loire' });
  const page = await openPage({ width: 360 });
  await page.goto(`${site.visitor().origin}/`);
  assert.ok((await page.locator('.logo').boundingBox()).height <= 56);
  assert.deepEqual(await checkPage(page, 'storefront-long-name'), []);

  await page.setViewportSize({ width: 360, height: 900 });
  const lines = (selector) =>
    page.locator(selector).evaluateAll((all) => all.map((e) => {
      const range = document.createRange();
      range.selectNodeContents(e);
      return new Set([...range.getClientRects()].map((r) => Math.round(r.bottom / 8))).size;
    }));
  await page.goto(`${server.visitor('la-trame').origin}/fr/offers`);
  assert.deepEqual([...new Set(await lines('.filters .pill'))], [1]);
  await page.goto(`${server.visitor().origin}/signup`);
  assert.deepEqual(await lines('#slug-suffix'), [1]);
});

test('beyond the last date the list names the next one', async () => {
  const page = await openPage();
  await page.goto(`${offer}?view=list&from=2028-06-01`);
  assert.match(await page.locator('.slots__none').innerText(), /Prochaine place libre/);
  await page.click('.slots__none a');
  await page.waitForSelector('a.slot');
});
