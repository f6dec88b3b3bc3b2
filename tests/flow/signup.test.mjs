// P1: a venue signs up on the platform's site and its storefront is online within seconds.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
await server.createSite({ slug: 'castle' });

const good = {
  kind: 'spa',
  venue_name: 'Maison Éole',
  slug: 'maison-eole',
  email: 'claire@maison-eole.example',
  password: 'vapeur et galets ronds',
};
const signUp = (visitor, changes) => visitor.post('/signup', { form: { ...good, ...changes } });
const sites = async (slug) => (await server.sql('SELECT count(*) FROM site WHERE slug = $1', [slug]))[0].count;

test('P1: one form, and the storefront is online in the asked language', async () => {
  const claire = server.visitor(null, { language: 'fr-FR' });
  const form = await claire.visit('/fr/signup?kind=spa');
  const started = Date.now();
  const welcome = await form.submit('Ouvrir la vitrine', {
    'Nom du lieu': good.venue_name,
    'Adresse du site': good.slug,
    'Votre adresse e-mail': good.email,
    'Mot de passe': good.password,
  });
  assert.equal(welcome.status, 200);
  assert.equal(welcome.url.pathname, '/fr/welcome');
  assert.ok(Date.now() - started < 5000, 'within seconds');
  assert.match(welcome.words('main'), /Maison Éole/);
  assert.match(welcome.words('main'), /claire@maison-eole\.example/);

  const home = await claire.visit(welcome.document.querySelector('.welcome__address a').href);
  assert.equal(home.status, 200);
  assert.equal(home.document.documentElement.lang, 'fr');
  assert.match(home.words('body'), /Maison Éole/);

  const [site] = await server.sql(
    'SELECT currency, time_zone, languages, practice, state FROM site WHERE slug = $1', [good.slug]);
  assert.equal(site.currency, 'EUR');
  assert.equal(site.time_zone, 'Europe/Paris');
  assert.match(String(site.languages), /^\{?fr,en,es/);
  assert.ok(['t', 'true', true].includes(site.practice));
});

test('P1: the owner logs in at /manage with the password of the sign-up', async () => {
  const owner = server.visitor(good.slug, { language: 'fr' });
  const login = await owner.visit('/manage');
  assert.equal(login.url.pathname, '/manage/login');
  const page = await login.submit('Se connecter', { 'E-mail': good.email, 'Mot de passe': good.password });
  assert.equal(page.url.pathname, '/manage');
  assert.equal(page.status, 200);
});

test('P1: whatever is wrong stands beside its field, and nothing typed is lost', async () => {
  const visitor = server.visitor();
  const page = await signUp(visitor, { kind: '', venue_name: 'x', slug: '-No-', email: 'nobody', password: 'short' });
  assert.equal(page.status, 422);
  assert.deepEqual(Object.keys(page.errors).sort(), ['email', 'password', 'slug', 'venue_name']);
  assert.match(page.words('#kind-error'), /Choose/);
  assert.match(page.text, /value="nobody"/);
  assert.doesNotMatch(page.text, /value="short"/);
  assert.equal(await sites('-no-'), '0');
});

test('P1: taken, reserved and look-alike addresses are refused with one that is free', async () => {
  const visitor = server.visitor();
  const cases = [
    ['castle', /taken/],
    ['cast1e', /looks like another/],
    ['admin', /kept for the platform/i],
    ['a', /3 to 40/],
    ['xn--80ak6aa92e', /3 to 40/],
    ["x'; DROP TABLE site;--", /3 to 40/],
  ];
  for (const [slug, words] of cases) {
    const page = await signUp(visitor, { slug });
    assert.equal(page.status, 422, slug);
    assert.match(page.errors.slug, words, slug);
  }
  const suggested = (await signUp(visitor, { slug: 'castle' })).errors.slug.match(/“(.+?)”/)[1];
  assert.equal(suggested, 'maison-eole-spa', 'the venue’s own name, which is taken too, and what it is');
  assert.equal((await signUp(visitor, { slug: suggested })).status, 303);
});

test('P1: a suggested address is one that a venue would put on its door', async () => {
  const visitor = server.visitor();
  const suggested = async (changes, path = '/signup') => {
    const page = await visitor.post(path, { form: { ...good, ...changes } });
    return page.errors.slug.match(/“(.+?)”|« ?(.+?) ?»/)?.slice(1).find(Boolean)?.trim();
  };
  assert.equal(await suggested({ slug: 'castle', venue_name: 'Castle', time_zone: 'UTC' }), 'castle-spa');
  assert.equal(await suggested({ slug: 'castle', venue_name: 'Castle', kind: 'theatre' }, '/fr/signup'), 'theatre-castle');
  assert.equal(await suggested({ slug: 'Castle Spa!', venue_name: 'Castle' }), 'castle-spa');
  assert.equal(await suggested({ slug: 'admin', venue_name: 'Hôtel Gris' }), 'hotel-gris');
  assert.equal(await suggested({ slug: 'cast1e', venue_name: 'Hôtel Gris' }), 'hotel-gris');
  assert.equal(await suggested({ slug: 'cast1e', venue_name: 'Cast1e Spa' }), undefined, 'nothing that looks like another’s');
});

test('a password that is easily guessed is refused', async () => {
  const visitor = server.visitor();
  for (const password of ['1234567890', 'password123', 'aaaaaaaaaa', 'maison-eole-2', 'qwertyuiop']) {
    const page = await signUp(visitor, { slug: 'harbour-house', password });
    assert.equal(page.status, 422, password);
    assert.match(page.errors.password, /guessed/, password);
  }
});

test('a double submit makes one site and both see it', async () => {
  const visitor = server.visitor();
  const both = await Promise.all([1, 2].map(() => signUp(visitor, { slug: 'twice', venue_name: 'Twice' })));
  assert.deepEqual(both.map((page) => page.status), [303, 303]);
  assert.equal(await sites('twice'), '1');
  const other = await signUp(visitor, { slug: 'twice', password: 'quite another password' });
  assert.equal(other.status, 422);
  assert.match(other.errors.slug, /taken/);
});

test('an e-mail may own several sites, and nothing is said about it', async () => {
  const visitor = server.visitor();
  assert.equal((await signUp(visitor, { slug: 'second-house' })).status, 303);
});

test('as JSON it answers 201 with links, and refusals as a problem document', async () => {
  const visitor = server.visitor();
  const made = await visitor.postJson('/signup', { ...good, slug: 'as-json', time_zone: 'Asia/Tokyo' });
  assert.equal(made.status, 201);
  assert.equal(made.json.site.home_url, `http://as-json.vitrine.localhost:${server.port}/`);
  assert.match(made.json.site.manage_url, /\/manage$/);
  const [site] = await server.sql("SELECT currency, time_zone FROM site WHERE slug = 'as-json'");
  assert.deepEqual({ ...site }, { currency: 'JPY', time_zone: 'Asia/Tokyo' });

  const refused = await visitor.postJson('/signup', { ...good, slug: 'castle', name: 'red' });
  assert.equal(refused.status, 422);
  assert.match(refused.headers['content-type'], /problem\+json/);
  const fields = refused.json.errors.map(({ field }) => field).sort();
  assert.deepEqual(fields, ['name']);
});

test('the welcome page opens with its signed link only, and for a day', async () => {
  const visitor = server.visitor();
  const { headers } = await signUp(visitor, { slug: 'signed-house' });
  assert.equal((await visitor.visit(headers.location)).status, 200);
  assert.equal((await visitor.visit('/welcome?site=signed-house')).status, 404);
  assert.equal((await visitor.visit(headers.location.replace('signed-house', 'castle'))).status, 404);
  await server.time('+90000');
  assert.equal((await visitor.visit(headers.location)).status, 404);
  await server.time('real');
});

test('one address can sign up so many sites an hour', async () => {
  const visitor = server.visitor();
  let page;
  for (let i = 0; i < 40 && page?.status !== 429; i++) {
    page = await signUp(visitor, { slug: 'castle-gate', password: 'vapeur et galets ronds', email: `a${i}@b.example` });
  }
  assert.equal(page.status, 429);
  assert.ok(Number(page.headers['retry-after']) > 0);
});

test('a cookie of a storefront means nothing on the platform', async () => {
  const visitor = server.visitor();
  const page = await visitor.get('/', { headers: { cookie: `__Host-vt=${'a'.repeat(22)}` } });
  assert.equal(page.status, 200);
});
