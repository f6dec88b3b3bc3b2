// Which offers customers may cancel, one by one, and who decided it: on the page that lists them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'self-cancel': {} } });
const other = await server.createSite({ features: { 'self-cancel': {} } });
const staff = async (where) => {
  const visitor = where.visitor();
  await visitor.postJson('/manage/login', { email: where.manager.email, password: where.manager.password });
  return visitor;
};

test('an offer excluded and allowed again stands in the history, with its name', async () => {
  const mary = await staff(site);
  const page = await mary.visit('/manage/x/self-cancel/');
  assert.match(page.words('#history'), /Nothing has been changed yet/);
  const { offers } = (await mary.getJson('/manage/x/self-cancel/')).json;
  const { id } = offers.find(({ title }) => title === 'Court');
  for (const allowed of [false, true]) {
    assert.equal((await mary.postJson(`/manage/x/self-cancel/offers/${id}`, { allowed })).status, 200);
  }
  const { entries } = (await mary.getJson('/es/manage/x/self-cancel/')).json.history;
  assert.deepEqual(entries.map((e) => [e.who, e.action_text, ...e.changes.map((c) => `${c.field}: ${c.after}`)]), [
    ['Mary Manager', 'permitió que los clientes cancelen', 'Oferta: Court'],
    ['Mary Manager', 'ya no permite que los clientes cancelen', 'Oferta: Court'],
  ]);
  assert.match((await mary.visit('/manage/x/self-cancel/')).words('#history'), /Mary Manager let customers cancel.*Offer\s*Court/);
  assert.deepEqual((await (await staff(other)).getJson('/manage/x/self-cancel/')).json.history.entries, []);
});
