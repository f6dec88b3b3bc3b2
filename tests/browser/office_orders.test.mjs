// The office's orders in a browser: every page and state sound at 360 and 1280 px, light and dark,
// in three languages; search as one types; a cancellation by keyboard alone, and without scripts.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { addSlots, Buyer, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const features = { 'sandbox-pay': {}, 'pay-at-venue': {}, 'self-cancel': {} };
const site = await server.createSite({ features, offers: [tour({ schedule: [] }), court()] });
const empty = await server.createSite({ features, offers: [tour({ schedule: [] })] });
const calm = (findings) => findings.filter((text) => !/: (409|422): /.test(text));
const bought = [];

async function logIn(page, where = site, language = '') {
  await page.goto(`${where.visitor().origin}${language}/manage/login`);
  await page.fill('#email', where.manager.email);
  await page.fill('#password', where.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return `${where.visitor().origin}${language}/manage`;
}

before(async () => {
  for (const [i, [name, email]] of [['Anna Lee', 'anna@music.example'], ['José O’Brien', 'jose@music.example'], ['Ignatius Featherstonehaugh-Cholmondeley', 'a.very.long.address.of.somebody@an-orchestra-of-many-instruments.example']].entries()) {
    const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + (30 + i) * 3_600_000).toISOString()]);
    const buyer = new Buyer(site);
    await buyer.book('tour', slot, { adult: 2, child: 1 });
    buyer.details = () => Buyer.prototype.details.call(buyer, { name, email });
    const path = i === 1 ? await buyer.buy() : await buyer.buyByCard();
    bought.push({ code: path.match(/orders\/(\w+)/)[1], path });
  }
  await server.jobs();
});

test('list, order, cancelling and booking are sound pages', async () => {
  const page = await openPage();
  const office = await logIn(page);
  for (const [path, name] of [
    ['/orders', 'office-orders'],
    ['/orders?q=nobody', 'office-orders-none'],
    [`/orders/${bought[0].code}`, 'office-order'],
    [`/orders/${bought[2].code}`, 'office-order-long'],
    [`/orders/${bought[0].code}/cancel`, 'office-order-cancel'],
    ['/orders/new', 'office-booking'],
    ['/x/self-cancel/', 'office-self-cancel'],
    ['', 'office-today'],
  ]) {
    await page.goto(`${office}${path}`);
    assert.deepEqual(await checkPage(page, name), [], name);
  }
  await page.goto(`${office}/orders/${bought[0].code}`);
  await page.click('#note ~ button, form[action$="/notes"] button');
  await page.waitForSelector('#note[aria-invalid]');
  assert.deepEqual(calm(await checkPage(page, 'office-order-refused')), []);
  const offers = await server.sql(`SELECT offer_id::text AS id FROM offer o JOIN site USING (tenant_id) WHERE site.slug = $1 AND o.slug = 'tour'`, [site.slug]);
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(new Date(Date.now() + 30 * 3_600_000));
  await page.goto(`${office}/orders/new?offer=${offers[0].id}&day=${day}`);
  await page.click('.slot-choices a');
  assert.deepEqual(await checkPage(page, 'office-booking-who'), []);
  await page.click('form[method=post][action$="/new"] button');
  await page.waitForSelector('[aria-invalid]');
  assert.deepEqual(calm(await checkPage(page, 'office-booking-refused')), []);
});

test('empty, and in French and Spanish', async () => {
  const page = await openPage();
  const office = await logIn(page, empty);
  await page.goto(`${office}/orders`);
  assert.deepEqual(await checkPage(page, 'office-orders-empty'), []);
  for (const language of ['/fr', '/es']) {
    const other = await openPage();
    const at = await logIn(other, site, language);
    for (const path of ['/orders', `/orders/${bought[0].code}`, `/orders/${bought[0].code}/cancel`, '/orders/new']) {
      await other.goto(`${at}${path}`);
      assert.deepEqual(await checkPage(other, `office-orders${language.replace('/', '-')}`), [], path);
    }
  }
});

test('by keyboard alone: search, open, cancel', async () => {
  const page = await openPage();
  const office = await logIn(page);
  await page.goto(`${office}/orders`);
  await page.focus('#q');
  await page.keyboard.type('obrien jose');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=obrien/);
  await page.focus('.row-link');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`text=${bought[1].code}`);
  await page.goto(`${office}/orders/${bought[1].code}`);
  await page.focus('.page__actions .button:not(.button--quiet)');
  await page.keyboard.press('Enter');
  await page.waitForURL(/cancel/);
  await page.focus('.button--bad');
  await page.keyboard.press('Enter');
  await page.waitForURL(/done=cancelled/);
  assert.match(await page.textContent('main'), /The places are free again/);
});

test('T20: the customer’s quote on a phone, without scripts', async () => {
  const page = await openPage({ javaScriptEnabled: false, width: 360 });
  await page.goto(`${site.visitor().origin}${bought[2].path}`);
  await page.click('text=Cancel a booking');
  assert.deepEqual(await checkPage(page, 'self-cancel'), []);
  await page.check('input[type=checkbox] >> nth=0');
  await page.click('text=See what comes back');
  assert.deepEqual(await checkPage(page, 'self-cancel-quote'), []);
  await page.click('button:has-text("Cancel and get")');
  await page.waitForURL(/orders/);
  assert.deepEqual(await checkPage(page, 'order-part-cancelled'), []);
});
