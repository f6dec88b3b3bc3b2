// Off means off everywhere, choices come back with the switch, the neighbour never notices; the
// venue chooses offer by offer.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer } from '../../../tests/lib/index.mjs';

const name = 'self-cancel';
const server = await startServer();
const site = await server.createSite({ features: { 'pay-at-venue': {} } });
const other = await server.createSite({ features: { 'pay-at-venue': {}, [name]: {} } });

async function order(where) {
  const buyer = new Buyer(where);
  const slots = await slotsOf(server, where, 'tour');
  assert.equal((await buyer.book('tour', slots.at(-1), { adult: 1 })).status, 201);
  buyer.path = await buyer.buy();
  return buyer;
}

async function office(where) {
  const visitor = where.visitor();
  const { email, password } = where.manager;
  await visitor.post('/manage/login', { form: { email, password } });
  return visitor;
}

const cancelPath = (buyer) => buyer.path.replace('/orders/', `/x/${name}/`);
const offered = async (buyer) => {
  const page = await buyer.visitor.visit(buyer.path);
  const link = page.text.includes(`/x/${name}/`);
  assert.equal((await buyer.visitor.get(cancelPath(buyer))).status, link ? 200 : 404);
  return link;
};

test('T20: off, on, off, on: link, page and tab come and go, what was chosen stays, the other site never notices', async () => {
  const [ann, zoe] = [await order(site), await order(other)];
  const mary = await office(site);
  const tab = async () => /Cancellation/.test((await mary.visit('/manage')).words('nav'));
  const unchanged = async () => assert.equal(await offered(zoe), true);
  assert.equal(await offered(ann), false);
  assert.equal(await tab(), false);
  await unchanged();

  await server.feature(site, name, 'on');
  assert.equal(await offered(ann), true);
  assert.equal(await tab(), true);
  await unchanged();
  const list = await mary.visit(`/manage/x/${name}/`);
  assert.match(list.words('main'), /Tour Yes/);
  const excluded = await list.submit('Exclude', {});
  assert.match(excluded.words('main'), /No Allow|NoAllow/);
  const row = excluded.all('tbody tr').find((tr) => /No/.test(tr.textContent));
  const tour = /Tour/.test(row.textContent);
  assert.equal((await ann.visitor.visit(ann.path)).text.includes(`/x/${name}/`), !tour);
  await unchanged();

  await server.feature(site, name, 'off');
  assert.equal(await offered(ann), false);
  assert.equal(await tab(), false);
  assert.equal((await mary.get(`/manage/x/${name}/`)).status, 404);
  await unchanged();

  await server.feature(site, name, 'on');
  assert.match((await mary.visit(`/manage/x/${name}/`)).words('main'), /No/);
  assert.equal(await tab(), true);
  await unchanged();
  await checkInvariants(server);
});

test('T20: the office page: an offer that isn’t there, another site’s, box office', async () => {
  const mary = await office(site);
  const [{ id }] = await server.sql(
    `SELECT offer_id::text AS id FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1`, [other.slug]);
  for (const wrong of [id, '1', 'x', '99999999999999999999']) {
    assert.equal((await mary.postJson(`/manage/x/${name}/offers/${wrong}`, { allowed: true })).status, 404, wrong);
  }
  assert.equal((await site.visitor().get(`/manage/x/${name}/`)).status, 302);
  const [{ rows }] = await server.sql('SELECT count(*)::int AS rows FROM plugin_self_cancel.choice');
  assert.equal(rows, 1);
});

test('T20: only the offers that were allowed, when the site says so', async () => {
  const zoe = await order(other);
  const mary = await office(other);
  await mary.visit(`/manage/features/${name}`);
  await server.sql(
    `UPDATE feature SET settings = '{"every_offer": false}' FROM site
      WHERE site.tenant_id = feature.tenant_id AND slug = $1 AND plugin = $2`, [other.slug, name]);
  await server.feature(other, name, 'off');
  await server.feature(other, name, 'on');
  assert.equal((await zoe.visitor.visit(zoe.path)).text.includes(`/x/${name}/`), false);
  const page = await zoe.visitor.visit(cancelPath(zoe));
  assert.match(page.words('main'), /can’t be cancelled online/);
});
