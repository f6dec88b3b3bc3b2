// C5: what would change is shown before anything is written; applied, applied again, undone, and
// undone where somebody was faster; the file of errors, the history, who may.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { hire, staff } from '../../../tests/lib/office.mjs';
import { readCsv } from '../../../tests/lib/sheet.mjs';
import { apply, base, csv, customers, look, name, people, preview, send, undo } from './lib.mjs';

const server = await startServer();
const site = await server.createSite({ time_zone: 'Europe/Paris', features: { [name]: {} } });
const other = await server.createSite({ time_zone: 'Europe/Paris', features: { [name]: {} } });
let mary = await staff(site);
const person = (changes) => ({ first_name: 'Ada', last_name: 'Lovelace', email: 'ada@people.example', phone: '+33612345678', gender: 'female', country: 'FR', birthdate: '', ...changes });
const found = async (words) => (await mary.getJson(`/manage/customers?q=${encodeURIComponent(words)}`)).json.items.map((c) => c.email);
const file = csv([
  'Ada King,ADA@people.example,,female,1815-12-10', // too long ago
  'Ada King,ADA@people.example,,,1990-12-10',
  'Grace Hopper,grace@people.example,+33612345679,female,1990-12-09',
  'Grace Twin,Grace@people.example,,,',
  'Same Person,same@people.example,,,',
  '=SUM(A1),formula@people.example,,,',
]);

test('C5: preview of every change, before and after, and nothing written before Apply; two rows for one person', async () => {
  for (const p of [person({}), person({ first_name: 'Same', last_name: 'Person', email: 'same@people.example' })]) {
    const made = await mary.postJson('/manage/customers/new', p);
    assert.equal(made.status, 201, made.text);
  }
  const before = await customers(server, site);
  const page = await preview(server, mary, file);
  assert.deepEqual(page.items.map((i) => [i.line, i.kind]), [[2, 'error'], [3, 'changed'], [4, 'new'], [5, 'error'], [6, 'same'], [7, 'new']]);
  assert.deepEqual(page.items[1].changes, [
    { field: 'Last name', before: 'Lovelace', after: 'King' }, { field: 'Date of birth', before: '', after: '1990-12-10' }]);
  assert.match(page.items[3].reason, /Line 4/);
  assert.match(page.totals, /2 new, 1 changed, 1 unchanged, 2 errors/);
  assert.deepEqual(await customers(server, site), before);
  const shown = await mary.visit(`${base}/${page.id}?show=changed`);
  assert.match(shown.words('main'), /Lovelace King/);
  assert.doesNotMatch(shown.words('main table'), /Grace/);
});

test('C5: applied, found by search, in the record; the file of errors; the same file again changes nothing', async () => {
  const [{ id }] = (await mary.getJson(`${base}/`)).json.items;
  const done = await apply(server, mary, await look(mary, id));
  assert.equal(done.state, 'done');
  const now = Object.fromEntries((await customers(server, site)).map((c) => [c.email, c]));
  assert.equal(now['ada@people.example'].last_name, 'King');
  assert.equal(now['ada@people.example'].phone, '+33612345678'); // an empty cell says nothing
  assert.equal(now['grace@people.example'].made_by, 'import');
  assert.deepEqual(await found('hopper'), ['grace@people.example']);
  assert.deepEqual(await found('king'), ['ada@people.example']);
  assert.deepEqual(await found('lovelace'), []);
  const history = (await mary.visit(`/manage/customers/${now['ada@people.example'].id}`)).words('main');
  assert.match(history, /from an import/);

  const errors = await mary.get(`${base}/${id}/errors`);
  assert.equal(errors.status, 200);
  const [head, ...rows] = readCsv(errors.bytes);
  assert.deepEqual(head.slice(0, 4), ['Line', 'Reason', 'name', 'email']);
  assert.deepEqual(rows.map((r) => [r[0], r[2]]), [['2', 'Ada King'], ['5', 'Grace Twin']]);

  const before = await customers(server, site);
  const again = await preview(server, mary, file);
  assert.deepEqual([again.new, again.changed], [0, 0]);
  assert.equal(again.has_work, false);
  assert.deepEqual(await customers(server, site), before);
  await mary.postJson(`${base}/${again.id}/discard`, { version: again.version });
});

test('C5: formula cells come back as text in the file of errors', async () => {
  const page = await preview(server, mary, csv(['=1+1,no address,,,', '@x,+y,,,']));
  const { bytes } = await mary.get(`${base}/${page.id}/errors`);
  for (const cell of readCsv(bytes).slice(1).flat()) assert.doesNotMatch(cell, /^[=+@-]/);
  await mary.postJson(`${base}/${page.id}/discard`, { version: page.version });
});

test('C5: undone within seven days: exactly what it changed, but not what somebody changed since', async () => {
  const before = await customers(server, site);
  const page = await apply(server, mary, await preview(server, mary,
    csv(['Ada Byron,ada@people.example,,,', 'Grace Murray,grace@people.example,,,', ...people(4)])));
  const now = Object.fromEntries((await customers(server, site)).map((c) => [c.email, c]));
  // Somebody changes one of those made and one of those altered.
  await server.sql(`UPDATE customer SET first_name = 'Since', version = version + 1 WHERE email IN ('p2@people.example', 'grace@people.example')`);
  await server.sql(`INSERT INTO customer_note (tenant_id, customer_id, at, author, body)
    SELECT tenant_id, customer_id, now(), 'Mary', 'A note' FROM customer WHERE email = 'p3@people.example'`);
  assert.ok(page.undo_url);
  const undone = await undo(server, mary, page);
  assert.equal(undone.state, 'undone');
  assert.equal(undone.left, 3);
  const kept = await look(mary, page.id, '?show=left');
  assert.deepEqual(kept.items.map((i) => i.email).sort(), ['grace@people.example', 'p2@people.example', 'p3@people.example']);
  assert.match(kept.items[0].reason, /since/);
  const after = Object.fromEntries((await customers(server, site)).map((c) => [c.email, c]));
  assert.equal(after['ada@people.example'].last_name, 'King');
  assert.equal(after['grace@people.example'].first_name, 'Since');
  assert.equal(after['p1@people.example'], undefined);
  assert.equal(after['p2@people.example'].first_name, 'Since');
  assert.ok(after['p3@people.example'] && now['p3@people.example']);
  assert.equal(Object.keys(after).length, before.length + 2);
  assert.deepEqual(await found('given1'), []);
  assert.match((await mary.visit(`${base}/${page.id}`)).words('main'), /undid the import/);
});

test('C5: after seven days it can’t be undone, and its rows are gone; what was never applied goes after one', async () => {
  const page = await apply(server, mary, await preview(server, mary, csv(['Late Person,late@people.example,,,'])));
  const open = await preview(server, mary, csv(['Open Person,open@people.example,,,']));
  await server.time(`+${2 * 86400}`);
  await server.jobs();
  mary = await staff(site);
  assert.equal((await mary.get(`${base}/${open.id}`)).status, 404);
  await server.time(`+${5 * 86400 + 600}`);
  await server.jobs();
  mary = await staff(site);
  const late = await look(mary, page.id);
  assert.equal(late.undo_url, null);
  assert.equal(late.rows_gone, true);
  assert.equal((await mary.postJson(`${base}/${page.id}/undo`, { version: late.version })).status, 409);
  assert.equal((await server.sql('SELECT count(*)::int AS n FROM plugin_customer_import.import_row WHERE import_id = $1', [page.id]))[0].n, 0);
  assert.ok((await customers(server, site)).some((c) => c.email === 'late@people.example'));
});

test('C5: for manager and owner; a stale page changes nothing; the other site never sees one', async () => {
  const neighbour = await staff(other);
  const desk = await staff(site, await hire(server, site, 'box_office'));
  const page = await preview(server, mary, csv(['Stale Person,stale@people.example,,,']));
  for (const path of ['', '/new', `/${page.id}`, `/${page.id}/errors`]) assert.equal((await desk.get(`${base}${path || '/'}`)).status, 403, path);
  assert.equal((await mary.postJson(`${base}/${page.id}/apply`, { version: page.version - 1 })).status, 409);
  for (const [method, path, body] of [['get', `/${page.id}`], ['get', `/${page.id}/errors`], ['post', `/${page.id}/apply`, { version: page.version }],
    ['post', `/${page.id}/undo`, { version: page.version }], ['post', `/${page.id}/discard`, { version: page.version }],
    ['post', `/files/${page.id}?at=0`, {}]]) {
    const answer = method === 'get' ? await neighbour.getJson(`${base}${path}`) : await neighbour.postJson(`${base}${path}`, body);
    assert.equal(answer.status, 404, path);
  }
  assert.deepEqual((await neighbour.getJson(`${base}/`)).json.items, []);
  assert.equal((await look(mary, page.id)).state, 'preview');
  assert.equal((await customers(server, other)).length, 0);
  assert.equal((await send(neighbour, '')).status, 422);
});
