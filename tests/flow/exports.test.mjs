// Exports of orders: exactly what the filter shows, as CSV and as XLSX, each cell what it is, formulas
// made harmless (as L23 asks of reports), for managers only and for nobody else's eyes.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import test, { before } from 'node:test';
import { addSlots, Buyer, court, eventually, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';
import { readCsv, readXlsx, records } from '../lib/sheet.mjs';

const server = await startServer();
const features = { 'sandbox-pay': {}, 'pay-at-venue': {}, coupons: {} };
const offers = [tour({ schedule: [] }), court()];
const coupons = [{ code: 'WELCOME', kind: 'percent', value: 10, offers: null, uses: 100, per_buyer: 100 }];
const site = await server.createSite({ features, offers, coupons });
const other = await server.createSite({ features, offers });
const desk = await staff(site);
const neighbour = await staff(other);
const bought = {};
let slots;

async function buy(where, who, { name, email, counts = { adult: 1 }, slot, card = false }) {
  const buyer = new Buyer(where);
  await buyer.book('tour', slot, counts);
  const details = buyer.details.bind(buyer);
  buyer.details = () => details({ name, email });
  const path = card ? await buyer.buyByCard() : await buyer.buy();
  bought[who] = path.match(/orders\/(\w+)/)[1];
}

before(async () => {
  await server.time('set 2026-12-01T09:00:00Z');
  slots = await addSlots(server, site.slug, 'tour', ['2026-12-05T17:30:00Z', '2026-12-06T17:30:00Z']);
  const [theirs] = await addSlots(server, other.slug, 'tour', ['2026-12-05T17:30:00Z']);
  await buy(site, 'anna', { name: 'Anna Lee', email: 'anna@music.example', counts: { adult: 2, child: 1 }, slot: slots[0], card: true });
  await server.time('+60');
  await buy(site, 'evil', { name: '=cmd|"/c calc"!A0', email: 'evil@formula.example', slot: slots[1] });
  await server.time('+60');
  await buy(site, 'plus', { name: '+33 (Ünal); "Söhne", Cie', email: 'plus@formula.example', slot: slots[1] });
  await desk.postJson(`/manage/orders/${bought.anna}/notes`, { note: '@SUM(1+1)\nwheelchair, second line' });
  await buy(other, 'stranger', { name: 'Somebody Else', email: 'somebody@else.example', slot: theirs });
});

const csv = async (query = '', visitor = desk, language = '') => {
  const page = await visitor.get(`${language}/manage/orders/export.csv${query}`);
  assert.equal(page.status, 200, page.text);
  return page;
};
const rowsOf = async (query) => records(readCsv((await csv(query)).bytes));

// The spreadsheet of a filter, made and downloaded.
async function spreadsheet(form = {}, visitor = desk) {
  const asked = await visitor.postJson('/manage/orders/export', form);
  assert.equal(asked.status, 201, asked.text);
  await server.jobs();
  const made = (await visitor.getJson(`/manage/exports/${asked.json.id}`)).json.export;
  assert.equal(made.state, 'done');
  return { id: asked.json.id, made, file: await visitor.get(made.file_url) };
}

test('CSV: a row a line, newest order first, amounts and times as spreadsheets read them', async () => {
  const page = await csv();
  assert.match(page.headers['content-type'], /^text\/csv; charset=utf-8/);
  assert.equal(page.headers['content-disposition'], `attachment; filename="practice-orders-${site.slug}-2026-12-01.csv"`);
  assert.equal(page.headers['cache-control'], 'no-store');
  const found = records(readCsv(page.bytes));
  assert.deepEqual(found.map((row) => row.Order), [bought.plus, bought.evil, bought.anna, bought.anna]);
  const [adults, children] = found.slice(2);
  assert.deepEqual(adults, {
    Order: bought.anna, 'Placed (Europe/Paris)': '2026-12-01 10:00', Name: 'Anna Lee', 'E-mail': 'anna@music.example', Channel: 'Web',
    Offer: 'Tour', 'Begins (Europe/Paris)': '2026-12-05 18:30', Rate: 'Adult', Quantity: '2', 'Unit price': '12.00', Discount: '',
    'Discount for': '', 'Tax %': '20', Tax: '4.00', Total: '24.00', 'Given back or no longer owed': '0.00', State: 'Confirmed',
    'Paid (order)': '30.00', 'Refunded (order)': '', 'To be paid (order)': '0.00', Payment: adults.Payment,
    Notes: "'@SUM(1+1)\nwheelchair, second line", Currency: 'EUR', Practice: 'yes',
  });
  assert.match(adults.Payment, /^Card/);
  assert.deepEqual([children.Quantity, children.Total, children['Paid (order)'], children.Notes], ['1', '6.00', '', ''],
    'what concerns the whole order stands once');
  assert.deepEqual([found[0]['To be paid (order)'], found[0].Payment], ['12.00', 'At the venue']);
});

test('L23: what begins like a formula is made harmless, and nothing else is changed', async () => {
  const [plus, evil] = await rowsOf();
  assert.equal(evil.Name, `'=cmd|"/c calc"!A0`);
  assert.equal(plus.Name, `'+33 (Ünal); "Söhne", Cie`);
  const begin = async (name) => {
    await server.sql('UPDATE orders SET name = $1 WHERE code = $2', [name, bought.plus]);
    return (await rowsOf())[0].Name;
  };
  for (const bad of ['-2+3', '@A1', '\tx', '\rx', '＝1+1', '＋1', '－1', '＠x']) assert.equal(await begin(bad), `'${bad}`);
  for (const good of ['Anna = Bea', "'quoted", '5+3', '日本', 'a,b;c"d\r\ne']) assert.equal(await begin(good), good);
  await server.sql('UPDATE orders SET name = $1 WHERE code = $2', ['+33 (Ünal); "Söhne", Cie', bought.plus]);
});

test('in French and Spanish: their words, semicolons, decimal commas', async () => {
  for (const [language, order, confirmed] of [['/fr', 'Commande', 'Confirmée'], ['/es', 'Pedido', 'Confirmado']]) {
    const found = readCsv((await csv('', desk, language)).bytes, ';');
    assert.equal(found[0][0], order);
    const anna = found.find(([code]) => code === bought.anna);
    assert.ok(anna.includes('24,00') && anna.includes(confirmed), anna.join());
  }
});

test('exactly what the filter in the address shows', async () => {
  const { json } = await desk.getJson('/manage/orders');
  const shown = async (query) => (await desk.getJson(`/manage/orders${query}`)).json.items.map(({ code }) => code);
  assert.equal(json.items.length, 3);
  const [{ channel_id: web }] = await server.sql(`SELECT c.channel_id::text FROM channel c JOIN site USING (tenant_id) WHERE slug = $1 AND c.kind = 'web'`, [site.slug]);
  for (const query of [
    '?q=anna', '?q=formula', '?state=due', '?state=cancelled', `?slot=${slots[1]}`, `?slot=${slots[0]}&state=due`, `?channel=${web}&state=due`,
    '?from=2026-12-01&to=2026-12-01', '?from=2026-12-02', '?state=practice', '?q=%3F%3F', `?slot=${slots[0]}&q=anna`,
  ]) {
    assert.deepEqual([...new Set((await rowsOf(query)).map((row) => row.Order))], await shown(query), query);
  }
  const list = await desk.visit('/manage/orders?q=anna&state=confirmed');
  const ask = await list.click('Export');
  assert.match(ask.words('main'), /Search ?anna/);
  assert.match(ask.words('main'), /State ?Confirmed/);
  const file = await ask.click('Download CSV');
  assert.deepEqual(records(readCsv(file.bytes)).map((row) => row.Order), [bought.anna, bought.anna]);
});

test('nothing matches: a file with its headings only, both ways', async () => {
  const rows = readCsv((await csv('?from=2030-01-01')).bytes);
  assert.equal(rows.length, 1);
  assert.equal(rows[0][0], 'Order');
  const { made, file } = await spreadsheet({ from: '2030-01-01' });
  assert.deepEqual([made.rows, made.rows > 0], [0, false]);
  assert.equal(readXlsx(file.bytes).pages[0].rows.length, 1);
});

test('a wrong filter is refused by name', async () => {
  const page = await desk.get('/manage/orders/export.csv?from=yesterday');
  assert.equal(page.status, 422);
  assert.equal((await desk.postJson('/manage/orders/export', { state: 'sold' })).status, 422);
  assert.equal((await desk.get('/manage/orders/export?to=2026-02-30')).status, 422);
});

test('XLSX: numbers and dates are numbers and dates, texts are texts, the head stays in sight', async () => {
  const { made, file } = await spreadsheet();
  assert.match(file.headers['content-type'], /spreadsheetml/);
  assert.equal(file.headers['content-disposition'], `attachment; filename="practice-orders-${site.slug}-2026-12-01.xlsx"`);
  assert.equal(Number(file.headers['content-length']), file.bytes.length);
  assert.equal(made.rows, 3);
  const { pages: [page], formulas, formats } = readXlsx(file.bytes);
  assert.ok(page.frozen);
  assert.ok(page.widths.length >= 20 && page.widths[2] > page.widths[8]);
  assert.ok(!formulas, 'no cell is a formula');
  assert.ok(formats.includes('#,##0.00') && formats.includes('yyyy-mm-dd hh:mm'), formats.join(' '));
  const [plus, evil, adults] = records(page.rows);
  assert.equal(evil.Name, '=cmd|"/c calc"!A0', 'as text it harms nobody');
  assert.equal(plus.Name, '+33 (Ünal); "Söhne", Cie');
  assert.deepEqual([adults.Quantity, adults['Unit price'], adults.Total, adults['Tax %'], adults['Paid (order)']], [2, 12, 24, 0.2, 30]);
  // Days since 1900 as Excel counts them: 5 December 2026, 18:30 at the venue.
  assert.ok(Math.abs(adults['Begins (Europe/Paris)'] - (46361 + 18.5 / 24)) < 1e-6, String(adults['Begins (Europe/Paris)']));
});

test('without scripts: ask, see how far it is, download', async () => {
  const ask = await desk.visit('/manage/orders/export?state=due');
  const waiting = await ask.submit('Make the spreadsheet', {});
  assert.match(waiting.words('main'), /Waits for its turn|Being made|Ready/);
  await server.jobs();
  const ready = waiting.words('main').includes('Ready') ? waiting : await waiting.click('Look again');
  assert.match(ready.words('main'), /2 entries/);
  const file = await ready.click('Download');
  assert.deepEqual([...new Set(records(readXlsx(file.bytes).pages[0].rows).map((row) => row.Order))], [bought.plus, bought.evil]);
  const list = await desk.visit('/manage/exports');
  assert.match(list.words('main'), /practice-orders-.*\.xlsx/);
});

test('over HTTP/2 too, and many downloads are no abuse of a connection', async () => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const cookie = [...desk.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const one = (path) => new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':authority': `${site.slug}.vitrine.localhost`, cookie });
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('error', reject);
    stream.on('end', () => resolve(Buffer.concat(parts)));
  });
  const whole = (await csv()).bytes;
  for (let i = 0; i < 110; i++) assert.ok((await one('/manage/orders/export.csv')).equals(whole), String(i));
  session.close();
});

test('a discount stands beside its price, with its name', async () => {
  const buyer = new Buyer(site);
  await buyer.book('tour', slots[1], { adult: 2 });
  const applied = await buyer.visitor.postJson('/basket/codes', { code: 'WELCOME' });
  assert.ok([200, 201].includes(applied.status), applied.text);
  bought.less = (await buyer.buy()).match(/orders\/(\w+)/)[1];
  const [row] = await rowsOf('?q=buyer');
  assert.deepEqual([row.Order, row.Discount, row.Total], [bought.less, '2.40', '21.60']);
  assert.match(row['Discount for'], /WELCOME/);
});

test('for managers: the box office may not, and is not offered it', async () => {
  const box = await staff(site, await hire(server, site, 'box_office'));
  for (const path of ['/manage/orders/export', '/manage/orders/export.csv', '/manage/exports']) {
    assert.equal((await box.get(path)).status, 403, path);
  }
  assert.equal((await box.postJson('/manage/orders/export', {})).status, 403);
  assert.equal((await box.visit('/manage/orders')).all('#export').length, 0);
  assert.equal((await site.visitor().get('/manage/orders/export.csv')).status, 302);
});

test('nobody else’s: not a colleague’s, not the neighbour’s', async () => {
  const { id } = await spreadsheet();
  const colleague = await staff(site, await hire(server, site, 'manager'));
  for (const visitor of [colleague, neighbour]) {
    assert.equal((await visitor.get(`/manage/exports/${id}`)).status, 404);
    assert.equal((await visitor.get(`/manage/exports/${id}/file`)).status, 404);
  }
  assert.deepEqual((await colleague.getJson('/manage/exports')).json.items, []);
  const theirs = records(readCsv((await csv('', neighbour)).bytes));
  assert.deepEqual(theirs.map((row) => row.Order), [bought.stranger]);
  assert.equal((await desk.get('/manage/exports/nonsense/file')).status, 404);
});

test('who took what away is on record', async () => {
  await csv('?q=anna');
  const page = await desk.visit('/manage/orders/export');
  assert.match(page.words('#history'), /Mary Manager downloaded a CSV file/);
  assert.match(page.words('#history'), /had a spreadsheet made/);
  const [row] = await server.sql(
    `SELECT a.object_kind, a.object_id, a.after FROM audit a JOIN site USING (tenant_id) WHERE slug = $1 AND action = 'export.csv' ORDER BY audit_id DESC LIMIT 1`,
    [site.slug]);
  assert.deepEqual(row, { object_kind: 'export', object_id: 'orders', after: { filter: 'Search: anna' } });
});

test('three are made for one person at a time', async () => {
  await server.sql(
    `INSERT INTO export (tenant_id, staff_id, kind, format, filter, language, created_at)
     SELECT s.tenant_id, s.staff_id, 'orders', 'xlsx', '{}', 'en', now() FROM staff s JOIN site t USING (tenant_id), generate_series(1, 3)
      WHERE t.slug = $1 AND s.email = $2`, [site.slug, site.manager.email]);
  const fourth = await desk.postJson('/manage/orders/export', {});
  assert.equal(fourth.status, 429);
  assert.equal(fourth.json.code, 'exports_many');
  await server.sql(`DELETE FROM export WHERE state = 'waiting'`);
});

test('old ones are deleted, file and all', async () => {
  const count = async () => (await server.sql(
    `SELECT (SELECT count(*)::int FROM export) AS exports, (SELECT count(*)::int FROM export_part) AS parts`))[0];
  assert.ok((await count()).parts > 0);
  await server.time('+700000');
  await server.jobs();
  await eventually(count, { exports: 0, parts: 0 });
});
