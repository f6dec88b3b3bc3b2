// C5: however a file was written, it is read, and shown to the manager how: encodings, separators,
// titles in three languages, quoted line breaks, ragged rows, quotes that never close, dates, phones.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { base, chosen, csv, look, mapping, name, preview, send } from './lib.mjs';
import { staff } from '../../../tests/lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ time_zone: 'Europe/Paris', languages: ['fr', 'en'], features: { [name]: {} } });
const mary = await staff(site);
const forget = async (id) => {
  const page = await look(mary, id);
  assert.equal((await mary.postJson(`${base}/${id}/discard`, { version: page.version })).status, 200);
};
const latin1 = (text) => Buffer.from(text.replaceAll('€', '\x80'), 'latin1');
const utf16be = (text) => Buffer.from(text, 'utf16le').swap16();
const rows = (page) => page.items.map(({ line, kind, reason, name: who, email }) => ({ line, kind, reason, name: who, email }));

test('C5: BOM, Latin-1, Windows-1252, UTF-16 of both kinds, by comma, semicolon and tab', async () => {
  const texts = { ',': 'name,email', ';': 'name;email', '\t': 'name\temail' };
  const names = { ',': 'comma', ';': 'semicolon', '\t': 'tab' };
  const writers = {
    'utf-8': [(t) => Buffer.from(t), (t) => Buffer.from(`\ufeff${t}`)],
    'windows-1252': [latin1],
    'utf-16le': [(t) => Buffer.from(`\ufeff${t}`, 'utf16le'), (t) => Buffer.from(t, 'utf16le')],
    'utf-16be': [(t) => utf16be(`\ufeff${t}`), (t) => utf16be(t)],
  };
  for (const [separator, head] of Object.entries(texts)) {
    for (const [encoding, ways] of Object.entries(writers)) {
      for (const write of ways) {
        const bytes = write(`${head}\r\nÉloïse Müller Ç${separator}eloise@people.example\r\nJosé Ñ${separator}jose@people.example\r\n`);
        const page = await preview(server, mary, bytes);
        assert.deepEqual(rows(page), [
          { line: 2, kind: 'new', reason: null, name: 'Éloïse Müller Ç', email: 'eloise@people.example' },
          { line: 3, kind: 'new', reason: null, name: 'José Ñ', email: 'jose@people.example' },
        ], `${names[separator]} ${encoding}`);
        const map = await look(mary, page.id, '?map=yes');
        assert.equal(chosen(map.encodings), encoding);
        assert.equal(chosen(map.separators), names[separator]);
        await forget(page.id);
      }
    }
  }
});

test('C5: quoted line breaks, empty lines, a quote that never closes, ragged rows: each row knows its line', async () => {
  const page = await preview(server, mary, [
    'name,email,phone_number',
    '"Ada', 'Lovelace",ada@people.example,', // one row of two lines
    '', '',
    'Bob "the" Builder,bob@people.example,',
    'Carl, Jr,carl@people.example,12',
    '"Dora,dora@people.example,',
    'Emil Long,emil@people.example',
    '"Quote ""Inner"" Person",quoted@people.example,""',
    ',nobody@people.example,',
    'No Address,,',
    'Bad Address,bad@,',
    'Bad Phone,badphone@people.example,12',
    'Local Phone,local@people.example,06 12 34 56 78',
  ].join('\n'));
  const of = Object.fromEntries(page.items.map((i) => [i.line, i]));
  assert.deepEqual(page.items.map((i) => [i.line, i.kind]), [[2, 'new'], [6, 'new'], [7, 'error'], [8, 'error'], [9, 'new'], [10, 'new'],
    [11, 'error'], [12, 'error'], [13, 'error'], [14, 'error'], [15, 'new']]);
  assert.equal(of[2].name, 'Ada Lovelace');
  assert.match(of[7].reason, /cellules/);
  assert.match(of[8].reason, /guillemet/);
  assert.equal(of[10].name, 'Quote "Inner" Person');
  assert.match(of[11].reason, /nom manque/);
  assert.match(of[12].reason, /manque/);
  assert.match(of[13].reason, /adresse/);
  assert.match(of[14].reason, /téléphone/);
  assert.deepEqual(of[15].changes.map((c) => c.after), ['+33612345678']);
  await forget(page.id);
});

test('C5: titles in English, French and Spanish; doubled and missing ones are said; no titles at all', async () => {
  const heads = ['name,email,phone_number,gender,birthdate', 'Nom complet;Adresse e-mail;Téléphone;Civilité;Date de naissance',
    'Nombre y apellidos;Correo electrónico;Teléfono móvil;Sexo;Fecha de nacimiento'];
  for (const head of heads) {
    const { id } = (await send(mary, `${head}\n`)).json;
    const page = await look(mary, id);
    assert.deepEqual(page.fields.slice(0, 5).map((f) => chosen(f.columns)), ['0', '1', '2', '3', '4'], head);
    assert.equal(page.has_warnings, false, page.warnings.join());
    await forget(id);
  }
  const twice = (await send(mary, 'name,email,E-mail\nAda L,a@people.example,b@people.example\n')).json.id;
  const page = await look(mary, twice);
  assert.match(page.warnings.join(), /E-mail.*deux colonnes/);
  assert.equal(chosen(page.fields[1].columns), '1');
  const refused = await mary.postJson(`${base}/${twice}/map`, mapping(page, { name: -1, phone_number: 1 }));
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.json.errors.map((e) => e.field).sort(), ['name', 'phone_number']);
  await forget(twice);

  const missing = (await send(mary, 'prénom,ville\nAda,Paris\n')).json.id;
  assert.equal((await look(mary, missing)).warnings.length, 2);
  await forget(missing);

  const bare = await preview(server, mary, 'Ada Lovelace,bare@people.example\n', { name: 0, email: 1 });
  assert.deepEqual(rows(bare), [{ line: 1, kind: 'new', reason: null, name: 'Ada Lovelace', email: 'bare@people.example' }]);
  await forget(bare.id);
});

test('C5: days: ISO first, else day or month first as chosen; genders in three languages', async () => {
  const cells = { '1990-12-31': '1990-12-31', '31/12/1990': '1990-12-31', '31.12.1990': '1990-12-31', '1990/12/31': '1990-12-31',
    '29/02/2000': '2000-02-29', '30/02/2000': null, '12/31/1990': null, '31/12/90': null, '2999-01-01': null, '1990-12-31 00:00:00': '1990-12-31' };
  const file = csv(Object.keys(cells).map((day, i) => `Day ${i},day${i}@people.example,,femme,${day}`));
  const page = await preview(server, mary, file);
  Object.values(cells).forEach((day, i) => {
    assert.equal(page.items[i].kind, day ? 'new' : 'error', Object.keys(cells)[i]);
    if (day) assert.ok(page.items[i].changes.some((c) => c.after === day));
  });
  const again = await mary.postJson(`${base}/${page.id}/map`, mapping(await look(mary, page.id, '?map=yes'), { dates: 'mdy' }));
  assert.equal(again.status, 200);
  await server.jobs();
  const other = await look(mary, page.id);
  assert.equal(other.items[6].kind, 'new');
  assert.equal(other.items[1].kind, 'error');
  await forget(page.id);
});

test('C5: read another way: what was looked at before is gone', async () => {
  const first = await preview(server, mary, latin1('name;email\nÉva Ü;eva@people.example\n'));
  assert.equal(first.items[0].name, 'Éva Ü');
  const map = await look(mary, first.id, '?map=yes');
  const read = await mary.postJson(`${base}/${first.id}/map`, mapping(map, { go: 'read', encoding: 'utf-8' }));
  assert.equal(read.status, 200, read.text);
  const now = await look(mary, first.id);
  await mary.postJson(`${base}/${first.id}/map`, mapping(now));
  await server.jobs();
  const wrong = await look(mary, first.id);
  assert.equal(wrong.items.length, 1);
  assert.match(wrong.items[0].reason, /encodage/);
  await forget(first.id);
});

test('C5: nothing, 1 GB, and a file in parts', async () => {
  assert.equal((await send(mary, '')).status, 422);
  assert.equal((await mary.postJson(`${base}/files`, { size: 2 ** 30, name: 'big.csv' })).status, 400);
  const bytes = Buffer.from(csv(['Ada Parts,parts@people.example,,,', 'Bob Parts,parts2@people.example,,,']));
  const begun = await mary.postJson(`${base}/files`, { size: bytes.length, name: 'parts.csv' });
  assert.equal(begun.status, 201, begun.text);
  const put = (from, to) => mary.post(`${begun.json.upload_url}?at=${from}`, { body: bytes.subarray(from, to), headers: { accept: 'application/json' } });
  assert.equal((await put(0, 50)).json.received, 50);
  assert.equal((await put(0, 50)).status, 409); // it has come already
  assert.equal((await put(50, bytes.length)).json.received, bytes.length);
  const sent = await mary.post(`${base}/`, { form: { csrf: (await mary.visit(`${base}/new`)).document.querySelector('input[name=csrf]').getAttribute('value'), upload: begun.json.id }, headers: { accept: 'application/json' } });
  assert.equal(sent.status, 201, sent.text);
  assert.equal((await look(mary, sent.json.id)).file_name, 'parts.csv');
  await forget(sent.json.id);
});

test('C5: the file’s name stands on its page, whatever a browser makes of it', async () => {
  const names = { 'adhérents; mars 2026.csv': 'adhérents; mars 2026.csv', 'C:\\Users\\Mary\\list.csv': 'list.csv', '../../etc/list.csv': 'list.csv',
    [`${'é'.repeat(150)}.csv`]: 'é'.repeat(100), '': 'customers.csv', '<b>.csv': '<b>.csv', 'a\tb.csv': 'customers.csv' };
  for (const [sent, shown] of Object.entries(names)) {
    const { id } = (await send(mary, 'name,email\n', sent)).json;
    assert.equal((await look(mary, id)).file_name, shown);
    await forget(id);
  }
});
