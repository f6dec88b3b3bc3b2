import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const [slot, later] = await slotsOf(server, site, 'tour');

const minutes = (basket) => Math.ceil(basket.hold.seconds_left / 60);

test('"a basket with a hold that counts down (10 minutes since the last change, 30 at most …)"', async () => {
  await server.time('real');
  const ann = new Buyer(site);
  assert.equal((await ann.book('tour', slot, { adult: 2 })).status, 201);
  assert.equal(minutes(await ann.basket()), 10);

  await server.time('+480');
  assert.equal(minutes(await ann.basket()), 2);
  await ann.book('tour', later, { child: 1 });
  assert.equal(minutes(await ann.basket()), 10, 'a change starts the ten minutes again');

  await server.time('+480');
  await ann.change((await ann.basket()).order.lines[0], 3);
  await server.time('+480');
  await ann.change((await ann.basket()).order.lines[0], 4);
  assert.equal(minutes(await ann.basket()), 6, 'thirty in all: twenty-four are gone');
  await checkInvariants(server);
});

test('"… extendable once": ten minutes more than there are, within the thirty', async () => {
  await server.time('real');
  const ann = new Buyer(site);
  await ann.book('tour', slot, { adult: 1 });
  await server.time('+300');
  const extended = await ann.extend();
  assert.equal(extended.status, 200);
  assert.equal(minutes(extended.json), 15);
  assert.equal(extended.json.hold.extend_url, null, 'once');

  assert.equal((await ann.extend()).status, 200, 'a second press does no harm');
  assert.equal(minutes(await ann.basket()), 15);

  await ann.change((await ann.basket()).order.lines[0], 2);
  assert.equal(minutes(await ann.basket()), 15, 'a change never takes time away');
  await checkInvariants(server);
});

test('near the thirty minutes an extension gives what is left of them, then none is offered', async () => {
  await server.time('real');
  const ann = new Buyer(site);
  await ann.book('tour', slot, { adult: 1 });
  for (let quantity = 2; quantity <= 4; quantity++) {
    await server.time('+420');
    await ann.change((await ann.basket()).order.lines[0], quantity);
  }
  assert.equal(minutes(await ann.basket()), 9, 'twenty-one are gone');
  assert.equal((await ann.basket()).hold.extend_url, null, 'there is nothing to add');
});
