// C5: a file of customers in a browser, by keyboard alone: sent in parts, columns, preview, applied
// while its progress is watched, put back; in French and Spanish, at 360 and 1280 px, light and dark.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, glance } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';
import { press, tabTo } from '../lib/keyboard.mjs';
import { staff } from '../lib/office.mjs';
import { openAs } from '../lib/pages.mjs';

const server = await startServer();
const site = await server.createSite({
  languages: ['en', 'fr', 'es'], features: { 'customer-categories': {}, 'customer-import': {} } });
const venue = { site, server, people: { owner: site.manager } };
const { origin } = site.visitor();
const base = '/manage/x/customer-import';
const mary = await staff(site);
for (const [email, last] of [['ada@people.example', 'Byron'], ['same@people.example', 'Person']]) {
  const made = await mary.postJson('/manage/customers/new', {
    first_name: last === 'Byron' ? 'Ada' : 'Same', last_name: last, email, phone: '+33612345678', gender: 'female', country: 'FR' });
  assert.equal(made.status, 201, made.text);
}
const category = await mary.postJson('/manage/x/customer-categories/new', {
  name_en: 'Students', name_fr: 'Étudiants', name_es: 'Estudiantes', kind: 'percent', value: '10', applies: 'all' });
assert.equal(category.status, 201, category.text);

const bytes = Buffer.from([
  'Nom complet;Adresse e-mail;Téléphone;Civilité;Date de naissance;Catégorie;Expire le;Remarque',
  'Ada Lovelace;ada@people.example;;;10/12/1990;Étudiants;31/12/2031;',
  'Same Person;same@people.example;;;;;;',
  'Élodie Grandjean-Müller;elodie@people.example;06 12 34 56 79;femme;09/12/1990;Étudiants;;vient le mardi',
  'Élodie Encore;Elodie@people.example;;;;;;',
  'José Ñúñez;jose@people.example;;homme;;;;=SUM(A1:A9)',
  'Sans Adresse;;;;;;;',
  'Trop;trop@people.example;;;;;;;en trop',
  ...Array.from({ length: 60 }, (_, i) => `Personne Numéro${i};p${i}@people.example;;;;;;`),
].join('\r\n').replaceAll('’', "'"), 'latin1');

// What the page watches is held up, until `goOn`.
await server.sql(`CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'held up'; END $$`);
const holdUp = (table) => server.sql(`CREATE TRIGGER hold_up BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION hold_up()`);
async function goOn(table) {
  await server.sql(`DROP TRIGGER hold_up ON ${table}`);
  await server.time('+3600');
  await server.jobs();
}

const idOf = async () => (await mary.getJson(`${base}/`)).json.items[0].id;

test('C5: from the empty list to customers put back, by keyboard', async () => {
  const page = await openAs(venue, 'owner');
  await page.goto(`${origin}/es${base}/`);
  assert.deepEqual(await glance(page, 'import-empty'), []);
  await press(page, `main a[href$="${base}/new"]`);
  assert.deepEqual(await checkPage(page, 'import-send'), []);

  await page.goto(`${origin}/fr${base}/new`);
  await tabTo(page, '#file');
  await page.setInputFiles('#file', { name: 'adhérents 2026.csv', mimeType: 'text/csv', buffer: bytes });
  await press(page, 'main button[type=submit]');
  assert.match(await page.textContent('main'), /adhérents 2026\.csv/);
  assert.equal(await page.locator('#encoding').inputValue(), 'windows-1252');
  assert.equal(await page.locator('#separator').inputValue(), 'semicolon');
  assert.deepEqual(await checkPage(page, 'import-map'), []);

  // A mandatory column taken away is said beside it; what was chosen stays.
  const email = await page.locator('#email').inputValue();
  await page.selectOption('#email', '-1');
  await press(page, 'main form:first-of-type .panel__foot button[type=submit]');
  assert.equal(await page.getAttribute('#email', 'aria-invalid'), 'true');
  assert.deepEqual(await checkPage(page, 'import-map-refused'), []);
  await tabTo(page, '#email');
  await page.selectOption('#email', email);
  await holdUp('plugin_customer_import.import_row');
  await press(page, 'main form:first-of-type .panel__foot button[type=submit]');

  assert.deepEqual(await glance(page, 'import-looking'), []);
  await goOn('plugin_customer_import.import_row');
  await page.waitForSelector('main table'); // the page looks again by itself
  assert.match(await page.textContent('.page__line'), /62 nouveaux/);
  await page.reload();
  assert.deepEqual(await checkPage(page, 'import-preview'), []);
  const path = new URL(page.url()).pathname.replace('/fr', '');
  await page.goto(`${origin}/es${path}?show=changed`);
  assert.match(await page.textContent('main table'), /Byron.*Lovelace/s);
  assert.deepEqual(await glance(page, 'import-changed'), []);
  await page.goto(`${origin}/es${path}?show=error`);
  assert.equal(await page.locator('main tbody tr').count(), 3);
  assert.deepEqual(await glance(page, 'import-errors'), []);

  await page.goto(`${origin}/fr${path}`);
  await holdUp('customer');
  await press(page, 'form[action$="/apply"] button');
  assert.equal(await page.locator('progress').count(), 1);
  assert.deepEqual(await checkPage(page, 'import-applying'), []);
  await goOn('customer');
  await page.waitForSelector('form[action$="/undo"]');
  assert.deepEqual((await server.sql(`SELECT last_name FROM customer WHERE email_folded = 'ada@people.example'`)), [{ last_name: 'Lovelace' }]);
  await page.goto(`${origin}/fr${path}`);
  assert.deepEqual(await checkPage(page, 'import-done'), []);
  await press(page, 'form[action$="/undo"] button');
  await server.jobs();
  await page.goto(`${origin}/es${path}`);
  assert.equal(await page.locator('form[action$="/undo"]').count(), 0);
  assert.deepEqual(await glance(page, 'import-undone'), []);
  assert.equal((await server.sql('SELECT count(*)::int AS n FROM customer'))[0].n, 2);
  await page.goto(`${origin}/fr${base}/`);
  assert.deepEqual(await glance(page, 'import-list'), []);
  assert.equal(await idOf(), path.split('/').pop());
});

test('C5: the same without scripts: the file in the form, the progress by its link', async () => {
  const page = await openAs(venue, 'owner', { javaScriptEnabled: false });
  await page.goto(`${origin}${base}/new`);
  await page.setInputFiles('#file', { name: 'members.csv', mimeType: 'text/csv', buffer: Buffer.from('name,email\nEve Bare,eve@people.example\n') });
  await page.locator('main form button[type=submit]').click();
  for (const [button, table] of [['button[value=look]', 'plugin_customer_import.import_row'], ['form[action$="/apply"] button', 'customer']]) {
    await holdUp(table);
    await page.locator(button).click();
    await goOn(table);
    await page.locator('#progress a').click();
  }
  assert.match(await page.textContent('main'), /Eve Bare/);
  assert.equal(await page.locator('form[action$="/undo"]').count(), 1);
});
