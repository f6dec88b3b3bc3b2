// The customer's account in a browser: logging in, registering, the panel on the way to payment, and
// every page behind the login: sound in three languages, two widths, light and dark, by keyboard.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { tabTo, typeInto, walkPage } from '../lib/keyboard.mjs';
import { Buyer, eventually, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'pay-at-venue': {}, 'guest-login': {} }, offers: [tour({ capacity: 50 })] });
const [slot] = await slotsOf(server, site, 'tour');
const mary = await staff(site);
const options = await (await mary.visit('/manage/channels')).click('Web');
await options.submit('Save', { 'User registration': 'Guest and login purchases' });
await eventually(async () => (await site.visitor().get('/account/login')).status, 200, 1000);
const origin = site.visitor().origin;
const calm = (findings) => findings.filter((text) => !/: (409|410|422): /.test(text));

async function register(page, email) {
  await page.goto(`${origin}/account/register`);
  await page.fill('#first_name', 'Ada');
  await page.fill('#last_name', 'Lovelace');
  await page.fill('#email', email);
  await page.fill('#password', 'analytical engine 1843');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/account$/);
}

test('U7, U15: the ways in are sound pages, empty and refused', async () => {
  const page = await openPage();
  for (const [path, name] of [['/account/login', 'account-login'], ['/fr/account/register', 'account-register'], ['/es/account/login/code?id=1', 'account-code-over']]) {
    await page.goto(origin + path);
    assert.deepEqual(calm(await checkPage(page, name)), []);
  }
  await page.goto(`${origin}/fr/account/login`);
  await page.fill('#email', 'nobody@buyer.example');
  await page.fill('#password', 'wrong wrong wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'account-login-refused')), []);
  await page.getByRole('button', { name: 'M’envoyer plutôt un code' }).click();
  await page.waitForURL(/login\/code/);
  assert.deepEqual(calm(await checkPage(page, 'account-code')), []);
});

test('T1, T4, T10, U13: the account’s pages are sound, empty and full', async () => {
  const page = await openPage();
  await register(page, 'ada@buyer.example');
  assert.deepEqual(calm(await checkPage(page, 'account-empty')), []);
  await server.sql(`UPDATE customer SET verified_at = now()`);
  const buyer = new Buyer(site);
  buyer.visitor.cookies().set('__Host-vt', { value: (await page.context().cookies()).find(({ name }) => name === '__Host-vt').value });
  await buyer.book('tour', slot, { adult: 2, child: 1 });
  await buyer.buy();
  for (const [path, name] of [['/account', 'account-home'], ['/fr/account/orders', 'account-orders'], ['/es/account/orders/previous', 'account-previous'],
    ['/fr/account/details', 'account-details'], ['/es/account/security', 'account-security'], ['/fr/account', 'account-home-fr']]) {
    await page.goto(origin + path);
    assert.deepEqual(calm(await checkPage(page, name)), []);
  }
  await page.goto(`${origin}/fr/account/details`);
  await page.fill('#phone', '12');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'account-details-refused')), []);
});

test('U8: “Go to payment” opens a panel beside the basket, by keyboard; Esc gives the basket back', async () => {
  const page = await openPage();
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.goto(`${origin}/offers/tour`);
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  const { value } = buyer.visitor.cookies().get('__Host-vt');
  await page.context().addCookies([{ name: '__Host-vt', value, url: origin.replace('http:', 'https:'), secure: true, httpOnly: true }]);
  await page.goto(`${origin}/basket`);
  await page.getByRole('link', { name: 'Check out' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog.side-panel[open] #email');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.side-panel', { state: 'detached' });
  assert.equal(new URL(page.url()).pathname, '/basket');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Continue as guest' }).click();
  await page.waitForURL(/\/checkout\?as=guest/);
});

// A basket or an order of whoever is logged in.
async function buyAs(page, { pay }) {
  const buyer = new Buyer(site);
  buyer.visitor.cookies().set('__Host-vt', { value: (await page.context().cookies()).find(({ name }) => name === '__Host-vt').value });
  await buyer.book('tour', slot, { adult: 1 });
  return pay ? (await buyer.buy()) : '/basket';
}

test('ux 19: what a customer may come to is gone through by keyboard', async () => {
  const guest = await openPage({ reducedMotion: 'reduce' });
  const page = await openPage({ reducedMotion: 'reduce' });
  await register(page, 'walk@buyer.example');
  const order = await buyAs(page, { pay: true });
  await buyAs(page, { pay: false });
  const pages = [[guest, ['/', '/offers', '/offers/tour', '/help', '/account/login', '/account/register', '/account/login/code?id=1']],
    [page, ['/account', '/account/orders', '/account/orders/previous', '/account/tickets', '/account/details', '/account/email',
      '/account/security', '/account/data', '/account/delete', order, '/basket', '/checkout', '/checkout/pay']]];
  const findings = [];
  for (const [who, paths] of pages) {
    for (const path of paths) {
      const answer = await who.goto(origin + path);
      assert.equal(answer.status(), 200, path);
      findings.push(...(await walkPage(who)).map((what) => `${path}: ${what}`));
    }
  }
  assert.deepEqual(findings, []);
});

test('T36: logged out, the back button shows nothing private', async () => {
  const page = await openPage();
  await register(page, 'back@buyer.example');
  await page.goto(`${origin}/account/details`);
  assert.equal(await page.inputValue('#first_name'), 'Ada');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${origin}/`);
  for (let i = 0; i < 2; i++) {
    await page.goBack({ waitUntil: 'commit' });
    await page.waitForURL(/\/account\/login\?/, { waitUntil: 'commit' });
    assert.doesNotMatch(await page.content(), /back@buyer\.example|Lovelace/);
  }
});

test('U10: the data are fetched and the account is ended by keyboard alone', async () => {
  const page = await openPage();
  await register(page, 'end@buyer.example');
  await page.goto(`${origin}/account/data`);
  await tabTo(page, '#download a');
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.match(file.suggestedFilename(), /\.json$/);
  await tabTo(page, '#delete a');
  await Promise.all([page.waitForURL(/\/account\/delete$/), page.keyboard.press('Enter')]);
  await typeInto(page, '#password', 'not this one at all');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  await typeInto(page, '#password', 'analytical engine 1843');
  await Promise.all([page.waitForURL(/\/account\/deleted$/), page.keyboard.press('Enter')]);
  assert.deepEqual(calm(await checkPage(page, 'account-deleted')), []);
});

test('C8a: one profile for all venues, from the first code to the end, by keyboard alone', async () => {
  const second = await server.createSite({ features: { 'pay-at-venue': {}, 'guest-login': {} } });
  const email = 'key@buyer.example';
  const page = await openPage();
  await register(page, email);
  await server.sql(`UPDATE customer SET verified_at = now() WHERE email_folded = $1`, [email]);
  await server.sql(`INSERT INTO customer (tenant_id, first_name, last_name, email, email_folded, language, verified_at, registered_at, created_at)
    SELECT tenant_id, 'Ada', 'Lovelace', $1, $1, 'en', now(), now(), now() FROM site WHERE slug = $2`, [email, second.slug]);
  const press = async (name, key = 'Enter') => {
    const button = page.getByRole('button', { name });
    for (let i = 0; i < 80 && !(await button.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press('Tab');
    assert.ok(await button.evaluate((b) => b === document.activeElement), `${name} is reached by Tab`);
    await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
  };
  const type = async (id, text) => {
    for (let i = 0; i < 80 && (await page.evaluate(() => document.activeElement.id)) !== id; i++) await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), id, `${id} is reached by Tab`);
    await page.keyboard.type(text);
  };
  const enter = () => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  const code = async (subject) => (await server.mail({ subject })).source.match(/\b\d{6}\b/)[0];
  await page.goto(`${origin}/account/profile`);
  assert.deepEqual(calm(await checkPage(page, 'account-profile')), []);
  await press('Send me a code');
  await type('code', (await server.mail({ to: email, subject: 'opens your profile' })).subject.match(/\d{6}/)[0]);
  await enter();
  assert.deepEqual(calm(await checkPage(page, 'account-profile-details')), []);
  await type('phone', '+33612345678');
  await type('gender', 'Fem');
  await type('country', 'Fran');
  await press('Send a code to the phone');
  assert.deepEqual(calm(await checkPage(page, 'account-profile-phone')), []);
  await type('code', '000000');
  await enter();
  await page.waitForSelector('.errors li');
  await page.goto(`${origin}/account/profile`);
  await type('code', await code('Text message'));
  await enter();
  await press(`Link ${second.name}`);
  assert.match(await page.textContent('.notice'), /linked/);
  for (const language of ['', '/fr', '/es']) {
    await page.goto(`${origin}${language}/account/profile`);
    assert.deepEqual(calm(await checkPage(page, `account-profile-linked${language.replace('/', '-')}`)), []);
  }
  await page.goto(`${origin}/account/profile`);
  await press('End it at all venues');
  assert.match(await page.textContent('.notice'), /ended/);
});
