// Off means off everywhere, series come back with the switch, the neighbour never notices; nothing
// of one site is reached from another.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually, startServer } from '../../../tests/lib/index.mjs';
import { base, bookAll, bookings, draftOf, manager, name, seriesOf } from './lib.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'pay-at-venue': {} } });
const other = await server.createSite({ features: { 'pay-at-venue': {}, [name]: {} } });
await server.time('set 2027-03-01T09:00:00Z');
await server.jobs();
const [mary, zoe] = [await manager(site), await manager(other)];

async function made(visitor, changes) {
  const draft = await draftOf(visitor, { first: '2027-03-08', ...changes });
  assert.equal(draft.status, 201, draft.text);
  assert.equal((await bookAll(visitor, draft.json.id)).status, 200);
  await server.jobs();
  return draft.json.id;
}
const theirs = await made(zoe);
// As the mail has it.
const link = async (where, id) => {
  const start = `/x/${name}/${id}?t=`;
  const mail = (await server.mails()).find(({ text }) => text.includes(start));
  assert.ok(mail, `no mail leads to ${start}`);
  return start + mail.text.split(start)[1].match(/^[\w-]+/)[0];
};
const routes = (id) => [
  ['GET', '/'], ['GET', '/new'], ['POST', '/new'], ['GET', `/${id}`], ['POST', `/${id}/book`], ['GET', `/${id}/dates/1`],
  ['POST', `/${id}/notes`], ['GET', `/${id}/change?number=1&scope=this`], ['POST', `/${id}/change`],
  ['GET', `/${id}/cancel?number=1&scope=this`], ['POST', `/${id}/cancel`],
];
const ask = (visitor, [method, path]) =>
  (method === 'GET' ? visitor.get(`${base}${path}`) : visitor.postJson(`${base}${path}`, /new$/.test(path) ? {} : /book$/.test(path) ? { version: 1 } :
    /notes$/.test(path) ? { version: 1, number: 1, scope: 'all' } : /change$/.test(path) ? { version: 1, number: 1, scope: 'all', time: '10:00' } :
      { version: 1, number: 1, scope: 'all', back_minor: 0 }));

test('C2: off, on, off, on: menu, pages, link and job come and go, series stay, the other site never notices', async () => {
  const unchanged = async () => {
    assert.equal((await zoe.visit(`${base}/${theirs}`)).status, 200);
    assert.equal((await other.visitor().visit(await link(other, theirs))).status, 200);
  };
  const gone = async (id) => {
    for (const route of routes(id ?? theirs)) assert.equal((await ask(mary, route)).status, 404, route.join(' '));
    assert.doesNotMatch((await mary.visit('/manage')).words('nav'), /Recurring/);
    await unchanged();
  };
  await gone();
  await server.feature(site, name, 'on');
  assert.match((await mary.visit('/manage')).words('nav'), /Recurring/);
  assert.match((await mary.visit(`${base}/`)).words('main'), /No recurring bookings yet/);
  const mine = await made(mary);
  const path = await link(site, mine);
  assert.equal((await site.visitor().visit(path)).status, 200);
  const before = await bookings(server, site);
  assert.equal(before.length, 3);
  // With a date that still waits it closes first: that one is honoured, nothing new begins.
  const late = await draftOf(mary, { first: '2027-05-03', count: 1 });
  await bookAll(mary, late.json.id, { 1: 3 });
  const drafted = (await draftOf(mary, { first: '2027-03-08', name: 'Too late' })).json.id;
  await server.vitrine('feature', site.slug, name, 'off');
  await eventually(async () => (await mary.get(`${base}/new`)).status, 404);
  assert.equal((await bookAll(mary, drafted)).status, 409);
  await server.time('set 2027-03-04T09:00:00Z');
  await server.jobs();
  await server.time('set 2027-03-04T12:00:00Z');
  await server.jobs();
  assert.equal((await bookings(server, site)).length, 4);
  before.push((await bookings(server, site)).at(-1));
  await server.feature(site, name, 'off');
  await server.jobs();
  await gone(mine);
  assert.equal((await site.visitor().get(path)).status, 404);
  assert.deepEqual(await bookings(server, site), before);

  await server.feature(site, name, 'on');
  await server.jobs();
  assert.equal((await seriesOf(mary, late.json.id)).booked, 1);
  assert.match((await mary.visit(`${base}/`)).words('main'), /3 booked/);
  assert.equal((await seriesOf(mary, mine)).booked, 3);
  assert.equal((await site.visitor().visit(path)).status, 200);
  await unchanged();
});

test('C2: every route from the other site, with its ids: not found, and nothing changes', async () => {
  const before = await bookings(server, other);
  for (const route of routes(theirs).filter(([, path]) => path.includes(theirs))) {
    assert.equal((await ask(mary, route)).status, 404, route.join(' '));
    assert.ok([302, 303, 401, 403].includes((await ask(other.visitor(), route)).status), route.join(' '));
  }
  const path = await link(other, theirs);
  assert.equal((await site.visitor().get(path)).status, 404);
  assert.equal((await other.visitor().get(path.replace(/t=.*/, 't=aaaa'))).status, 404);
  const { offer } = (await zoe.getJson(`${base}/new`)).json;
  const refused = await draftOf(mary, { offer });
  assert.equal(refused.status, 422);
  assert.ok(refused.json.errors.some((e) => e.field === 'offer'));
  for (const wrong of ['1', 'x', '99999999999999999999']) assert.equal((await mary.get(`${base}/${wrong}`)).status, 404, wrong);
  assert.deepEqual(await bookings(server, other), before);
});
