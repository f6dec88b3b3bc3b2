// What goes wrong is a designed page too (ux 15, 21, 23): expired, sold out, refused, not found,
// closed, too fast, broken, each in both widths and schemes; and the payment provider's own pages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { Buyer, root, slotsOf, startServer, takePlaces } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const features = { coupons: {}, greeter: {}, 'pay-at-venue': {}, 'sandbox-pay': {} };
const site = await server.createSite({ features, greeter: ['Ann'], languages: ['en', 'fr', 'es'] });
const slots = await slotsOf(server, site, 'tour');
const { origin } = site.visitor();

// Refusals are answers, not findings.
const calm = (findings) => findings.filter((text) => !/: (409|422): /.test(text));

async function status(page, url) {
  const response = await page.goto(url);
  return response.status();
}

async function choose(page, slot) {
  await page.goto(`${origin}/offers/tour?date=${slot.starts_at.toISOString().slice(0, 10)}`);
  await page.click(`#slot-${slot.id}`);
  await page.waitForSelector('#choose');
}

async function toPayment(page, slot) {
  await choose(page, slot);
  await page.click('button[form=choose]');
  await page.waitForURL(/\/basket$/);
  await page.goto(`${origin}/checkout`);
  await page.fill('#name', 'Zoë Ålund');
  await page.fill('#email', 'zoe@buyer.example');
  await page.click('form.form button[type=submit]');
  await page.waitForURL(/\/checkout\/pay$/);
}

async function payByCard(page) {
  await page.click('label[for=method-sandbox-pay]');
  await page.click('form.form button[type=submit]');
  await page.waitForURL(/\/pay\/pay_/);
}

test('sold out between page and click: the panel says so and offers other times', async () => {
  const page = await openPage({ width: 360 });
  await page.goto(`${origin}/offers/tour?slot=${slots[0].id}&date=${slots[0].starts_at.toISOString().slice(0, 10)}`);
  await page.waitForSelector('dialog:modal #choose');
  await takePlaces(server, slots[0].id, slots[0].capacity ?? 20);
  await page.click('button[form=choose]');
  await page.waitForSelector('.booking > .notice');
  assert.equal(page.answer.status(), 409);
  assert.equal(await page.locator('dialog:modal').count(), 1, 'the sheet is open where the words are');
  assert.deepEqual(calm(await checkPage(page, 'error-sold-out')), []);
});

test('a hold that expired, a code that nobody knows', async () => {
  const page = await openPage();
  await choose(page, slots[1]);
  await page.click('button[form=choose]');
  await page.waitForURL(/\/basket$/);
  await page.fill('#code', 'NOBODY');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#code-error');
  assert.deepEqual(calm(await checkPage(page, 'error-code')), []);
  await server.time('+700');
  await page.goto(`${origin}/checkout`);
  assert.deepEqual(await checkPage(page, 'error-hold-expired'), []);
  await server.time('real');
});

test('the payment provider’s pages, and a payment that was refused', async () => {
  const page = await openPage({ locale: 'en-GB' });
  await toPayment(page, slots[1]);
  await payByCard(page);
  const address = page.url();
  assert.deepEqual(await checkPage(page, 'payment'), []);
  await page.click('summary');
  await page.check('#late');
  await page.fill('#delay', 'soon');
  await page.click('button[value=approve]');
  await page.waitForSelector('#delay-error');
  assert.deepEqual(calm(await checkPage(page, 'payment-delay-refused')), []);
  await page.check('#now');
  await page.click('button[value=authenticate]');
  assert.deepEqual(await checkPage(page, 'payment-authenticate'), []);
  await page.click('button[value=unconfirmed]');
  await page.waitForURL(/\/checkout\/pay/);
  assert.match(await page.locator('[role=alert]').innerText(), /bank could not confirm/);
  assert.deepEqual(await checkPage(page, 'error-payment-refused'), []);
  await page.goto(address);
  assert.deepEqual(await checkPage(page, 'payment-over'), []);
  assert.equal(await status(page, address.replace(/pay_.*/, 'pay_nothing')), 404);
  assert.deepEqual(await checkPage(page, 'payment-unknown'), []);
});

test('not found, on the storefront, in the office and on the platform', async () => {
  const page = await openPage();
  for (const [url, name] of [
    [`${origin}/fr/nothing`, 'error-404'],
    [`${origin}/es/orders/AAAAAAAA?t=x`, 'error-404-order'],
    [`${server.visitor().origin}/es/nothing`, 'error-404-platform'],
    [`${server.visitor('nobody').origin}/`, 'error-unknown-site'],
  ]) {
    assert.equal(await status(page, url), 404, url);
    assert.deepEqual(await checkPage(page, name), []);
  }
});

test('a feature that fails: 503 with a reference', async () => {
  const page = await openPage();
  assert.equal(await status(page, `${origin}/fr/x/greeter/raise/raise`), 503);
  assert.match(await page.locator('main').innerText(), /Référence/);
  assert.deepEqual(await checkPage(page, 'error-503'), []);
});

test('too many sign-ups: 429 says when to come back; broken inside: 500 with a reference', async () => {
  const visitor = server.visitor();
  const good = { kind: 'spa', venue_name: 'House', email: 'a@b.example', password: 'vapeur et galets ronds' };
  const page = await openPage();
  const signUp = async (slug) => {
    await page.goto(`${visitor.origin}/signup?kind=spa`);
    for (const [name, value] of Object.entries({ ...good, slug })) if (name !== 'kind') await page.fill(`#${name}`, value);
    await page.click('form.form button[type=submit]');
    await page.waitForLoadState();
  };
  await server.sql(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '42P01'; END $$`);
  await server.sql('CREATE TRIGGER broken BEFORE INSERT ON site EXECUTE FUNCTION broken()');
  await signUp('broken-house');
  await server.sql('DROP TRIGGER broken ON site');
  assert.equal(page.answer.status(), 500);
  assert.deepEqual(await checkPage(page, 'error-500'), []);
  for (let i = 0; i < 30; i++) await visitor.post('/signup', { form: { ...good, slug: `house-${i}`, password: 'x' } });
  for (let i = 0; page.answer.status() !== 429 && i < 40; i++) {
    await visitor.post('/signup', { form: { ...good, slug: site.slug } });
    if (i > 28) await signUp(site.slug);
  }
  assert.equal(page.answer.status(), 429);
  assert.deepEqual(await checkPage(page, 'error-429'), []);
});

test('a site that is closed', async () => {
  const ann = new Buyer(site);
  assert.equal((await ann.visitor.get('/')).status, 200);
  await server.vitrine('site', 'suspend', site.slug);
  const page = await openPage();
  for (let i = 0; i < 50 && (await status(page, `${origin}/fr`)) === 200; i++) await page.waitForTimeout(100);
  assert.ok(page.answer.status() >= 400);
  assert.deepEqual(await checkPage(page, 'error-closed'), []);
});
