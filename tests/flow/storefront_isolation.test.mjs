// Two sites with the same addresses, slugs and ids in use never see each other's offers, slots,
// categories or colours.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const words = (text) => ({ en: text, fr: text, es: text });
const make = (name, brand) => server.createSite({
  name,
  branding: { brand },
  categories: [{ slug: 'visits', name: words(`${name} visits`) }, { slug: `${name.toLowerCase()}-only`, name: words('Own') }],
  offers: [
    tour({ schedule: [], title: words(`${name} tour`) }),
    tour({ slug: `${name.toLowerCase()}-special`, category: `${name.toLowerCase()}-only`, schedule: [], title: words(`${name} special`) }),
  ],
});
const [quince, walnut] = [await make('Quince', '#0f766e'), await make('Walnut', '#7a1f2b')];
const [slotOfQuince] = await addSlots(server, quince.slug, 'tour', ['2026-11-21T14:00:00+01:00']);
await addSlots(server, walnut.slug, 'tour', ['2026-11-21T15:00:00+01:00']);

test('the same address shows each site its own', async () => {
  for (const [site, own, foreign] of [[quince, 'Quince', 'Walnut'], [walnut, 'Walnut', 'Quince']]) {
    for (const path of ['/', '/offers', '/offers/tour', '/sitemap.xml', '/fr/offers', '/offers?q=tour']) {
      const page = await site.visitor().visit(path);
      assert.equal(page.status, 200);
      assert.match(page.text, new RegExp(own, 'i'), path);
      assert.doesNotMatch(page.text, new RegExp(foreign, 'i'), path);
    }
  }
});

test('what only the other site has is not there', async () => {
  for (const path of ['/offers/quince-special', '/offers?category=quince-only']) {
    assert.equal((await quince.visitor().get(path)).status, 200);
    assert.equal((await walnut.visitor().get(path)).status, 404);
  }
});

test('the other site’s slot is no slot here', async () => {
  const { json } = await walnut.visitor().getJson(`/offers/tour?slot=${slotOfQuince}`);
  assert.equal(json.booking.slot, null);
  assert.equal(json.booking.refused.code, 'gone');
  assert.equal(json.booking.calendar.day.parts[0].slots[0].time_text, '15:00');
});

test('each has its own colours', async () => {
  const [a, b] = [await quince.visitor().get('/site.css'), await walnut.visitor().get('/site.css')];
  assert.match(a.text, /--brand:light-dark\(#0f766e/);
  assert.match(b.text, /--brand:light-dark\(#7a1f2b/);
});
