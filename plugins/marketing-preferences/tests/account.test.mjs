// Marketing preferences in the account (T8, T9): one tick box each, never ticked beforehand; a log
// of what was said; a button of its own that touches nothing else; switching.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually, startServer, turnFeature } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';

const server = await startServer({ workers: 2 });
const features = { 'guest-login': {}, 'marketing-preferences': {} };
const languages = ['en', 'fr', 'es'];
const site = await server.createSite({ features, languages });
const other = await server.createSite({ features, languages });
for (const where of [site, other]) {
  const channels = await (await staff(where)).visit('/manage/channels');
  await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200);
}
const HERE = '/x/marketing-preferences/';
const OFFICE = '/manage/x/marketing-preferences/';
const mary = await staff(site);
const nora = await staff(other);

async function register(where, email = 'ann@buyer.example') {
  const page = await (await where.visitor().visit('/account/register')).submit('Create an account', {
    'First name': 'Ann', 'Last name': 'Lee', 'E-mail': email, Password: 'analytical engine 1843' });
  assert.equal(page.url.pathname, '/account');
  return page.visitor;
}
async function make(who, title, more = {}) {
  const made = await who.postJson(`${OFFICE}new`, { title_en: title, title_fr: `${title} (fr)`, active: true, ...more });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}
const boxes = (page) => page.all('input[type=checkbox]').map((box) => [box.getAttribute('name').slice(12), box.hasAttribute('checked')]);
const log = () => server.sql(`SELECT preference_id::text AS id, given, text_version AS version, source, language
  FROM plugin_marketing_preferences.consent ORDER BY consent_id`);
const ann = await register(site);
let news, offers;

test('T8: without a preference there is a section that says so; login first', async () => {
  const stranger = await site.visitor().get(HERE);
  assert.equal(stranger.status, 302);
  assert.match(stranger.headers.location, /\/account\/login\?next=/);
  const page = await (await ann.visit('/account')).click('Marketing');
  assert.equal(page.url.pathname, HERE);
  assert.match(page.words('.account__main'), /sends no such mails/);
  assert.equal(page.all('form[action$="marketing-preferences/"]').length, 0);
});

test('T8: one tick box for each that the site set up, in its order, none ticked; each language its words', async () => {
  news = await make(mary, 'News');
  offers = await make(mary, 'Offers', { text_en: 'Twice a year at most.' });
  const draft = await make(mary, 'Not yet', { active: false });
  const page = await ann.visit(HERE);
  assert.deepEqual(boxes(page), [[news, false], [offers, false]]);
  assert.ok(!page.text.includes(draft));
  assert.match(page.words('fieldset'), /News OffersTwice a year at most\./);
  assert.match((await ann.visit(`/fr${HERE}`)).words('fieldset'), /News \(fr\) Offers \(fr\)Twice a year/);
  const { json } = await ann.getJson(HERE);
  assert.deepEqual(json.preferences.map(({ title, given, version }) => [title, given, version]), [['News', false, 1], ['Offers', false, 1]]);
  assert.deepEqual(Object.keys(json).sort(), ['action', 'has_preferences', 'preferences']);
});

test('T9: its own button saves them, once, and the log says time, words and source', async () => {
  const saved = await (await ann.visit(HERE)).submit('Update marketing preferences', { News: true });
  assert.match(saved.words('.notices'), /Your preferences are saved/);
  assert.deepEqual(boxes(saved), [[news, true], [offers, false]]);
  assert.match(saved.words('fieldset'), /NewsAgreed on /);
  await saved.submit('Update marketing preferences');
  assert.deepEqual(await log(), [{ id: news, given: true, version: 1, source: 'account', language: 'en' }], 'no news, no entry');
  await (await ann.visit(`/fr${HERE}`)).submit('Mettre à jour les préférences marketing', { 'News (fr)': false });
  assert.deepEqual((await log()).at(-1), { id: news, given: false, version: 1, source: 'account', language: 'fr' });
});

test('T9: details and preferences never touch each other', async () => {
  const page = await ann.visit(HERE);
  const details = await ann.visit('/account/details');
  const before = await log();
  await details.submit('Update details', { 'First name': 'Anne' });
  assert.deepEqual(await log(), before);
  const [{ version }] = await server.sql('SELECT version FROM customer WHERE first_name = $1', ['Anne']);
  await page.submit('Update marketing preferences', { Offers: true });
  assert.equal((await log()).length, before.length + 1);
  assert.deepEqual(await server.sql('SELECT first_name, version FROM customer WHERE first_name = $1', ['Anne']), [{ first_name: 'Anne', version }]);
  for (const field of ['first_name', 'email', 'version']) {
    const forged = await ann.postJson(HERE, { preferences: [], [field]: 'x' }, { described: false });
    assert.equal(forged.status, 422, field);
  }
  assert.equal((await ann.postJson('/account/details', { preferences: [] }, { described: false })).status, 422);
});

test('T8: one removed and one added while the page is open: the rest is saved, and it is said', async () => {
  const open = await ann.visit(HERE);
  await mary.post(`${OFFICE}${news}/remove`, { json: {}, headers: { accept: 'application/json' } });
  const late = await make(mary, 'Late');
  const before = await log();
  const saved = await open.submit('Update marketing preferences', { News: true, Offers: true });
  assert.match(saved.words('.notices'), /Your preferences are saved.*One of them is no longer offered/);
  assert.deepEqual(boxes(saved), [[offers, true], [late, false]]);
  assert.deepEqual(await log(), before, 'what was added isn’t taken for a no, what is gone for a yes');
  const again = await ann.postJson(HERE, { preferences: [{ key: news, count: 1 }] });
  assert.deepEqual(again.json, { changed: 0, gone: [news] });
});

test('T9: who agreed, agreed to the words that stood there; new words tick nothing', async () => {
  const open = await ann.visit(HERE);
  const [{ version }] = await server.sql('SELECT version FROM plugin_marketing_preferences.preference WHERE preference_id = $1', [offers]);
  const changed = await mary.postJson(`${OFFICE}${offers}`, { version, title_en: 'Offers', text_en: 'Every day.', active: true });
  assert.equal(changed.status, 200, changed.text);
  await ann.postJson(HERE, { shown: [{ key: offers, count: 2 }] });
  await open.submit('Update marketing preferences', { Offers: true });
  assert.deepEqual((await log()).slice(-2).map(({ given, version: of }) => [given, of]), [[false, 2], [true, 1]]);
  const unknown = await ann.postJson(HERE, { preferences: [{ key: offers, count: 1 }], shown: [{ key: offers, count: 99 }] });
  assert.deepEqual(unknown.json, { changed: 0, gone: [offers] });
});

test('T8: one that is offered no more: who agreed can say no, nobody can say yes', async () => {
  const [{ version }] = await server.sql('SELECT version FROM plugin_marketing_preferences.preference WHERE preference_id = $1', [offers]);
  await mary.postJson(`${OFFICE}${offers}`, { version, title_en: 'Offers' });
  const page = await ann.visit(HERE);
  assert.deepEqual(boxes(page).find(([id]) => id === offers), [offers, true]);
  assert.match(page.words('fieldset'), /you can only say no/);
  await page.submit('Update marketing preferences', { Offers: false });
  assert.equal((await log()).at(-1).given, false);
  assert.ok(!(await ann.visit(HERE)).text.includes('name="preferences_' + offers));
  assert.deepEqual((await ann.postJson(HERE, { preferences: [{ key: offers, count: 1 }] })).json, { changed: 0, gone: [offers] });
});

test('nonsense changes nothing; somebody else’s site has nothing of it', async () => {
  const before = await log();
  const strange = await make(nora, 'Theirs');
  for (const key of [strange, '0', '1', '99999999999999999999', '1e3', 'x', '-1', '']) {
    const said = await ann.postJson(HERE, { preferences: [{ key, count: 1 }] });
    assert.ok([200, 422].includes(said.status), `${key}: ${said.text}`);
  }
  assert.equal((await ann.postJson(HERE, { preferences: [{ key: news, count: 7 }] })).status, 422);
  assert.deepEqual(await log(), before);
  const theirs = await register(other);
  assert.deepEqual((await theirs.getJson(HERE)).json.preferences.map(({ title }) => title), ['Theirs']);
  theirs.jars.set(site.visitor().host, theirs.cookies());
  assert.equal((await theirs.getJson(`${site.visitor().origin}${HERE}`)).status, 403, 'its session means nothing here');
});

test('two tabs at once: one entry', async () => {
  const id = await make(mary, 'Races');
  const before = (await log()).length;
  await Promise.all(Array.from({ length: 12 }, () => ann.postJson(HERE, { preferences: [{ key: id, count: 1 }] })));
  assert.equal((await log()).length, before + 1);
});

test('off, on, off and on again: gone everywhere, kept; a second site notices nothing', async () => {
  const before = await log();
  const held = async () => (await ann.getJson(HERE)).json.preferences;
  const choices = await held();
  const customer = (await server.sql('SELECT customer_id::text AS id FROM customer JOIN site USING (tenant_id) WHERE slug = $1', [site.slug]))[0].id;
  for (const state of ['off', 'on', 'off', 'on']) {
    await turnFeature(server, site, 'marketing-preferences', state);
    const on = state === 'on';
    for (const path of [HERE, OFFICE, `${OFFICE}customers/${customer}`]) {
      const who = path === HERE ? ann : mary;
      await eventually(async () => (await who.get(path)).status, on ? 200 : 404);
    }
    assert.equal(/Marketing/.test((await ann.visit('/account')).words('.account__nav')), on);
    assert.equal(/Marketing/.test((await mary.visit(`/manage/customers/${customer}`)).words('.object-tabs')), on);
    assert.equal(/Marketing/.test((await mary.visit('/manage')).words('nav')), on);
    assert.equal((await ann.postJson(HERE, { preferences: [] })).status, on ? 200 : 404);
    assert.deepEqual(await log(), before);
    assert.equal((await nora.get(OFFICE)).status, 200);
  }
  assert.deepEqual(await held(), choices);
});
