// C5: off means off everywhere, imports come back with the switch, what is under way is finished
// first; the neighbour never notices. A customer who is deleted takes their rows along.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';
import { apply, base, csv, customers, look, name, preview } from './lib.mjs';

const server = await startServer();
const site = await server.createSite();
const other = await server.createSite({ features: { [name]: {} } });
const [mary, zoe] = [await staff(site), await staff(other)];
const theirs = await apply(server, zoe, await preview(server, zoe, csv(['Zed Neighbour,zed@people.example,,,'])));

test('C5: off, on, off, on: menu, pages and jobs come and go, imports stay, the other site never notices', async () => {
  const gone = async (id) => {
    for (const path of ['/', '/new', `/${id}`, `/${id}/errors`]) assert.equal((await mary.get(`${base}${path}`)).status, 404, path);
    for (const path of ['/files', `/${id}/apply`, `/${id}/undo`, `/${id}/map`, `/${id}/discard`]) {
      assert.equal((await mary.postJson(`${base}${path}`, { version: 1 })).status, 404, path);
    }
    assert.doesNotMatch((await mary.visit('/manage')).words('nav'), /Customer import/);
    assert.equal((await look(zoe, theirs.id)).state, 'done');
    assert.equal((await customers(server, other)).length, 1);
  };
  await gone(theirs.id);
  await server.feature(site, name, 'on');
  assert.match((await mary.visit('/manage')).words('nav'), /Customer import/);
  assert.match((await mary.visit(`${base}/`)).words('main'), /No imports yet/);
  const mine = await apply(server, mary, await preview(server, mary, csv(['Ada King,ada@people.example,,,'])));
  const open = await preview(server, mary, csv(['Bob King,bob@people.example,,,']));
  await server.feature(site, name, 'off');
  await server.jobs();
  await gone(mine.id);
  assert.equal((await customers(server, site)).length, 1);
  await server.feature(site, name, 'on');
  await server.jobs();
  assert.equal((await look(mary, mine.id)).state, 'done');
  assert.equal((await look(mary, open.id)).state, 'preview');
  assert.equal((await apply(server, mary, open)).state, 'done');
  assert.equal((await customers(server, site)).length, 2);
});

test('C13: deleting a customer removes their rows of every import', async () => {
  const rows = () => server.sql(`SELECT email FROM plugin_customer_import.import_row r JOIN site USING (tenant_id) WHERE slug = $1`, [site.slug]);
  const [{ id }] = (await customers(server, site)).filter((c) => c.email === 'ada@people.example');
  assert.ok((await rows()).some((r) => r.email === 'ada@people.example'));
  const answer = await mary.postJson(`/manage/customers/${id}/delete`, { typed: 'ada@people.example' });
  assert.ok(answer.status < 300, answer.text);
  await server.jobs();
  assert.ok(!(await rows()).some((r) => r.email === 'ada@people.example'));
});
