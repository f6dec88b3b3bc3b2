// Customers as a file: exactly what the list shows, as CSV and as XLSX, formulas made harmless, for
// managers and for nobody else's eyes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { Buyer, root, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';
import { readCsv, readXlsx, records } from '../lib/sheet.mjs';

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const features = { 'pay-at-venue': {}, circle: {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const desk = await staff(site);
const neighbour = await staff(other);

const person = (first_name, last_name, changes = {}) => ({
  first_name, last_name, email: `${first_name}@buyer.example`.toLowerCase(), phone: '+33612345678', gender: 'other', country: 'FR', ...changes });
async function add(who, ...of) {
  const made = await who.postJson('/manage/customers/new', person(...of));
  assert.equal(made.status, 201, made.text);
  return made.json.location.match(/customers\/(\d+)/)[1];
}
const ada = await add(desk, 'Ada', 'Lovelace', { tags: 'vip, member', birthdate: '1990-12-10', gender: 'female' });
const evil = await add(desk, '=cmd|"/c calc"!A0', '+Söhne; "Cie"', { email: 'evil@formula.example', tags: '@SUM(1)' });
const bob = await add(desk, 'Bob', 'Byron', { tags: 'vip', country: 'GB' });
await add(neighbour, 'Nina', 'Neighbour');
const [slot] = await slotsOf(server, site, 'tour');
const buyer = new Buyer(site);
await buyer.book('tour', slot, { adult: 1 });
const [, code] = (await buyer.buy()).match(/orders\/(\w+)/);
await server.sql('UPDATE orders SET customer_id = $1 WHERE code = $2', [ada, code]);
await desk.postJson(`/manage/x/circle/${ada}`, { circle: 'blue' });

const csv = (query = '', who = desk, language = '') => who.get(`${language}/manage/customers/export.csv${query}`);
const rowsOf = async (query, who) => records(readCsv((await csv(query, who)).bytes));

test('CSV: a row a customer, newest first, as the list shows them; formulas are made harmless', async () => {
  const page = await csv();
  assert.match(page.headers['content-disposition'], /filename="customers-[^"]+\.csv"/);
  assert.equal(page.headers['cache-control'], 'no-store');
  const found = records(readCsv(page.bytes));
  assert.deepEqual(found.map((row) => row.Number), [bob, evil, ada]);
  const { 'Customer since (Europe/Paris)': since, 'Last booked (Europe/Paris)': booked, ...rest } = found[2];
  assert.match(since, /^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  assert.match(booked, /^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  assert.deepEqual(rest, {
    Number: ada, 'First name': 'Ada', 'Last name': 'Lovelace', 'E-mail': 'ada@buyer.example', Phone: "'+33612345678", Gender: 'Female',
    'Date of birth': '1990-12-10', Country: 'FR', Language: 'en', Account: 'No account', Tags: 'member, vip', 'How they came': 'Added by staff', Orders: '1',
  });
  assert.equal(found[1]['First name'], `'=cmd|"/c calc"!A0`);
  assert.equal(found[1]['Last name'], `'+Söhne; "Cie"`);
  assert.equal(found[1].Tags, "'@SUM(1)");
  const french = readCsv((await csv('', desk, '/fr')).bytes, ';');
  assert.deepEqual(french[0].slice(1, 4), ['Prénom', 'Nom', 'E-mail']);
});

test('exactly what the filter in the address shows, those of features too', async () => {
  for (const query of ['?q=ada', '?tag=vip', '?tag=vip&q=bob', '?state=no_account', '?state=account', '?q=%25', '?with_circle.circle=blue', '?with_circle.circle=blue&q=bob', '?with_circle.circle=red']) {
    const shown = (await desk.getJson(`/manage/customers${query}`)).json.items.map(({ id }) => id);
    assert.deepEqual((await rowsOf(query)).map((row) => row.Number), shown, query);
  }
  const list = await desk.visit('/manage/customers?tag=vip&with_circle.circle=blue');
  const ask = await list.click('Export');
  assert.match(ask.words('main'), /Tag ?vip/);
  assert.match(ask.words('main'), /Circle ?Circle blue/);
  assert.doesNotMatch(ask.words('main'), /practice/, 'customers are no rehearsal');
  assert.deepEqual(records(readCsv((await ask.click('Download CSV')).bytes)).map((row) => row.Number), [ada]);
  assert.equal((await desk.getJson('/manage/customers/export?state=nonsense')).status, 422);
});

test('XLSX: a job makes the same rows; a download for whoever asked', async () => {
  const asked = await (await desk.visit('/manage/customers/export?with_circle.circle=blue')).submit('Make the spreadsheet', {}, { follow: true });
  await server.jobs();
  const [, id] = asked.url.pathname.match(/exports\/(\d+)/);
  const { json } = await desk.getJson(`/manage/exports/${id}`);
  assert.equal(json.export.state, 'done');
  const { pages, formulas } = readXlsx((await desk.get(json.export.file_url)).bytes);
  assert.equal(formulas, false);
  assert.deepEqual(pages[0].rows.map(([number, , , email, phone]) => [number, email, phone]), [['Number', 'E-mail', 'Phone'], [ada, 'ada@buyer.example', '+33612345678']]);
  assert.equal((await neighbour.get(`/manage/exports/${id}/file`)).status, 404);
});

test('for managers: the box office may not, and is not offered it; the neighbour has theirs only', async () => {
  const box = await staff(site, await hire(server, site, 'box_office'));
  for (const path of ['/manage/customers/export', '/manage/customers/export.csv']) assert.equal((await box.get(path)).status, 403, path);
  assert.equal((await box.postJson('/manage/customers/export', {})).status, 403);
  assert.equal((await box.visit('/manage/customers')).all('#export').length, 0);
  assert.deepEqual((await rowsOf('', neighbour)).map((row) => row['First name']), ['Nina']);
  const [row] = await server.sql(`SELECT a.after FROM audit a JOIN site USING (tenant_id) WHERE slug = $1 AND action = 'export.csv' AND object_id = 'customers' ORDER BY audit_id DESC LIMIT 1`, [site.slug]);
  assert.match(row.after.filter, /Circle: Circle blue/);
});
