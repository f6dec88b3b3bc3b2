// A customer's choice after the venue moved or cancelled their time, in every state, in French and
// Spanish, without JavaScript and by keyboard; ux 1, 2, 19, 20, 23.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { addSlots, Buyer, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'sandbox-pay': {}, 'pay-at-venue': {} }, offers: [tour({ schedule: [] })] });
const office = await staff(site);
let day = 3;
const slotOf = async () => (await addSlots(server, site.slug, 'tour', [new Date(Date.now() + day++ * 86_400_000).toISOString()]))[0];
async function buy(slot, counts = { adult: 2 }) {
  const buyer = new Buyer(site);
  assert.equal((await buyer.book('tour', slot, counts)).status, 201);
  buyer.path = await buyer.buyByCard();
  buyer.choice = buyer.path.replace('?', '/choice?');
  return buyer;
}
const change = (json) => office.postJson('/manage/schedule/changes/new', json);

test('a moved time: the order says so, the choice is made by keyboard, in French', async () => {
  const [slot] = [await slotOf(), await slotOf()];
  const buyer = await buy(slot);
  const { json } = await office.getJson(`/manage/schedule/changes/new?slot=${slot}`);
  const date = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  assert.equal((await change({ do: 'move', slot, version: json.change.version, date, time: '12:00', anyway: true, reason: 'La guide est souffrante.' })).status, 201);
  await server.jobs();
  const page = await openPage();
  const { origin } = site.visitor();
  await page.goto(`${origin}/fr${buyer.path}`);
  assert.deepEqual(await checkPage(page, 'order-may-choose'), []);
  await page.getByRole('link', { name: 'Choisir' }).focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.deepEqual(await checkPage(page, 'choice-moved'), []);
  await page.getByRole('button', { name: 'Prendre cet horaire' }).focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(page.url(), /\/fr\/orders\/\w+\?t=/);
  assert.match(await page.locator('main').innerText(), /Vous avez un autre horaire/);
  assert.deepEqual(await checkPage(page, 'order-chosen'), []);
});

test('a cancelled time without JavaScript, in Spanish: refused, empty', async () => {
  const slot = await slotOf();
  const buyer = await buy(slot);
  assert.equal((await change({ do: 'ask', slot, reason: 'Una fuga de agua.' })).status, 201);
  await server.jobs();
  const page = await openPage({ javaScriptEnabled: false });
  const { origin } = site.visitor();
  await page.goto(`${origin}/es${buyer.choice}`);
  assert.deepEqual(await checkPage(page, 'choice-asked'), []);
  // Meanwhile the venue changes the order.
  await server.sql('UPDATE orders SET version = version + 1');
  await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: 'Elegir esta hora' }).click()]);
  assert.equal(page.answer.status(), 409);
  assert.deepEqual(await checkPage(page, 'choice-refused'), []);
  await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: /Devolvedme/ }).click()]);
  assert.match(await page.locator('main').innerText(), /Estas plazas se han cancelado/);
  await page.goto(`${origin}/es${buyer.choice}`);
  assert.deepEqual(await checkPage(page, 'choice-none'), []);
});
