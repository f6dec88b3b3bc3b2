// P5, P9: the site's own facts in the office: name, languages with a main one whose words must exist,
// currency until something is sold, time zone with what it does to the schedule before it holds;
// two people at one, history, permission, another site.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({
  languages: ['en', 'fr'], offers: [tour(), tour({ slug: 'plain', title: { en: 'Plain' }, schedule: [] })] });
const other = await server.createSite();
const mary = await staff(site);
const facts = async () => (await mary.getJson('/manage/site')).json;
const edit = 'form[action$="/manage/site"]';
const status = async (path) => (await site.visitor().get(path)).status;

test('P5: the name and the languages; a language that goes leaves its texts and its links', async () => {
  const page = await mary.visit('/manage/site');
  const wrong = await page.submit(edit, { name: '', currency: 'XXQ' });
  assert.equal(wrong.status, 422);
  assert.deepEqual(Object.keys(wrong.errors).sort(), ['currency', 'name']);
  const saved = await wrong.submit(edit, { name: 'Maison Neuve', currency: 'EUR', language_fr: false, language_es: true });
  assert.match(saved.words('.notice'), /Saved/);
  assert.match(saved.words('#history'), /Mary Manager changed the site’s facts.*Maison Neuve.*English, French.*English, Spanish/s);
  await eventually(async () => (await site.visitor().visit('/')).text.includes('Maison Neuve'), true);
  assert.equal((await site.visitor().visit('/es/offers/tour')).words('h1'), 'Tour (es)');
  assert.equal((await site.visitor().visit('/fr/offers/tour')).words('h1'), 'Tour');
  assert.equal(await status('/de/offers/tour'), 404);
  await (await mary.visit('/manage/site')).submit(edit, { language_fr: true });
  await eventually(async () => (await site.visitor().visit('/fr/offers/tour')).words('h1'), 'Tour (fr)');
});

test('P5: a main language has words for all that is sold, or is refused by what lacks them', async () => {
  const page = await mary.visit('/manage/site');
  const refused = await page.submit(edit, { main_language: 'fr' });
  assert.equal(refused.status, 422);
  assert.match(refused.errors.main_language, /no words in français yet: Plain\./);
  await server.sql(`UPDATE offer SET title = title || '{"fr": "Simple"}' WHERE title ->> 'en' = 'Plain'`);
  const saved = await refused.submit(edit);
  assert.equal(saved.status, 200);
  assert.deepEqual((await facts()).facts.languages, ['fr', 'en', 'es']);
  await eventually(async () => (await site.visitor().visit('/offers/tour')).words('h1'), 'Tour (fr)');
  assert.equal((await site.visitor().visit('/en/offers/tour')).words('h1'), 'Tour');
  assert.equal((await (await mary.visit('/en/manage/site')).submit(edit, { main_language: 'en' })).status, 200);
});

test('P5: the currency changes until something is in a basket, then the page says why not', async () => {
  const first = await mary.visit('/manage/site');
  assert.equal((await first.submit(edit, { currency: 'CHF' })).status, 200);
  assert.equal((await facts()).facts.currency, 'CHF');
  await (await mary.visit('/manage/site')).submit(edit, { currency: 'EUR' });
  const open = await mary.visit('/manage/site');
  const [slot] = await slotsOf(server, site, 'tour');
  assert.equal((await new Buyer(site).book('tour', slot, { adult: 1 })).status, 201);
  const late = await open.submit(edit, { currency: 'CHF' });
  assert.equal(late.status, 422);
  assert.match(late.errors.currency, /something was sold/);
  const page = await mary.visit('/manage/site');
  assert.match(page.words('#currency-hint'), /something was sold/);
  assert.ok(page.document.querySelector('#currency').hasAttribute('disabled'));
});

test('P5: another zone shows what it does first; then what is booked stays at its instant, rules follow the new clock', async () => {
  const hours = async () => {
    const rows = await server.sql(
      `SELECT DISTINCT to_char(s.starts_at AT TIME ZONE 'UTC', 'HH24:MI') AS at, s.taken > 0 AS taken
         FROM slot s JOIN site USING (tenant_id) WHERE site.slug = $1 AND s.starts_at BETWEEN now() + '2 days' AND now() + '20 days'
        ORDER BY 1`, [site.slug]);
    return rows.map(({ at, taken }) => `${at}${taken ? ' taken' : ''}`);
  };
  const [, , , , , booked] = await slotsOf(server, site, 'tour');
  const buyer = new Buyer(site);
  await buyer.book('tour', booked, { adult: 1 });
  await buyer.buy();
  const next = new Date(Date.now() + 12 * 86_400_000).toISOString().slice(0, 10);
  const closure = { do: 'save', kind: 'holiday', from_date: next, to_date: next, reason: { en: 'Feast' }, agreed: true };
  assert.equal((await mary.postJson('/manage/hours/closures/new', closure)).status, 201);
  const before = await hours();
  const look = await (await mary.visit('/manage/site')).submit('See what follows', { time_zone: 'America/New_York' });
  assert.equal(look.status, 200);
  assert.match(look.words('main'), /From Europe\/Paris to America\/New_York/);
  assert.match(look.words('main'), /Booked times stay at their instant/);
  assert.match(look.words('[role=status]'), /\d+ new times.*first .* 1[04]:00.*\d+ times that nobody has booked go.*2 times are booked and stay/);
  assert.deepEqual(await hours(), before, 'a look changes nothing');

  const saved = await look.submit('Change the time zone');
  assert.match(saved.words('.notice'), /Saved/);
  assert.match(saved.words('#history'), /changed the time zone.*Europe\/Paris.*America\/New_York/s);
  assert.equal((await facts()).facts.time_zone, 'America/New_York');
  const [kept] = await server.sql('SELECT starts_at, taken FROM slot WHERE slot_id = $1', [booked.id]);
  assert.equal(new Date(kept.starts_at).toISOString(), new Date(booked.starts ?? booked.starts_at ?? kept.starts_at).toISOString());
  assert.equal(Number(kept.taken), 1);
  assert.deepEqual(await hours(), before.flatMap((at) => (at.endsWith('taken') ? [at] : [])).concat(['15:00', '19:00']).sort());
  const [{ from }] = await server.sql(
    `SELECT to_char(from_at AT TIME ZONE 'America/New_York', 'YYYY-MM-DD HH24:MI') AS from FROM closure JOIN site USING (tenant_id) WHERE slug = $1`,
    [site.slug]);
  assert.equal(from, `${next} 00:00`);
  assert.equal((await mary.postJson('/manage/site/zone', { seen: (await facts()).seen, time_zone: 'Mars/Olympus' })).status, 422);
});

test('P5: two people: the later sees both, of the facts and of the zone', async () => {
  const [hers, his, third] = [await mary.visit('/manage/site'), await mary.visit('/manage/site'), await mary.visit('/manage/site')];
  await hers.submit(edit, { name: 'Maison Une' });
  const late = await his.submit(edit, { name: 'Maison Deux' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Maison Une\s*Maison Deux/);
  assert.equal(late.document.querySelector('#name').getAttribute('value'), 'Maison Deux');
  assert.match((await late.submit(edit)).words('.notice'), /Saved/);
  const zone = await third.submit('See what follows', { time_zone: 'Europe/Madrid' });
  assert.equal(zone.status, 409);
  assert.match(zone.words('.conflict'), /America\/New_York\s*Europe\/Madrid/);
});

test('P5: the box office may not; another site is as it was', async () => {
  const box = await staff(site, await hire(server, site, 'box_office'));
  assert.equal((await box.getJson('/manage/site')).status, 403);
  assert.equal((await box.postJson('/manage/site', { seen: 0, name: 'Mine', main_language: 'en' })).status, 403);
  const { json } = await (await staff(other)).getJson('/manage/site');
  assert.deepEqual([json.facts.time_zone, json.facts.languages, json.seen], ['Europe/Paris', ['en', 'fr', 'es'], 0]);
});
