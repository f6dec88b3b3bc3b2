// The list shows what is on sale: published offers, narrowed by category, date and words, page by
// page, each with its lowest price and next time.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addSlots, change, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const words = (en, fr = en, es = en) => ({ en, fr, es });
const offer = (slug, changes) => tour({ slug, title: words(slug), schedule: [], ...changes });
const site = await server.createSite({
  categories: [{ slug: 'visits', name: words('Visits') }, { slug: 'music', name: words('Music', 'Musique', 'Música') }],
  offers: [
    offer('morning', { title: words('Café at dawn', 'Café à l’aube', 'Café al alba') }),
    offer('concert', { category: 'music', title: words('Bach & <friends>') }),
    offer('hidden'),
    offer('retired'),
  ],
});
await addSlots(server, site.slug, 'morning', ['2026-11-20T15:00:00+01:00', '2026-11-22T15:00:00+01:00']);
await addSlots(server, site.slug, 'concert', ['2026-11-21T20:00:00+01:00'], { rates: ['adult'] });
await change(server, site.slug,
  `UPDATE offer SET state = CASE offer.slug WHEN 'hidden' THEN 'draft' ELSE 'archived' END
     FROM site s WHERE s.tenant_id = offer.tenant_id AND s.slug = $1 AND offer.slug IN ('hidden', 'retired')`);

const list = async (query = '') => (await site.visitor().getJson(`/offers${query}`)).json;
const slugs = async (query) => (await list(query)).items.map(({ slug }) => slug);

test('drafts and archived offers are nowhere', async () => {
  assert.deepEqual(await slugs(), ['morning', 'concert']);
  assert.deepEqual((await site.visitor().getJson('/')).json.offers.map(({ slug }) => slug), ['morning', 'concert']);
  for (const slug of ['hidden', 'retired', 'never-was']) {
    assert.equal((await site.visitor().get(`/offers/${slug}`)).status, 404);
  }
  assert.doesNotMatch((await site.visitor().get('/sitemap.xml')).text, /hidden|retired/);
});

test('a card tells its lowest price and next time', async () => {
  const { items: [morning, concert] } = await list();
  assert.equal(morning.from.minor, 600);
  assert.equal(morning.soonest.text, 'today, 15:00');
  assert.equal(concert.from.minor, 1200, 'its next times are sold at one rate only');
  assert.equal(concert.soonest.text, 'tomorrow, 20:00');
});

test('category, date and words narrow the list', async () => {
  assert.deepEqual(await slugs('?category=music'), ['concert']);
  assert.deepEqual(await slugs('?when=today'), ['morning']);
  assert.deepEqual(await slugs('?when=tomorrow'), ['concert']);
  assert.deepEqual(await slugs('?when=weekend'), ['morning', 'concert']);
  assert.deepEqual(await slugs('?date=2026-11-22'), ['morning']);
  assert.equal((await list('?date=2026-11-22')).items[0].soonest.date_text, 'Sunday, 22 November 2026');
  assert.deepEqual(await slugs('?q=CAFE'), ['morning'], 'without case and accents');
  assert.deepEqual(await slugs('?q=friends%20bach'), ['concert'], 'in any order');
  assert.deepEqual(await slugs('?q=nothing-like-it'), []);
  assert.deepEqual(await slugs('?q=bach&when=today'), []);
});

test('the page keeps what was chosen', async () => {
  const page = await site.visitor().visit('/offers?category=music&when=weekend');
  assert.equal(page.words('h1'), 'Music');
  assert.deepEqual(page.all('.pill[aria-current]').map((e) => e.textContent), ['Music', 'This weekend']);
  const found = await page.submit('Search', { q: 'bach' });
  assert.equal(found.url.search, '?q=bach&category=music&when=weekend');
  assert.match(found.words('.result'), /1 offer/);
  const empty = await found.submit('Search', { q: 'jazz' });
  assert.match(empty.words('.empty'), /Show everything/);
});

test('titles are text, never markup', async () => {
  const page = await site.visitor().get('/offers');
  assert.match(page.text, /Bach &amp; &lt;friends&gt;/);
});

test('beside an offer stand those of its category first, never itself', async () => {
  const related = async (slug) => (await site.visitor().getJson(`/offers/${slug}`)).json.related.items.map((o) => o.slug);
  await change(server, site.slug,
    `INSERT INTO offer (tenant_id, slug, kind, state, title, tax_id, duration_min, capacity, position, category_id)
     SELECT s.tenant_id, 'late-' || c.slug, 'event', 'published', '{"en": "Late"}',
            (SELECT tax_id FROM tax t WHERE t.tenant_id = s.tenant_id), 60, 10, 50, c.category_id
       FROM site s JOIN category c USING (tenant_id) WHERE s.slug = $1`);
  assert.deepEqual(await related('morning'), ['late-visits', 'concert', 'late-music']);
  assert.deepEqual(await related('concert'), ['late-music', 'morning', 'late-visits']);
  await change(server, site.slug,
    `DELETE FROM offer USING site s WHERE s.tenant_id = offer.tenant_id AND s.slug = $1 AND offer.slug LIKE 'late-%'`);
});

test('a long list goes on where it stopped', async () => {
  await change(server, site.slug,
    `INSERT INTO offer (tenant_id, slug, kind, state, title, tax_id, duration_min, capacity, position)
     SELECT s.tenant_id, 'more-' || n, 'event', 'published', jsonb_build_object('en', 'More ' || n),
            (SELECT tax_id FROM tax t WHERE t.tenant_id = s.tenant_id), 60, 10, 100 + n / 2
       FROM site s, generate_series(1, 50) n WHERE s.slug = $1`);
  const seen = [];
  let page = await list();
  assert.equal(page.total, 52);
  for (;;) {
    seen.push(...page.items.map(({ slug }) => slug));
    if (!page.next) break;
    assert.ok(page.next_url.endsWith(`after=${page.next}`));
    page = await list(`?after=${page.next}`);
  }
  assert.equal(seen.length, 52);
  assert.equal(new Set(seen).size, 52);
});
