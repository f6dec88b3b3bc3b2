// The office's orders in a browser: a search and a cancellation by keyboard alone; the customer's own
// without scripts.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { addSlots, Buyer, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const features = { 'sandbox-pay': {}, 'pay-at-venue': {}, 'self-cancel': {} };
const site = await server.createSite({ features, offers: [tour({ schedule: [] }), court()] });
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
