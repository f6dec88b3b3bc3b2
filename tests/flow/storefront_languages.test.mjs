// The site's languages are prefixes of the address; words, money and dates follow, the venue's own
// texts too. The first language has no prefix.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const texts = { en: 'The tour', fr: 'La visite', es: 'La visita' };
const site = await server.createSite({
  languages: ['fr', 'en', 'es'],
  offers: [tour({ schedule: [], title: texts, line: { fr: 'Une heure' } })],
});
await addSlots(server, site.slug, 'tour', ['2026-11-21T14:00:00+01:00']);
const visit = (path, options) => site.visitor(options).visit(path);

test('every language has its words, its numbers and its dates', async () => {
  const expected = {
    '': ['fr', 'La visite', 'dès 6,00 €', 'demain, 14:00', 'Toute l’offre'],
    '/en': ['en', 'The tour', 'from €6.00', 'tomorrow, 14:00', 'Everything on offer'],
    '/es': ['es', 'La visita', 'desde 6,00 €', 'mañana, 14:00', 'Toda la oferta'],
  };
  for (const [prefix, [lang, title, price, when, heading]] of Object.entries(expected)) {
    const page = await visit(`${prefix}/offers`);
    assert.equal(page.document.documentElement.getAttribute('lang'), lang);
    assert.equal(page.words('.card__title'), title);
    assert.equal(page.words('.card__price'), price);
    assert.equal(page.words('.chip'), when);
    assert.equal(page.words('h1'), heading);
    assert.equal(page.all('.card__title a')[0].getAttribute('href'), `${prefix}/offers/tour`);
  }
});

test('what a venue wrote in its first language only stands in for the others', async () => {
  assert.equal((await visit('/es/offers')).words('.card__line'), 'Une heure');
});

test('each page leads to itself in the other languages, query kept', async () => {
  const page = await visit('/en/offers?when=tomorrow&nobody=declared-this');
  const links = page.all('.menu__list a').map((a) => [a.getAttribute('lang'), a.getAttribute('href')]);
  assert.deepEqual(links, [
    ['fr', '/offers?when=tomorrow'],
    ['en', '/en/offers?when=tomorrow'],
    ['es', '/es/offers?when=tomorrow'],
  ]);
});

test('the front door asks the browser, other addresses never do', async () => {
  const door = await site.visitor({ language: 'es-MX,es;q=0.9' }).get('/');
  assert.deepEqual([door.status, door.headers.location], [302, '/es']);
  assert.equal((await site.visitor({ language: 'fr' }).get('/')).status, 200);
  assert.equal((await site.visitor({ language: 'es' }).get('/offers')).status, 200);
});

test('a language that the site does not speak is no prefix', async () => {
  const page = await visit('/de/offers');
  assert.equal(page.status, 404);
  assert.equal((await visit('/fr/offers')).status, 200, 'the first one’s own prefix works too');
});
