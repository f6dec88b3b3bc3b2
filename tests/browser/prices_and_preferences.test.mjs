// T8, C4: what one may be written to about, said by keyboard in the account, and the price of a
// category in the basket with why it is this one; the pages of both in the office before there is anything.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, glance, openPage } from '../lib/browser.mjs';
import { Buyer, eventually, slotsOf, startServer, tour } from '../lib/index.mjs';
import { press, tabTo } from '../lib/keyboard.mjs';
import { staff } from '../lib/office.mjs';
import { openAs } from '../lib/pages.mjs';

const server = await startServer();
const site = await server.createSite({
  languages: ['en', 'fr', 'es'], offers: [tour({ capacity: 50 })],
  features: { 'guest-login': {}, 'pay-at-venue': {}, 'marketing-preferences': {}, 'customer-categories': {} },
});
const mary = await staff(site);
const options = await (await mary.visit('/manage/channels')).click('Web');
await options.submit('Save', { 'User registration': 'Guest and login purchases' });
await eventually(async () => (await site.visitor().get('/account/login')).status, 200);
const { origin } = site.visitor();
const [preferences, categories] = ['/x/marketing-preferences/', '/x/customer-categories/'];
const page = await openPage({ reducedMotion: 'reduce' });

const make = async (path, fields) => {
  const made = await mary.postJson(`/manage${path}new`, fields);
  assert.equal(made.status, 201, made.text);
  return made.json.id;
};

test('before there is a preference or a category, the office says what to do', async () => {
  const office = await openAs({ site, server, people: { owner: site.manager } }, 'owner');
  const findings = [];
  for (const path of [preferences, `${preferences}?show=removed`, `${preferences}people`, categories, `${categories}?show=archived`]) {
    await office.goto(`${origin}/fr/manage${path}`);
    assert.equal(await office.locator('.empty h2').count(), 1, path);
    findings.push(...(await glance(office, `nothing${path.replaceAll(/\W/g, '-')}`)));
  }
  assert.deepEqual(findings, []);
});

test('T8: preferences in the account by keyboard: one tick, one button, and it is said again', async () => {
  await page.goto(`${origin}/account/register`);
  for (const [id, text] of Object.entries({ first_name: 'Ann', last_name: 'Lee', email: 'ann@buyer.example', password: 'analytical engine 1843' })) {
    await page.fill(`#${id}`, text);
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/account$/);
  await page.goto(`${origin}/fr${preferences}`);
  assert.deepEqual(await checkPage(page, 'preferences-none'), []);
  const news = await make(preferences, { title_en: 'News', title_fr: 'Nouvelles du programme', text_fr: 'Une fois par mois, jamais plus.', active: true });
  const offers = await make(preferences, { title_en: 'Offers', title_fr: 'Offres de dernière minute', active: true });
  await page.goto(`${origin}/fr/account`);
  await press(page, `a[href$="${preferences}"]`);
  await tabTo(page, `#preference-${offers}`);
  await page.keyboard.press('Space');
  await press(page, '.account__panel button[type=submit]');
  assert.match(await page.textContent('.notice'), /enregistrées/);
  assert.deepEqual(await Promise.all([news, offers].map((id) => page.isChecked(`#preference-${id}`))), [false, true]);
  assert.deepEqual(await checkPage(page, 'preferences-said'), []);
});

test('C4: the price of a category stands in the basket with its reason, and in the account', async () => {
  const [{ id }] = await server.sql(`SELECT customer_id::text AS id FROM customer WHERE email_folded = 'ann@buyer.example'`);
  for (const [name, value] of [['Abonnés de la saison', '20'], ['Étudiants', '10']]) {
    const category = await make(categories, { name_en: name, name_fr: name, kind: 'percent', value, applies: 'all' });
    const put = await mary.postJson(`/manage${categories}customers/${id}`, { category, until: '2030-12-31' });
    assert.equal(put.status, 200, put.text);
  }
  const buyer = new Buyer(site);
  buyer.visitor.cookies().set('__Host-vt', { value: (await page.context().cookies()).find(({ name }) => name === '__Host-vt').value });
  const [slot] = await slotsOf(server, site, 'tour');
  const quantity = [{ key: 'adult', count: 2 }, { key: 'child', count: 1 }];
  assert.equal((await buyer.visitor.postJson('/fr/offers/tour', { slot: String(slot.id), quantity })).status, 201);
  await page.goto(`${origin}/fr/basket`);
  const why = await page.locator('.line__why').allTextContents();
  assert.equal(why.length, 2);
  assert.match(why[0], /Abonnés de la saison.*−4,80\s€.*Votre prix dans la catégorie Abonnés de la saison \(jusqu’au .*31 décembre 2030\).*Étudiants/s);
  assert.deepEqual(await checkPage(page, 'category-basket'), []);
  await press(page, 'a[href$="/fr/checkout"]');
  assert.match(await page.textContent('main'), /24,00\s€/);
  assert.deepEqual(await glance(page, 'category-checkout'), []);
  await page.goto(`${origin}/fr/account`);
  assert.match(await page.textContent('main'), /Vos prix\s*Abonnés de la saison/);
  assert.deepEqual(await glance(page, 'category-account'), []);
  const office = await openAs({ site, server, people: { owner: site.manager } }, 'owner');
  const findings = [];
  for (const path of ['/customers', `${preferences}people`]) {
    await office.goto(`${origin}/fr/manage${path}`);
    findings.push(...(await glance(office, `of-ann${path.replaceAll(/\W/g, '-')}`)));
  }
  assert.deepEqual(findings, []);
});
