// Passkeys in Chromium with its own virtual authenticator (U15): added on the account's page, used
// by the button and among the suggestions of the e-mail field, removed; and what a browser without
// passkeys, or without scripts, shows instead.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { eventually, startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'guest-login': {} } });
const channel = await (await (await staff(site)).visit('/manage/channels')).click('Web');
await channel.submit('Save', { 'User registration': 'Guest and login purchases' });
await eventually(async () => (await site.visitor().get('/account/login')).status, 200, 1000);
const { origin } = site.visitor();
const calm = (findings) => findings.filter((text) => !/: (409|410|422): /.test(text));

async function authenticator(page, changes = {}) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...changes };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  return { devtools, authenticatorId };
}

async function register(page, email) {
  await page.goto(`${origin}/account/register`);
  await page.fill('#first_name', 'Ada');
  await page.fill('#last_name', 'Lovelace');
  await page.fill('#email', email);
  await page.fill('#password', 'analytical engine 1843');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/account$/);
}

async function add(page, prefix = '', words = ['Add a passkey', 'Confirm that it’s you']) {
  await page.goto(`${origin}${prefix}/account/security`);
  await page.getByRole('link', { name: words[0] }).click();
  await page.fill('#current', 'analytical engine 1843');
  await page.getByRole('button', { name: words[1] }).click();
  await page.waitForURL(/\/account\/security$/);
}

const logOut = (page) => page.context().clearCookies();

test('U15: a platform’s passkey is added, logs in by the button, and is removed', async () => {
  const page = await openPage();
  // The virtual authenticator takes a suggestion by itself, before any button.
  await page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
  const { devtools, authenticatorId } = await authenticator(page);
  await register(page, 'ada@buyer.example');
  await page.goto(`${origin}/fr/account/prove`);
  assert.deepEqual(calm(await checkPage(page, 'account-prove')), []);
  await add(page);
  assert.match(await page.inputValue('#passkey'), /Chrom/);
  await page.goto(`${origin}/fr/account/security`);
  assert.deepEqual(calm(await checkPage(page, 'account-security-passkeys')), []);
  await page.goto(`${origin}/account/security`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.waitForURL(/done=passkey/);
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials[0].rpId, new URL(origin).hostname);
  assert.equal(credentials[0].isResidentCredential, true);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.waitForSelector('[data-passkey-says]:not([hidden])');
  assert.match(await page.textContent('[data-passkey-says]'), /has a passkey for your account already/);
  await logOut(page);
  // Without a word typed; by keyboard.
  await page.goto(`${origin}/account/login?next=%2Faccount%2Forders`);
  await page.getByRole('button', { name: 'Log in with a passkey' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/account\/orders$/);
  await page.goto(`${origin}/account/security`);
  await page.locator('#passkeys li a').click();
  assert.deepEqual(calm(await checkPage(page, 'account-passkey')), []);
  await page.getByRole('button', { name: 'Remove the passkey' }).click();
  await page.waitForURL(/done=passkey_removed/);
  await logOut(page);
  await page.goto(`${origin}/account/login`);
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.waitForSelector('.errors li');
  assert.match(await page.textContent('.errors'), /opens nothing here/);
});

test('U15: a security key that keeps no list logs in with the e-mail typed', async () => {
  const page = await openPage();
  await authenticator(page, { transport: 'usb', hasResidentKey: false });
  await register(page, 'key@buyer.example');
  await add(page);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.waitForURL(/done=passkey/);
  await logOut(page);
  await page.goto(`${origin}/account/login`);
  await page.fill('#email', 'KEY@buyer.example');
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.waitForURL(/\/account$/);
  assert.match(await page.textContent('h1'), /Hello, Ada/);
});

test('U15: where the browser can, it suggests passkeys at the e-mail field', async () => {
  const page = await openPage();
  await authenticator(page);
  await register(page, 'suggest@buyer.example');
  await add(page);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.waitForURL(/done=passkey/);
  await logOut(page);
  await page.goto(`${origin}/account/login`);
  await page.waitForURL(/\/account$/);
});

test('U15: without passkeys the page says so, without scripts there is no button', async () => {
  const page = await openPage();
  await page.addInitScript(() => delete window.PublicKeyCredential);
  await register(page, 'old@buyer.example');
  await add(page, '/fr', ['Ajouter une clé d’accès', 'Confirmer que c’est vous']);
  assert.equal(await page.locator('button[data-passkey]').isVisible(), false);
  assert.match(await page.textContent('.passkey-none'), /ne connaît pas les clés d’accès/);
  assert.equal(await page.locator('.passkey-none').isVisible(), true);
  const plain = await openPage({ javaScriptEnabled: false });
  await plain.goto(`${origin}/account/login`);
  assert.equal(await plain.locator('button[data-passkey]').isVisible(), false);
  await register(plain, 'plain@buyer.example');
  await add(plain);
  assert.equal(await plain.locator('button[data-passkey]').isVisible(), false);
  assert.equal(await plain.locator('#passkeys .no-js').isVisible(), true);
});
