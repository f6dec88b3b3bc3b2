// "Works with JavaScript off, from landing to ticket. JavaScript makes it quicker" (ux 1), on a
// phone and a desk, in English and French; every state passes ux 2, 18, 20 and 23.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { checkInvariants, startServer } from '../lib/index.mjs';
import { Payments } from '../lib/payments.mjs';

const payments = await Payments.start();
const server = await startServer({ env: payments.env });
await server.vitrine('site', 'demo', 'tenants/demo');

const walks = [
  { js: true, width: 1280, slug: 'beckwith-baths', prefix: '', offer: 'the-long-bath', pay: 'sandbox-pay' },
  { js: false, width: 360, slug: 'la-trame', prefix: '', offer: 'la-nuit-des-rois', pay: 'sandbox-pay' },
  { js: true, width: 360, slug: 'minamo', prefix: '/fr', offer: 'collection', pay: 'pay-at-venue' },
  { js: false, width: 1280, slug: 'acequia', prefix: '/en', offer: 'pista-90', pay: 'pay-at-venue' },
];

for (const walk of walks) {
  const name = `${walk.slug}-${walk.js ? 'js' : 'nojs'}-${walk.width}`;
  test(`ux 1, 2, 18, 23: from landing to ticket, ${name}`, async () => {
    const page = await openPage({ javaScriptEnabled: walk.js, width: walk.width });
    const { origin } = server.visitor(walk.slug);
    const check = async (state) => {
      assert.deepEqual(await checkPage(page, `${name}-${state}`), []);
      await page.setViewportSize({ width: walk.width, height: 900 });
    };
    const press = async (locator) => {
      await Promise.all([page.waitForNavigation(), locator.click()]);
      await page.waitForLoadState();
    };

    await page.goto(`${origin}${walk.prefix}/`);
    await check('1-home');
    await press(page.locator(`a[href$="/offers/${walk.offer}"]`).first());
    await check('2-offer');

    await choose(page, walk);
    await check('3-chosen'); // which made the window wide, and so closed a phone's sheet
    if (!(await page.locator('button[form=choose]').isVisible())) await page.locator('[data-sheet-open]').click();
    await press(page.locator('button[form=choose]'));
    assert.match(page.url(), /\/basket$/);
    await check('4-basket');

    await press(page.locator('.till__side a.button'));
    await check('5-who'); // the sites let people log in; these don't
    await press(page.locator('a[href*="as=guest"]'));
    await check('5-details');
    await press(page.locator('form.form button[type=submit]'));
    assert.equal(page.answer.status(), 422);
    if (walk.js) assert.equal(await page.evaluate(() => document.activeElement.className), 'errors', 'ux 7');
    await check('6-refused');

    await page.locator('#name').fill('Zoë Ålund');
    await page.locator('#email').fill(`${name}@buyer.example`);
    await press(page.locator('form.form button[type=submit]'));
    await check('7-pay');
    await page.locator(`label[for=method-${walk.pay}]`).click();
    await press(page.locator('form.form button[type=submit]'));
    if (walk.pay === 'sandbox-pay') {
      assert.ok(page.url().startsWith(payments.url), 'the provider’s own page');
      await press(page.locator('button[value=approve]'));
      await page.waitForURL(/\/orders\//);
      await page.waitForLoadState();
    }
    await check('8-order');
    assert.ok((await page.locator('.ticket').count()) > 0);
    assert.equal(await page.locator('.ticket__qr').first().evaluate((i) => i.naturalWidth > 0), true);

    const mail = await server.mail({ to: `${name}@buyer.example` });
    await page.context().clearCookies();
    await page.goto(mail.text.match(/http:\S+\/orders\/\S+/)[0]);
    assert.ok((await page.locator('.ticket').count()) > 0, '"opens the order from the mail’s link later"');
    await page.context().close();
    await checkInvariants(server);
  });
}

// A day with something free, its first slot, and two places where more than one can be had.
async function choose(page, { js, width }) {
  const opener = page.locator('[data-sheet-open]');
  if (js && width < 800) await opener.click();
  const settled = async (locator, sign) => {
    await locator.click();
    await page.locator(sign).waitFor();
  };
  const day = page.locator('.strip__days a.day--free').nth(2);
  const id = await day.getAttribute('id');
  await settled(day, `#${id}[aria-current]`);
  await settled(page.locator('a.slot').first(), '#choose');
  const number = page.locator('#choose .stepper__number').first();
  if (Number(await number.getAttribute('max')) > 1) await number.fill('2');
}
