// Histories are read by people: fields and values in words of the reader's language, in the order of
// the form, of nested fields those that differ, nothing that was never filled in.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({ currency: 'EUR', offers: [tour(), court()], features: { coupons: {}, 'pay-at-venue': {} } });
const mary = site.visitor();
await mary.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
await server.sql("UPDATE staff SET role = 'owner' WHERE name = 'Mary Manager'");
const { visitor: olga } = await consoleVisitor(server);

// [["Places", "10", "12"], …] of the newest entry.
const newest = async (path, visitor = mary) => {
  const { json } = await visitor.getJson(path);
  return json.history.entries[0].changes.map(({ field, before, after }) => [field, before, after]);
};
const post = async (path, json, visitor = mary) => {
  const answer = await visitor.postJson(path, json);
  assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text}`);
  return answer.json;
};

test('the look: what differs inside it, in words', async () => {
  const page = await mary.visit('/manage/branding');
  await page.submit('Save', { fonts: 'grotesk', corners: 'sharp', header: 'dark', tagline_en: 'Come and see' });
  await (await mary.visit('/manage/branding')).submit('Save', { corners: 'soft', tagline_fr: 'Venez voir' });
  assert.deepEqual(await newest('/fr/manage/branding'), [
    ['Angles', 'Vifs', 'Arrondis'], ['Slogan, français', 'Come in (fr)', 'Venez voir']]);
  const { json } = await mary.getJson('/es/manage/branding');
  assert.deepEqual(json.history.entries[0].changes[0], { field: 'Esquinas', before: 'Rectas', after: 'Suaves' });
});

test('a new offer: what was filled in, as the form asks it', async () => {
  const made = await (await mary.visit('/manage/offers/new')).submit('Create draft', {
    title_en: 'Night walk', category: 'visits', duration_min: '90', capacity: '12', rate_name: 'Adult', price: '14.50' });
  const { json } = await mary.getJson(`/fr${made.url.pathname}`);
  const [rate, offer] = json.history.entries;
  assert.deepEqual(rate.changes.map(({ field, after }) => `${field}: ${after}`).slice(0, 1), ['Nom: English : Adult']);
  assert.ok(rate.changes.some(({ field, after }) => field === 'Prix' && /14,50\s€/.test(after)));
  assert.deepEqual(offer.changes.map(({ field }) => field), [
    'Titre', 'Type', 'Catégorie', 'Taxe', 'Adresse', 'Durée (minutes)', 'Places', 'Minimum par commande',
    'Maximum par commande', 'En vente avant (jours)']);
  assert.deepEqual(offer.changes.slice(0, 4).map(({ after }) => after.replace(/\s/g, ' ')), [
    'English : Night walk', 'Événement', 'Visits (fr)', 'VAT (fr), 20 % incluse']);
});

test('a feature: its settings by their titles, amounts in the currency', async () => {
  await (await mary.visit('/manage/features/pay-at-venue')).submit('Save', { setting_most: '250' });
  const changes = await newest('/fr/manage/features/pay-at-venue');
  assert.equal(changes.length, 1);
  assert.match(changes[0].join('|'), /^Montant maximal\|0,00\s€\|250,00\s€$/);
  await post('/manage/features/coupons/off', {});
  assert.deepEqual(await newest('/fr/manage/features/coupons'), [['État', 'Activé', 'Désactivé']]);
});

test('channels, tokens, webhooks, closures: choices as their forms call them', async () => {
  const { items } = (await mary.getJson('/manage/channels')).json;
  const channel = `/manage/channels/${items.find(({ kind }) => kind === 'web').channel_id}`;
  const [profile] = (await mary.getJson(channel)).json.profiles;
  await (await mary.visit(`${channel}/profiles/${profile.profile_id}`)).submit('Save', { every_offer: false, Tour: true, mode: 'reservation' });
  const sold = await newest(`/fr${channel}`);
  assert.deepEqual(sold.map(([field]) => field), ['Ce qu’il permet', 'Toutes les offres', 'Offres']);
  assert.equal(sold[0][2], 'Réserver');
  assert.equal(sold[2][2], 'Tour (fr)');
  await post('/manage/hours/closures/new', { do: 'save', kind: 'holiday', from_date: '2027-01-01', to_date: '2027-01-01', agreed: true });
  const [{ object_id }] = await server.sql("SELECT object_id FROM audit WHERE action = 'closure.add'");
  const closed = await newest(`/fr/manage/hours/closures/${object_id}`);
  assert.deepEqual(closed.map(([field]) => field), ['Type', 'Du', 'Jusqu’à']);
  assert.equal(closed[0][2], 'Jour férié');
});

test('in the console: plans by title, paths of a set-up by name', async () => {
  const { id } = await post('/console/changes', { path: 'branding/corners', value: 'sharp', site: site.slug }, olga);
  await post(`/console/changes/${id}/apply`, {}, olga);
  await server.jobs();
  for (let i = 0; i < 50; i++) if ((await newest(`/console/sites/${site.slug}`, olga))[0]?.[0] === 'Corners') break;
  const changes = await newest(`/fr/console/sites/${site.slug}`, olga);
  assert.deepEqual(changes, [['Angles', 'Arrondis', 'Vifs']]);
});
