import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const long = { slug: 'long', duration_min: 90, schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00', every_min: 30 }] };
const site = await server.createSite({ offers: [tour({ capacity: 1 }), court(), court(long)] });
const slots = await slotsOf(server, site, 'tour');

const count = (pages, status) => pages.filter((page) => page.status === status).length;

async function race(buyers, slot) {
  return Promise.all(Array.from({ length: buyers }, () => new Buyer(site).book('tour', slot, { adult: 1 })));
}

test('the last place goes to exactly one of 64 buyers', async () => {
  const pages = await race(64, slots[0]);
  assert.equal(count(pages, 201), 1);
  assert.equal(count(pages, 409), 63, pages.map((p) => p.status).join(' '));
  await checkInvariants(server);
});

test('an expired hold on the last place is taken over by exactly one of 32', async () => {
  await new Buyer(site).book('tour', slots[1], { adult: 1 });
  await server.time('+660');
  const pages = await race(32, slots[1]);
  await server.time('real');
  assert.equal(count(pages, 201), 1);
  assert.equal(count(pages, 409), 31, pages.map((p) => p.status).join(' '));
  await checkInvariants(server);
});

test('the owner who renews and 16 who want the place: one has it', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slots[2], { adult: 1 });
  await server.time('+660');
  const [renewed, pages] = await Promise.all([ann.renew(), race(16, slots[2])]);
  await server.time('real');
  assert.equal(count([renewed], 200) + count(pages, 201), 1, [renewed, ...pages].map((p) => p.status).join(' '));
  await checkInvariants(server);
});

test('one court, offers of 60 and 90 minutes, 40 buyers at once: no two uses overlap', async () => {
  const hours = (await slotsOf(server, site, 'court')).slice(0, 6);
  const longs = (await slotsOf(server, site, 'long')).slice(0, 12);
  const wishes = Array.from({ length: 40 }, (_, i) => (i % 2 ? ['court', hours[i % 6]] : ['long', longs[i % 12]]));
  const pages = await Promise.all(wishes.map(([offer, slot]) => new Buyer(site).book(offer, slot, { court: 1 })));
  assert.deepEqual([...new Set(pages.map((p) => p.status))].sort(), [201, 409], pages.map((p) => p.text).join('\n'));
  await checkInvariants(server);
});

test('with the guard off the race shows: the same buyers hold more than there is', async () => {
  await server.sql(`CREATE OR REPLACE FUNCTION vt_require(ok boolean, code text) RETURNS boolean
                    LANGUAGE sql AS 'SELECT true'`);
  const pages = await race(64, slots[3]);
  assert.ok(count(pages, 201) > 1, 'nobody was refused');
  await assert.rejects(checkInvariants(server), /a slot counts the places/);
});
