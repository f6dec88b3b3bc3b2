// The page between basket and checkout while the hold runs, and after it ran out (U8, ux 9).
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({
  features: { 'pay-at-venue': {}, 'guest-login': {} }, offers: [tour({ capacity: 4 })],
});
const channels = await (await staff(site)).visit('/manage/channels');
await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
await eventually(async () => (await site.visitor().get('/account/login')).status, 200);
const slots = await slotsOf(server, site, 'tour');
const password = 'analytical engine 1843';
const person = (email) => ({ 'First name': 'Ada', 'Last name': 'Lovelace', 'E-mail': email, Password: password });
let next = 0;

beforeEach(() => server.time('real'));

async function atWho() {
  const buyer = new Buyer(site);
  assert.equal((await buyer.book('tour', slots[next++], { adult: 2 })).status, 201);
  const page = await (await buyer.visitor.visit('/basket')).click('Check out');
  assert.equal(page.url.pathname, '/checkout/who');
  return { buyer, page };
}
const register = async (page, email) => (await page.click('Create an account')).submit('Create an account', person(email));
const logIn = (page, email) => page.submit('Log in', { 'E-mail': email, Password: password });

test('U8: “places stay held”, and how long is counted', async () => {
  const { buyer, page } = await atWho();
  assert.match(page.words('.entry'), /places stay held/);
  assert.ok(Number(page.document.querySelector('[data-hold]').getAttribute('data-hold')) > 500);
  assert.ok(page.document.querySelector('.hold__off').hasAttribute('hidden'));
  const { json } = await buyer.visitor.getJson('/checkout/who');
  assert.equal(json.hold.expired, false);
});

test('U8: “hold runs out → said, basket offered again”, on the page itself', async () => {
  const { buyer } = await atWho();
  await server.time('+700');
  const over = await buyer.visitor.visit('/checkout/who');
  assert.equal(over.status, 200);
  assert.doesNotMatch(over.words('.entry'), /places stay held/);
  assert.match(over.words('.hold__off'), /Time is up/);
  assert.ok(!over.document.querySelector('.hold__off').hasAttribute('hidden'));
  const again = await over.submit('Try again');
  assert.equal(again.url.pathname, '/checkout/who', 'back where they were');
  assert.match(again.words('.entry'), /places stay held/);
  assert.equal((await buyer.basket()).hold.expired, false);
  await checkInvariants(server);
});

const ways = {
  guest: (page) => page.click('Continue as guest'),
  register: (page) => register(page, 'late@buyer.example'),
  'log in': (page) => logIn(page, 'early@buyer.example'),
};
for (const [way, go] of Object.entries(ways)) {
  test(`U8: the hold runs out before “${way}”: the next page says so, and offers the basket again`, async () => {
    if (way === 'log in') {
      const first = await site.visitor().visit('/account/register');
      assert.equal((await first.submit('Create an account', person('early@buyer.example'))).status, 200);
    }
    const { buyer, page } = await atWho();
    await server.time('+700');
    const over = await go(page);
    assert.equal(over.status, 200, over.text);
    assert.match(over.url.pathname, /^\/checkout/);
    assert.match(over.words('.hold__off'), /Time is up/);
    assert.ok(!over.document.querySelector('.hold__off').hasAttribute('hidden'));
    const again = await over.submit('Try again');
    assert.match(again.url.pathname, /^\/checkout/);
    assert.equal((await buyer.basket()).hold.expired, false);
    await checkInvariants(server);
  });
}

test('U8: places that somebody else took meanwhile, and no basket at all, lead to the basket', async () => {
  const { buyer } = await atWho();
  await server.time('+700');
  const taken = await new Buyer(site).book('tour', slots[next - 1], { adult: 4 });
  assert.equal(taken.status, 201);
  const lost = await buyer.visitor.visit('/checkout/who');
  assert.equal(lost.url.pathname, '/basket');
  assert.match(lost.words('.line__lost'), /\w/);
  assert.equal((await buyer.visitor.getJson('/checkout/who')).status, 409);
  const nobody = await site.visitor().visit('/checkout/who');
  assert.equal(nobody.url.pathname, '/basket');
  assert.doesNotMatch(nobody.text, /places stay held/);
});
