// A stranger's first submit without scripts: the page is the same for everybody and carries no key,
// the session doesn't exist yet. However often it is sent, the places are held once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ offers: [tour(), court()] });
const [slot, other] = await slotsOf(server, site, 'tour');
const [game] = await slotsOf(server, site, 'court');
const taken = async ({ id }) => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [id]))[0].taken;
const cookie = '__Host-vt-visit';

async function formOf(visitor, offer, { id }, values) {
  return (await visitor.visit(`/offers/${offer}?slot=${id}`)).form('Book for', values);
}

test('ux 8, double click: both submits are one basket', async () => {
  const ann = site.visitor();
  const form = await formOf(ann, 'tour', slot, { Adult: 2 });
  assert.equal(ann.cookies().has('__Host-vt'), false);
  const pages = await Promise.all([form.submit(), form.submit(), form.submit()]);
  assert.deepEqual(pages.map((page) => page.status), [303, 303, 303]);
  assert.equal(await taken(slot), 2);
  assert.equal(new Set(pages.map((page) => page.headers['set-cookie'].join().match(/__Host-vt=([^;]+)/)[1])).size, 1);
  assert.equal((await ann.visit('/basket')).words('.basket-link__count'), '2');
  await checkInvariants(server);
});

test('ux 8, the browser dropped the first answer: the second one still gets the last court', async () => {
  const ann = site.visitor();
  const form = await formOf(ann, 'court', game, { Court: 1 });
  const visit = ann.cookies().get(cookie);
  assert.equal((await form.submit()).status, 303);
  ann.forget();
  ann.cookies().set(cookie, visit);
  assert.equal((await form.submit({ follow: true })).words('.basket-link__count'), '1');
  assert.equal(await taken(game), 1);
  await checkInvariants(server);
});

test('two people behind one address are two, whatever they send', async () => {
  const people = [site.visitor(), site.visitor()];
  const forms = await Promise.all(people.map((person) => formOf(person, 'tour', other, { Adult: 1 })));
  await Promise.all(forms.map((form) => form.submit()));
  assert.equal(await taken(other), 2);
  const [ann, bob] = people.map((person) => person.cookies().get('__Host-vt').value);
  assert.notEqual(ann, bob);
});

test('the page stays everybody’s, the cookie is one reader’s and no proxy keeps it', async () => {
  const path = `/offers/tour?slot=${slot.id}`;
  const [ann, bob] = [site.visitor(), site.visitor()];
  const [first, second] = [await ann.get(path), await bob.get(path)];
  assert.equal(second.text, first.text);
  assert.doesNotMatch(first.text, new RegExp(ann.cookies().get(cookie).value));
  assert.notEqual(ann.cookies().get(cookie).value, bob.cookies().get(cookie).value);
  for (const page of [first, second]) assert.equal(page.headers['cache-control'], 'private, no-cache');
  assert.equal((await ann.get(path)).headers['set-cookie'], undefined, 'a visit has one');
  const again = await bob.get(path, { headers: { cookie: null, 'if-none-match': first.headers.etag } });
  assert.equal(again.status, 304);
  // Nobody is counted before there is a form to send.
  for (const page of ['/', '/offers', '/offers/tour', '/basket']) {
    assert.equal((await site.visitor().get(page)).headers['set-cookie'], undefined, page);
  }
});

test('a visit’s token of another site means nothing here', async () => {
  const neighbour = await server.createSite();
  const [theirs] = await slotsOf(server, neighbour, 'tour');
  const ann = site.visitor();
  await formOf(ann, 'tour', slot, {});
  const stranger = neighbour.visitor();
  stranger.cookies().set(cookie, ann.cookies().get(cookie));
  assert.equal((await (await formOf(stranger, 'tour', theirs, { Adult: 1 })).submit()).status, 303);
  assert.match((await ann.visit('/basket')).words('main'), /empty|nothing/i);
});
