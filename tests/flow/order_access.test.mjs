import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const free = { rates: [{ code: 'guest', name: { en: 'Guest', fr: 'Invité', es: 'Invitado' }, price: 0 }] };
const [one, two] = [await server.createSite({ offers: [tour(free)] }), await server.createSite({ offers: [tour(free)] })];
const [slot] = await slotsOf(server, one, 'tour');
const [other] = await slotsOf(server, two, 'tour');

const ann = new Buyer(one);
await ann.book('tour', slot, { guest: 2 });
const address = await ann.buy();
const [, code, token] = address.match(/^\/orders\/(\w+)\?t=([\w-]+)$/);
const parts = ['', '/tickets.pdf', '/calendar.ics'];

test('"opens the order from the mail’s link later": with the token from anywhere', async () => {
  const stranger = one.visitor();
  for (const part of parts) assert.equal((await stranger.get(`/orders/${code}${part}?t=${token}`)).status, 200, part);
  const order = await stranger.getJson(address);
  assert.equal(order.json.order.code, code);
  for (const { qr_url } of order.json.tickets) {
    assert.equal((await stranger.get(qr_url)).headers['content-type'], 'image/svg+xml');
  }
});

test('the pages of an order keep their address to themselves', async () => {
  const page = await one.visitor().get(address);
  assert.equal(page.headers['referrer-policy'], 'no-referrer');
  assert.equal(page.headers['cache-control'], 'no-store');
});

test('a code in lower case, with spaces or a typist’s letters is the same code', async () => {
  assert.equal((await one.visitor().get(`/orders/${code.toLowerCase()}?t=${token}`)).status, 200);
});

test('"codes identify and never authorise", "tampered token": 404 without saying whether it exists', async () => {
  const stranger = one.visitor();
  const flipped = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
  const wrong = ['', 't=', `t=${flipped}`, `t=${token}A`, `t=${token.slice(1)}`, 't=%00', `t=${'x'.repeat(5000)}`, `t=${token}&t=${flipped}`.split('&').reverse().join('&')];
  const missing = await stranger.getJson('/orders/ZZZZZZZZ');
  for (const part of parts) {
    for (const query of wrong) {
      const page = await stranger.getJson(`/orders/${code}${part}?${query}`);
      assert.ok([404, 422, 400].includes(page.status), `${part} ${query}: ${page.status}`);
    }
    const page = await stranger.getJson(`/orders/${code}${part}`);
    assert.equal(page.status, 404);
    const same = ({ request_id, ...rest }) => rest;
    assert.deepEqual(same(page.json), same(missing.json));
  }
});

test('"other site’s ids": an order, a slot, a line and a session of another site are not there', async () => {
  assert.equal((await two.visitor().get(address)).status, 404);
  const bob = new Buyer(two);
  assert.equal((await bob.book('tour', slot, { guest: 1 })).status, 422, 'a slot of site one');
  assert.equal((await bob.book('tour', other, { guest: 1 })).status, 201);
  const [line] = (await bob.basket()).order.lines;

  const cem = new Buyer(one);
  await cem.book('tour', slot, { guest: 1 });
  assert.equal((await cem.change(line, 2)).status, 404, 'a line of site two');

  const cookie = [...bob.visitor.cookies().values()][0].value;
  const page = await one.visitor().getJson('/basket', { headers: { cookie: `__Host-vt=${cookie}` } });
  assert.equal(page.json.order, null);
  await checkInvariants(server);
});

test('another session’s line can’t be changed or removed', async () => {
  const [bob, cem] = [new Buyer(one), new Buyer(one)];
  await bob.book('tour', slot, { guest: 1 });
  await cem.book('tour', slot, { guest: 1 });
  const [line] = (await bob.basket()).order.lines;
  assert.equal((await cem.change(line, 0)).status, 404);
  assert.equal((await cem.visitor.postJson(`/basket/lines/${line.id}/remove`, {})).status, 404);
  for (const id of ['0', '-1', 'abc', '9223372036854775808', '%00', "1'--"]) {
    assert.equal((await cem.visitor.postJson(`/basket/lines/${encodeURIComponent(id)}`, { quantity: 1 })).status, 404, id);
  }
  assert.equal((await bob.basket()).order.lines[0].quantity, 1);
});

test('slots that aren’t, and a slot of another offer', async () => {
  for (const id of ['0', '-5', '9223372036854775807', '99999999999999999999', 'x', '1.5', "1' OR '1'='1"]) {
    const page = await new Buyer(one).book('tour', id, { guest: 1 });
    assert.equal(page.status, 422, `${id}: ${page.text}`);
  }
  assert.equal((await new Buyer(one).book('no-such-offer', slot, { guest: 1 })).status, 404);
  await checkInvariants(server);
});
