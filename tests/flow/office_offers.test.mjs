// Offers in the back office: created, edited, translated, seen before publishing, archived and
// restored; P5: every action is audited with who, what,
// before, after; P2's second: the storefront follows within a second.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer } from '../lib/index.mjs';
import { eventually } from '../lib/feature.mjs';
import { offerId, staff } from '../lib/office.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ languages: ['en', 'fr', 'es'] });
const other = await server.createSite();
const mary = await staff(site);
const tour = await offerId(server, site, 'tour');
const public_ = async (path, of = site) => {
  const visitor = of.visitor();
  const page = await visitor.get(path);
  visitor.close();
  return page;
};
const audited = (id) => server.sql(
  'SELECT actor_name, action, before, after FROM audit WHERE object_kind = $1 AND object_id = $2 ORDER BY audit_id', ['offer', id]);

test('the list searches, filters by state and category, pages and answers as JSON', async () => {
  const page = await mary.visit('/manage/offers');
  assert.equal(page.status, 200);
  assert.match(page.words('tbody'), /Tour.*Event Visits €6\.00.*On sale/);
  assert.match((await mary.visit('/manage/offers?q=COUR')).words('tbody'), /Court/);
  assert.doesNotMatch((await mary.visit('/manage/offers?q=cour')).words('tbody'), /Tour/);
  assert.match((await mary.visit('/manage/offers?q=nothing')).words('#list'), /Nothing fits/);
  assert.match((await mary.visit('/manage/offers?state=archived')).words('#list'), /Nothing fits/);
  const { json } = await mary.getJson('/manage/offers?category=visits');
  assert.deepEqual(json.items.map(({ slug }) => slug), ['tour', 'court']);
  assert.equal(json.next, null);
  assert.equal((await mary.getJson('/manage/offers?after=nonsense')).status, 422, 'a program is told');
  assert.equal((await mary.get('/manage/offers?after=nonsense')).status, 200);
});

test('keyset paging goes through many offers once each', async () => {
  const big = await server.createSite();
  await server.sql(
    `INSERT INTO offer (tenant_id, slug, kind, state, title, tax_id, duration_min, capacity, position)
     SELECT o.tenant_id, 'many-' || n, 'event', 'draft', '{"en":"Many"}', o.tax_id, 60, 5, n % 7
       FROM offer o JOIN site s USING (tenant_id), generate_series(1, 120) n
      WHERE s.slug = $1 AND o.slug = 'tour'`, [big.slug]);
  const max = await staff(big);
  const seen = [];
  for (let after = ''; after !== null;) {
    const { json } = await max.getJson(`/manage/offers?q=many&after=${encodeURIComponent(after)}`);
    assert.ok(json.items.length <= 50);
    seen.push(...json.items.map(({ slug }) => slug));
    after = json.next;
  }
  assert.equal(seen.length, 120);
  assert.equal(new Set(seen).size, 120);
  const second = await (await max.visit('/manage/offers?q=many')).click('Next');
  assert.equal(second.all('tbody tr').length, 50);
  assert.match(second.url.search, /q=many/);
});

test('a new offer is a draft, gets words, a price, a preview, and is published', async () => {
  const form = await mary.visit('/manage/offers/new');
  const made = await form.submit('Create draft', {
    title_en: 'Night walk', category: 'visits', duration_min: '90', capacity: '12', rate_name: 'Adult', price: '14.50',
  });
  assert.match(made.words('.notice'), /“Night walk” is there as a draft/);
  const id = made.url.pathname.split('/').pop();
  assert.equal((await public_('/offers/night-walk')).status, 404);

  const saved = await made.submit('Save', {
    title_fr: 'Marche de nuit', line_en: 'With lanterns', description_en: 'Bring **shoes**.', opens_days_before: '30',
  });
  assert.match(saved.words('.notice'), /Saved/);
  await server.sql('UPDATE rate SET archived = true WHERE offer_id = $1', [id]);
  const bare = await mary.visit(`/manage/offers/${id}/preview`);
  assert.match(bare.words('main'), /It has no price yet/);
  assert.doesNotMatch(bare.words('main'), /Prices/, 'no heading above nothing');
  assert.deepEqual((await mary.getJson(`/manage/offers/${id}/preview`)).json.offer.rates, []);
  await server.sql('UPDATE rate SET archived = false WHERE offer_id = $1', [id]);
  const preview = await (await mary.visit(`/manage/offers/${id}`)).click('Preview');
  assert.doesNotMatch(preview.words('main'), /no price/);
  assert.match(preview.words('main'), /This is a preview.*Night walk.*With lanterns.*Bring shoes.*Adult.*€14\.50/);
  assert.equal((await public_('/offers/night-walk')).status, 404);

  const published = await (await mary.visit(`/manage/offers/${id}`)).submit('Publish');
  assert.match(published.words('.notice'), /“Night walk” is on sale/);
  await eventually(async () => (await public_('/offers/night-walk')).status, 200, 1000);
  assert.match((await public_('/fr/offers/night-walk')).words('h1'), /Marche de nuit/);
  assert.equal((await public_('/offers/night-walk', other)).status, 404);

  const undone = await published.submit('Undo');
  assert.match(undone.words('.notice'), /a draft again/);
  await eventually(async () => (await public_('/offers/night-walk')).status, 404, 1000);
  assert.deepEqual((await audited(id)).map(({ action }) => action),
    ['offer.create', 'offer.change', 'offer.publish', 'offer.unpublish']);
});

test('what is typed is shown before it is saved', async () => {
  const page = await mary.visit(`/manage/offers/${tour}`);
  const preview = await page.form('Preview', { title_en: 'Another name' }).submit({ follow: true });
  assert.match(preview.words('h1'), /Another name/);
  assert.match((await public_('/offers/tour')).words('h1'), /^Tour$/);
});

test('P5: a change is audited with who, what, before and after, and the page shows it', async () => {
  const page = await mary.visit(`/manage/offers/${tour}`);
  await page.submit('Save', { capacity: '12', closes_min_before: '30' });
  const [row] = (await audited(tour)).slice(-1);
  assert.equal(row.actor_name, 'Mary Manager');
  assert.equal(row.action, 'offer.change');
  assert.deepEqual(row.before, { capacity: 10, closes_min_before: 0 });
  assert.deepEqual(row.after, { capacity: 12, closes_min_before: 30 });
  const history = (await mary.visit(`/manage/offers/${tour}`)).words('#history');
  assert.match(history, /Mary Manager changed the offer.*CET.*Places10 12.*Closes before \(minutes\)0 30/);
  assert.match(history, /Times: Central European/);
});

test('new places hold for times to come that followed the offer', async () => {
  const sizes = () => server.sql(
    `SELECT DISTINCT s.capacity FROM slot s WHERE s.offer_id = $1 AND s.starts_at > now()`, [tour]);
  assert.deepEqual(await sizes(), [{ capacity: 12 }]);
});

test('an address is taken once; another language may stay empty; the first may not', async () => {
  const page = await mary.visit(`/manage/offers/${tour}`);
  const taken = await page.submit('Save', { slug: 'Court!' });
  assert.equal(taken.status, 422);
  assert.match(taken.errors.slug, /Another offer has this address/);
  const empty = await (await mary.visit(`/manage/offers/${tour}`)).submit('Save', { title_en: '', title_fr: '' });
  assert.equal(empty.status, 422);
  assert.ok(empty.errors.title_en);
  assert.equal(empty.errors.title_fr, undefined);
  const numbers = await (await mary.visit(`/manage/offers/${tour}`)).submit('Save', { capacity: '0', max_per_order: '1', min_per_order: '3', duration_min: 'abc' });
  assert.equal(numbers.status, 422);
  assert.deepEqual(Object.keys(numbers.errors).sort(), ['capacity', 'duration_min', 'max_per_order']);
  assert.equal(numbers.document.querySelector('#capacity').getAttribute('value'), '0');
});

test('two people edit one offer: the later sees both versions, nothing is lost', async () => {
  const [hers, his] = [await mary.visit(`/manage/offers/${tour}`), await mary.visit(`/manage/offers/${tour}`)];
  await hers.submit('Save', { title_en: 'Grand tour' });
  const late = await his.submit('Save', { title_en: 'Small tour', line_en: 'Only the best rooms' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Mary Manager saved this while you were editing.*Title, EnglishGrand tourSmall tour.*One line, English.*Only the best rooms/);
  assert.equal(late.document.querySelector('#title_en').getAttribute('value'), 'Small tour');
  const [{ title }] = await server.sql('SELECT title FROM offer WHERE offer_id = $1', [tour]);
  assert.equal(title.en, 'Grand tour');
  const decided = await late.submit('Save');
  assert.match(decided.words('.notice'), /Saved/);
  const stale = await mary.postJson(`/manage/offers/${tour}`, { version: 1, kind: 'event', tax: 'standard', duration_min: 60, capacity: 3, min_per_order: 1, max_per_order: 2, opens_days_before: 5 });
  assert.equal(stale.status, 409);
  assert.equal(stale.json.code, 'edited_meanwhile');
  assert.equal(stale.json.current.title.en, 'Small tour');
});

test('archive with undo, restore; the storefront follows', async () => {
  const court = await offerId(server, site, 'court');
  const page = await (await mary.visit(`/manage/offers/${court}`)).submit('Archive');
  assert.match(page.words('.notice'), /is archived/);
  await eventually(async () => (await public_('/offers/court')).status, 404, 1000);
  assert.match((await mary.visit('/manage/offers?state=archived')).words('tbody'), /Court/);
  await page.submit('Restore as draft');
  const again = await (await mary.visit(`/manage/offers/${court}`)).submit('Publish');
  assert.match(again.words('.notice'), /on sale/);
  await eventually(async () => (await public_('/offers/court')).status, 200, 1000);
});

test('deletion is refused by what uses it, and asks for the address otherwise', async () => {
  const [slot] = (await slotsOf(server, site, 'tour')).slice(-1);
  assert.equal((await new Buyer(site).book('tour', slot, { adult: 1 })).status, 201);
  const refused = await mary.visit(`/manage/offers/${tour}/delete`);
  assert.equal(refused.status, 409);
  assert.match(refused.words('main'), /can’t be deleted.*1order line refers to it Archive it instead/);
  assert.equal((await mary.postJson(`/manage/offers/${tour}/delete`, { typed: 'tour' })).status, 409);

  const made = await mary.postJson('/manage/offers', { kind: 'event', tax: 'standard', title: { en: 'Mistake' }, duration_min: 60, capacity: 5 });
  assert.equal(made.status, 201);
  const ask = await (await mary.visit(`/manage/offers/${made.json.id}`)).click('Delete for good');
  const wrong = await ask.submit('Delete for good', { typed: 'mistak' });
  assert.equal(wrong.status, 422);
  const gone = await wrong.submit('Delete for good', { typed: 'mistake' });
  assert.match(gone.words('.notice'), /deleted/);
  assert.equal((await mary.get(`/manage/offers/${made.json.id}`)).status, 404);
});

test('without a price nothing is published', async () => {
  const made = await mary.postJson('/manage/offers', { kind: 'class', tax: 'standard', title: { en: 'Bare' }, duration_min: 60, capacity: 5 });
  const page = await mary.visit(`/manage/offers/${made.json.id}`);
  assert.match(page.words('main'), /needs a price before it can be published/);
  const answer = await mary.postJson(`/manage/offers/${made.json.id}/publish`, {});
  assert.equal(answer.status, 409);
  assert.equal(answer.json.code, 'offer_incomplete');
});

test('one party at a time needs something to take; resources of the site only', async () => {
  const page = await mary.visit(`/manage/offers/${tour}`);
  const alone = await page.submit('Save', { exclusive: true });
  assert.equal(alone.status, 422);
  assert.match(alone.errors.exclusive, /at least one court/);
  const forged = await mary.postJson(`/manage/offers/${tour}`, {
    kind: 'event', tax: 'standard', duration_min: 60, capacity: 3, min_per_order: 1, max_per_order: 2, opens_days_before: 5,
    resource: [{ key: 'no-such-court', count: 1 }],
  });
  assert.equal(forged.status, 422);
  const saved = await page.submit('Save', { 'resource_court-1': true });
  assert.match(saved.words('.notice'), /Saved/);
});

test('another site: no offer of it is found, shown or changed', async () => {
  const theirs = await offerId(server, other, 'tour');
  for (const path of ['', '/rates', '/picture', '/preview', '/delete']) {
    assert.equal((await mary.get(`/manage/offers/${theirs}${path}`)).status, 404, path);
  }
  for (const path of ['', '/publish', '/archive', '/delete', '/rates/new', '/picture/remove']) {
    const { status } = await mary.postJson(`/manage/offers/${theirs}${path}`, {});
    assert.ok([404, 422].includes(status), `${path}: ${status}`);
  }
  const { json } = await mary.getJson('/manage/offers');
  assert.ok(!json.items.some(({ id }) => id === theirs));
  assert.equal((await public_('/offers/tour', other)).status, 200);
});
