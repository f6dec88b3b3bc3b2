// P4, P5: sites made in the console, owners who change, and the code after the login, in a browser: 360 and
// 1280 px, light and dark, doubled text, axe and html-validate, by keyboard, in three languages.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';
import { codeAt, secretOf } from '../lib/totp.mjs';

const server = await startServer();
const site = await server.createSite({ name: 'Harbour House', features: { 'pay-at-venue': {} } });
const { visitor: olga, email, password } = await consoleVisitor(server);
const platform = server.visitor().origin;
const house = site.visitor().origin;
const linkOf = (mail) => {
  const { pathname, search } = new URL(mail.text.match(/http:\S+/)[0]);
  return pathname + search;
};

async function logIn(page, where, who) {
  await page.goto(where);
  await page.fill('#email', who.email);
  await page.fill('#password', who.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !/\/login$/.test(url.pathname));
}

test('P4: the form for a new site, by keyboard, refused, said to be free, and made', async () => {
  const page = await openPage();
  await logIn(page, `${platform}/fr/console/login`, { email, password });
  await page.goto(`${platform}/fr/console/create`);
  await page.focus('#venue_name');
  await page.keyboard.type('Thermes du Lac');
  assert.equal(await page.inputValue('#slug'), 'thermes-du-lac');
  await page.waitForFunction(() => /libre/.test(document.getElementById('slug-free').textContent));
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  await page.selectOption('#kind', 'spa');
  await page.fill('#owner_email', 'claire@thermes.example');
  await page.focus('#owner_email');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/sites\/thermes-du-lac/);
  assert.deepEqual(await checkPage(page, 'console-site-ownerless'), []);
});

test('P4: ownership in the console: the form, refused, open and past', async () => {
  const page = await openPage();
  await logIn(page, `${platform}/es/console/login`, { email, password });
  await page.goto(`${platform}/es/console/sites/${site.slug}/owner`);
  await page.focus('#owner_email');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  await page.fill('#owner_email', 'nora@new.example');
  await page.fill('#reason', 'Mary dejó el local en octubre.');
  await page.fill('#proof', 'Extracto del registro mercantil, visto el 1 de diciembre.');
  await page.focus('#former');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#transfer-state');
});

test('P4: the links of the new owner and of the owners of now, and what owners see in the office', async () => {
  const page = await openPage();
  const news = linkOf(await server.mail({ to: 'nora@new.example', subject: 'You are to own' }));
  const objection = linkOf(await server.mail({ to: site.manager.email, subject: 'you can object' }));
  await page.goto(`${house}/fr${news}`);
  await page.focus('#name');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  await page.goto(`${house}/es${objection}`);
  await logIn(page, `${house}/fr/manage/login`, site.manager);
  assert.deepEqual(await checkPage(page, 'office-home-transfer'), []);
  await page.goto(`${house}/fr/manage/ownership`);
  await page.goto(`${house}/es${objection}`);
  await page.focus('main button');
  await page.keyboard.press('Enter');
  await page.waitForURL(/objection\/noted/);
  await olga.getJson(`/console/sites/${site.slug}/owner`);
  await page.goto(`${house}/fr/manage/ownership`);
  assert.deepEqual(await checkPage(page, 'office-ownership-past'), []);
});

test('P5: handing over by hand', async () => {
  const mary = site.visitor();
  await mary.post('/manage/login', { form: site.manager });
  await mary.postJson('/manage/staff/invite', { email: 'dora@house.example', role: 'manager' });
  const join = await site.visitor().visit(linkOf(await server.mail({ to: 'dora@house.example' })));
  await join.submit('Start', { 'Your name': 'Dora', 'New password': 'lighthouse at noon' });
  const { items: members } = (await mary.getJson('/manage/staff')).json;
  const { staff_id } = members.find((m) => m.email === 'dora@house.example');
  const page = await openPage();
  await logIn(page, `${house}/es/manage/login`, site.manager);
  await page.goto(`${house}/es/manage/staff/${staff_id}/hand-over`);
  await page.fill('#confirm', 'not this one at all');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
});

test('P5: the code after the login, by keyboard: wrong, right, and the account with it on', async () => {
  const page = await openPage();
  await logIn(page, `${house}/manage/login`, site.manager);
  await page.goto(`${house}/manage/account/second-factor`);
  const secret = secretOf(await page.textContent('#setup'));
  await page.fill('#code', codeAt(secret, Date.now()));
  await page.keyboard.press('Enter');
  await page.waitForSelector('#codes');
  assert.deepEqual(await checkPage(page, 'office-factor-codes'), []);
  await page.goto(`${house}/fr/manage/account`);
  assert.deepEqual(await checkPage(page, 'office-account-factor'), []);

  const fresh = await openPage();
  await fresh.goto(`${house}/fr/manage/orders`);
  await fresh.fill('#email', site.manager.email);
  await fresh.fill('#password', site.manager.password);
  await fresh.keyboard.press('Enter');
  await fresh.waitForURL(/\/login\/code/);
  assert.equal(await fresh.getAttribute('#code', 'autocomplete'), 'one-time-code');
  await fresh.focus('#code');
  await fresh.keyboard.type('000000');
  await fresh.keyboard.press('Enter');
  await fresh.waitForSelector('.errors li');
  await fresh.focus('#code');
  await fresh.keyboard.type(codeAt(secret, Date.now() + 30_000));
  await fresh.keyboard.press('Enter');
  await fresh.waitForURL(/\/manage\/orders$/);
});

test('P5: the console’s second factor: set up, asked for, and the account with it on', async () => {
  const page = await openPage();
  await logIn(page, `${platform}/es/console/login`, { email, password });
  await page.goto(`${platform}/es/console/account/second-factor`);
  const secret = secretOf(await page.textContent('#setup'));
  await page.focus('#code');
  await page.keyboard.type(codeAt(secret, Date.now()));
  await page.keyboard.press('Enter');
  await page.waitForSelector('#codes');
  assert.deepEqual(await checkPage(page, 'console-factor-codes'), []);
  await page.goto(`${platform}/es/console/account`);
  assert.deepEqual(await checkPage(page, 'console-account-factor'), []);
  const fresh = await openPage();
  await logIn(fresh, `${platform}/fr/console/login`, { email, password });
  await fresh.waitForURL(/\/login\/code/);
});
