// Guest or login checkout (U1–U6, U8, U12, U14): each channel says who may buy, the storefront
// follows at once, places stay held while somebody logs in.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, eventually, slotsOf, startServer, tour, turnFeature } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';

const server = await startServer({ workers: 2 });
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const slots = await slotsOf(server, site, 'tour');
const mary = await staff(site);

const header = async (where) => (await where.visitor().get('/offers')).words('.site-header');
async function setRegistration(words) {
  const page = await (await mary.visit('/manage/channels')).click('Web');
  return page.submit('Save', { 'User registration': words });
}
async function inBasket(visitor = site.visitor()) {
  const buyer = new Buyer(site);
  buyer.visitor = visitor;
  const booked = await buyer.book('tour', slots[1], { adult: 1 });
  assert.equal(booked.status, 201, booked.text);
  return visitor;
}
const ada = { 'First name': 'Ada', 'Last name': 'Lovelace', 'E-mail': 'ada@buyer.example', Password: 'analytical engine 1843' };

test('U4, U5: unsaved nothing changes; saved, “Log in” stands in the header of cached pages too', async () => {
  assert.doesNotMatch(await header(site), /Log in/);
  assert.equal((await site.visitor().get('/account')).status, 404);
  await setRegistration('Guest and login purchases');
  await eventually(async () => /Log in/.test(await header(site)), true);
  assert.doesNotMatch(await header(other), /Log in/, 'another site');
});

test('U8: “Go to payment” asks who it is, the places stay held, and a guest goes on', async () => {
  const visitor = await inBasket();
  const basket = await visitor.visit('/basket');
  const who = await basket.click('Check out');
  assert.equal(who.url.pathname, '/checkout/who');
  assert.match(who.words('.entry'), /places stay held/);
  const details = await who.click('Continue as guest');
  assert.equal(details.status, 200);
  const pay = await details.submit('Continue to payment', { 'Full name': 'Gus Guest', 'E-mail': 'ada@buyer.example' });
  assert.equal(pay.url.pathname, '/checkout/pay', 'U6: whoever has that address');
});

test('U2, U8, U14: who registers on the way keeps the places and goes straight to payment', async () => {
  const visitor = await inBasket();
  const who = await visitor.visit('/checkout/who');
  const pay = await (await who.click('Create an account')).submit('Create an account', ada);
  assert.equal(pay.url.pathname, '/checkout/pay');
  assert.match(pay.words('main'), /Ada Lovelace/);
  const [order] = await server.sql('SELECT o.customer_id = c.customer_id AS own FROM orders o, customer c WHERE o.placed_at IS NULL AND o.name = $1', ['Ada Lovelace']);
  assert.equal(order.own, true);
});

test('U2, U14: who is logged in is known at checkout, and can still change what stands there', async () => {
  const visitor = site.visitor();
  await (await visitor.visit('/account/login')).submit('Log in', { 'E-mail': ada['E-mail'], Password: ada.Password });
  await inBasket(visitor);
  const pay = await (await visitor.visit('/basket')).click('Check out');
  assert.equal(pay.url.pathname, '/checkout/pay');
  const details = await visitor.visit('/checkout');
  assert.equal(details.document.querySelector('#name').getAttribute('value'), 'Ada Lovelace');
  const placed = await visitor.postJson('/checkout/pay', { method: 'pay-at-venue' });
  assert.equal(placed.status, 201, placed.text);
  const { json } = await visitor.getJson('/account/orders');
  assert.equal(json.items.length, 1);
});

test('U4: under “Login purchases” nobody else buys, however the request is made', async () => {
  await setRegistration('Login purchases');
  await eventually(async () => {
    const visitor = await inBasket();
    return (await visitor.get('/checkout?as=guest')).headers.location;
  }, '/checkout/who');
  const visitor = await inBasket();
  assert.doesNotMatch((await visitor.visit('/checkout/who')).text, /Continue as guest/);
  await visitor.postJson('/checkout', { name: 'Gus', email: 'gus@buyer.example' });
  const forged = await visitor.postJson('/checkout/pay', { method: 'pay-at-venue' });
  assert.ok([403, 409, 422].includes(forged.status), forged.text);
  assert.match(forged.text, /Log in first/);
  assert.deepEqual(await server.sql("SELECT 1 FROM orders WHERE email = 'gus@buyer.example' AND placed_at IS NOT NULL"), []);
});

test('off, on, off and on again: gone everywhere, accounts kept; a second site notices nothing', async () => {
  await setRegistration('Guest and login purchases');
  const visitor = site.visitor();
  const count = async () => (await server.sql('SELECT count(*)::int AS n FROM customer'))[0].n;
  const before = await count();
  for (const state of ['off', 'on', 'off', 'on']) {
    await turnFeature(server, site, 'guest-login', state);
    const on = state === 'on';
    await eventually(async () => /Log in/.test(await header(site)), on);
    const answers = [() => visitor.get('/account/login'), () => visitor.get('/account'),
      () => visitor.post('/account/login', { form: {} })];
    const expected = on ? [200, 302, 422] : [404, 404, 404];
    for (const [i, answer] of answers.entries()) {
      await eventually(async () => (await answer()).status, expected[i]);
    }
    const options = async () => (await (await mary.visit('/manage/channels')).click('Web')).all('[name=registration]');
    await eventually(async () => (await options()).length > 0, on);
    assert.equal(await count(), before);
    assert.equal((await other.visitor().get('/account/login')).status, 404);
  }
  const again = await (await visitor.visit('/account/login')).submit('Log in', { 'E-mail': ada['E-mail'], Password: ada.Password });
  assert.equal(again.url.pathname, '/account');
});
