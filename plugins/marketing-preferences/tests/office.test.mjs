// Marketing preferences in the office (T8, T9): what is offered, who agreed, what one person said;
// the mail about what staff noted, and the link in it that ends it without a login (RFC 8058).
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { hire, staff } from '../../../tests/lib/office.mjs';

const server = await startServer();
const features = { 'marketing-preferences': {} };
const languages = ['en', 'fr', 'es'];
const site = await server.createSite({ features, languages, name: 'The Baths' });
const other = await server.createSite({ features, languages });
const mary = await staff(site);
const nora = await staff(other);
const desk = await staff(site, await hire(server, site, 'box_office'));
const OFFICE = '/manage/x/marketing-preferences/';
const record = (first_name, more) => ({ first_name, last_name: 'Lee', email: `${first_name.toLowerCase()}@buyer.example`, phone: '+33612345678', gender: 'other', country: 'FR', ...more });
const add = async (who, ...of) => (await who.postJson('/manage/customers/new', record(...of))).json.location.match(/\d+/)[0];
const list = async (who = mary, query = '') => (await who.getJson(OFFICE + query)).json.items;
const linkOf = (mail) => new URL(mail.text.match(/http:\S+unsubscribe\S+/)[0]).pathname;
const log = (id) => server.sql('SELECT given, source, note FROM plugin_marketing_preferences.consent WHERE customer_id = $1 ORDER BY consent_id', [id]);
const anna = await add(mary, 'Anna');

test('ux 21: an empty list says what to do; a preference is made, and found again in its form', async () => {
  const page = await mary.visit(OFFICE);
  assert.match(page.words('main'), /No preferences yet/);
  assert.match((await page.click('Removed')).words('main'), /Nothing was removed/);
  assert.match((await page.click('Who agreed')).words('main'), /Nobody here/);
  const form = await page.click('New preference');
  const refused = await form.submit('Make the preference', { 'Title (English)': ' ', 'Title (French)': 'x'.repeat(81), 'Text (Spanish)': 'Cada mes' });
  assert.equal(refused.status, 422);
  assert.deepEqual(Object.keys(refused.errors), ['title_en', 'title_fr']);
  assert.equal(refused.document.querySelector('#text_es').textContent, 'Cada mes');
  const made = await refused.submit('Make the preference', { 'Title (English)': 'News & more', 'Title (French)': 'Nouvelles', 'Text (English)': '<b>bold</b>' });
  assert.match(made.words('main'), /The preference is there\..*News & more<b>bold<\/b>/);
  const edit = await made.click('News & more');
  assert.deepEqual(['title_en', 'title_fr', 'title_es'].map((id) => edit.document.querySelector(`#${id}`).getAttribute('value')), ['News & more', 'Nouvelles', '']);
  assert.match(edit.words('#history'), /made the preference/);
});

test('order, changing, two people at once, history; other roles and sites', async () => {
  for (const title of ['Offers', 'Children']) assert.equal((await mary.postJson(`${OFFICE}new`, { title_en: title, active: true })).status, 201);
  await (await mary.visit(OFFICE)).submit('form[action$="/up"]:last-of-type');
  const [first, second, third] = await list();
  await mary.post(`${OFFICE}${third.id}/up`, { json: {}, headers: { accept: 'application/json' } });
  assert.deepEqual((await list()).map(({ id }) => id), [first.id, third.id, second.id]);
  await mary.post(`${OFFICE}${first.id}/up`, { json: {}, headers: { accept: 'application/json' } });
  assert.deepEqual((await list()).map(({ id }) => id), [first.id, third.id, second.id], 'the first stays');
  const [mine, theirs] = [await mary.visit(OFFICE + second.id), await mary.visit(OFFICE + second.id)];
  assert.equal((await mine.submit('Save', { 'Title (English)': 'Bargains' })).status, 200);
  const late = await theirs.submit('Save', { 'Title (English)': 'Discounts' });
  assert.equal(late.status, 422);
  assert.match(late.errors.title_en, /Somebody else changed/);
  assert.equal(late.document.querySelector('#title_en').getAttribute('value'), 'Discounts');
  assert.match((await mary.visit(OFFICE + second.id)).words('#history'), /changed the preference.*Title \(English\).*Bargains/s);
  const versions = await server.sql('SELECT version FROM plugin_marketing_preferences.preference_text WHERE preference_id = $1 ORDER BY version', [second.id]);
  assert.deepEqual(versions, [{ version: 1 }, { version: 2 }]);
  for (const path of ['', 'new', second.id, 'people', `people.csv?preference=${second.id}`]) assert.equal((await desk.get(OFFICE + path)).status, 403, path);
  for (const path of [second.id, `customers/${anna}`, `people.csv?preference=${second.id}`]) assert.equal((await nora.get(OFFICE + path)).status, 404, path);
  assert.equal((await nora.postJson(`${OFFICE}${second.id}/remove`, {})).status, 404);
  assert.equal((await nora.postJson(`${OFFICE}customers/${anna}`, { preferences: [{ key: second.id, count: 1 }] })).status, 404);
  assert.deepEqual(await list(nora), []);
});

test('T9: staff note what somebody said, with how; the person is told and the tab shows it', async () => {
  const [news] = await list();
  const tab = await (await desk.visit(`/manage/customers/${anna}`)).click('Marketing');
  assert.match(tab.words('h1'), /Anna Lee/);
  assert.match(tab.words('main'), /Nothing was said yet/);
  assert.equal(tab.all('input[type=checkbox][checked]').length, 0);
  const noted = await tab.submit('Note', { 'Offers': true, 'How it was said': 'By phone <3' });
  assert.match(noted.words('main'), /Noted\..*OffersBy phone <3 Yes .* Noted by staff Version 1 en/s);
  assert.match(noted.words('#history'), /noted what the customer said/);
  assert.deepEqual(await log(anna), [{ given: true, source: 'office', note: 'By phone <3' }]);
  await server.jobs();
  const mail = await server.mail({ to: 'anna@buyer.example' });
  assert.match(mail.subject, /You agreed to mails from The Baths/);
  assert.match(mail.text, /Hello Anna Lee.*Offers/s);
  const path = linkOf(mail);
  assert.equal(mail.headers['list-unsubscribe'], `<${site.visitor().origin}${path}>`);
  assert.equal(mail.headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
  assert.match(mail.html, /Unsubscribe<\/a>/);
  const audited = async () => (await server.sql("SELECT count(*)::int AS n FROM audit WHERE action = 'marketing-preferences.say'"))[0].n;
  const before = await audited();
  const again = await (await desk.visit(`${OFFICE}customers/${anna}`)).submit('Note', { 'How it was said': 'Once more' });
  assert.match(again.words('main'), /Nothing changed: it was noted like this already/);
  assert.equal(await audited(), before, 'what is as it was isn’t in the record either');
  assert.equal((await log(anna)).length, 1, 'no news, nothing kept');
  const refused = await again.submit('Note', { Offers: false, 'How it was said': 'x'.repeat(201) });
  assert.equal(refused.status, 422);
  assert.deepEqual(Object.keys(refused.errors), ['note']);
  assert.equal(refused.all('input[type=checkbox][checked]').length, 0, 'what was ticked is kept as it was sent');
  await server.jobs();
  assert.equal((await server.mails()).filter(({ to }) => to.includes('anna@buyer.example')).length, 1, 'no news, no mail');
  assert.deepEqual((await list()).map(({ people }) => people), [1, 0, 0]);
  assert.ok(news);
});

test('unsubscribing: the link shows and changes nothing, a click ends it, the mail program does so by itself', async () => {
  const path = linkOf(await server.mail({ to: 'anna@buyer.example' }));
  const stranger = site.visitor();
  const asked = await stranger.visit(path);
  assert.match(asked.words('main'), /anna@buyer.example would get no more mails from The Baths about: Offers/);
  assert.match(asked.text, /noindex/);
  assert.equal((await log(anna)).length, 1, 'a link that is only looked at');
  const ended = await asked.submit('Unsubscribe');
  assert.equal(ended.status, 200);
  assert.match(ended.words('main'), /Done.*gets no more mails.*Offers/s);
  assert.deepEqual((await log(anna)).at(-1), { given: false, source: 'unsubscribe', note: '' });
  // As a mail program does (RFC 8058): no cookie, no page before, from anywhere; twice.
  const [, offers] = await list();
  await mary.postJson(`${OFFICE}customers/${anna}`, { preferences: [{ key: (await list())[0].id, count: 1 }, { key: offers.id, count: 1 }] });
  await server.jobs();
  const both = linkOf((await server.mails()).filter(({ to }) => to.includes('anna@buyer.example')).at(-1));
  for (const headers of [{ 'sec-fetch-site': 'cross-site', origin: 'https://mail.example' }, {}]) {
    const one = await site.visitor().post(both, { form: { 'List-Unsubscribe': 'One-Click' }, headers });
    assert.equal(one.status, 200, 'no redirect');
  }
  assert.deepEqual((await log(anna)).slice(-2).map(({ given }) => given), [false, false]);
  assert.deepEqual((await list()).map(({ people }) => people), [0, 0, 0]);
  assert.match((await stranger.visit(both)).words('main'), /gets no such mails/);
  assert.match((await stranger.visit(`/fr${both}`)).words('main'), /Se désabonner.*ne reçoit pas ce type/s);
});

test('a link ends only its own, unless everything is asked; a forged one is nothing', async () => {
  const [first, second] = await list();
  const say = (id) => mary.postJson(`${OFFICE}customers/${anna}`, { preferences: [{ key: id, count: 1 }], note: '' });
  await say(first.id);
  await server.jobs();
  const path = linkOf((await server.mails()).filter(({ to }) => to.includes('anna@buyer.example')).at(-1));
  await say(second.id);
  const page = await site.visitor().visit(path);
  assert.match(page.words('main'), /You also get mails about: /);
  const all = await page.submit('Unsubscribe from everything');
  assert.match(all.words('main'), /gets no more mails/);
  assert.deepEqual((await list()).map(({ people }) => people), [0, 0, 0]);
  const [whole, customer, scope, sign] = path.match(/(\d+)\.(\w+)\.([\w-]+)$/);
  const cases = [[other, path], ...[`${customer}.all.${sign}`, `${customer}.${second.id}.${sign}`, `1.${scope}.${sign}`,
    `${customer}.${scope}.${sign.slice(0, -1)}`, `${customer}.${scope}.`, `${customer}.${scope}`, 'x', '%00', '..'].map((token) => [site, path.replace(whole, token)])];
  for (const [where, forged] of cases) {
    assert.ok([400, 404].includes((await where.visitor().get(forged)).status), forged);
    assert.ok([400, 404].includes((await where.visitor().post(forged, { form: {} })).status), forged);
  }
});

test('removed: gone from what is offered, its consents kept; brought back', async () => {
  const [first] = await list();
  await mary.postJson(`${OFFICE}customers/${anna}`, { preferences: [{ key: first.id, count: 1 }] });
  const entries = await log(anna);
  const gone = await (await mary.visit(OFFICE + first.id)).submit('Remove');
  assert.match(gone.words('main'), /What was agreed to is kept/);
  assert.ok(!(await list()).some(({ id }) => id === first.id));
  assert.deepEqual((await list(mary, '?show=removed')).map(({ id, people }) => [id, people]), [[first.id, 1]]);
  const tab = await mary.visit(`${OFFICE}customers/${anna}`);
  assert.ok(!tab.words('form').includes(first.title));
  assert.ok(tab.words('main').includes(first.title), 'in what was said');
  assert.deepEqual(await log(anna), entries);
  const back = await (await mary.visit(OFFICE + first.id)).submit('Bring back');
  assert.match(back.words('main'), /offered again/);
  assert.deepEqual((await list()).map(({ people }) => people).sort(), [0, 0, 1]);
});

test('who agreed: by preference and answer, page by page, as CSV without formulas; only this site’s', async () => {
  const [first, second] = await list();
  const few = [];
  for (const name of ['=cmd', 'Zoé', 'Ben']) few.push(await add(mary, name, { email: `p${few.length}@buyer.example` }));
  for (const id of few) await mary.postJson(`${OFFICE}customers/${id}`, { preferences: [{ key: second.id, count: 1 }] });
  await mary.postJson(`${OFFICE}customers/${few[2]}`, { shown: [{ key: second.id, count: 1 }] });
  const people = async (query) => (await mary.getJson(`${OFFICE}people${query}`)).json;
  assert.deepEqual((await people(`?preference=${second.id}`)).items.map(({ email }) => email), ['p0@buyer.example', 'p1@buyer.example']);
  assert.deepEqual((await people(`?preference=${second.id}&state=withdrawn`)).items.map(({ email }) => email), ['anna@buyer.example', 'p2@buyer.example']);
  assert.deepEqual((await people(`?preference=${first.id}`)).items.map(({ customer_id, source }) => [customer_id, source]), [[anna, 'office']]);
  assert.equal((await people('?preference=nonsense')).items.length, 1, 'nonsense: the first');
  const page = await mary.visit(`${OFFICE}people?preference=${second.id}`);
  const file = await page.click('Download as CSV');
  assert.equal(file.headers['content-type'], 'text/csv; charset=utf-8; header=present');
  const rows = file.text.replace(/^\ufeff/, '').trim().split('\r\n');
  assert.equal(rows.length, 3);
  assert.match(rows[0], /^E-mail,First name,Last name,Language,Where,Version of the words,When/);
  assert.match(rows[1], /^p0@buyer\.example,'=cmd,Lee/);
  // Two pages on screen, three of the file.
  await server.sql(`WITH many AS (
      INSERT INTO customer (tenant_id, email, email_folded, first_name, last_name, language, created_at, made_by)
      SELECT c.tenant_id, 'm' || n || '@many.example', 'm' || n || '@many.example', 'M' || n, 'Any', 'en', now(), 'office'
        FROM customer c, generate_series(1, 1100) n WHERE c.customer_id = $1 RETURNING tenant_id, customer_id),
    said AS (
      INSERT INTO plugin_marketing_preferences.consent (tenant_id, customer_id, preference_id, text_version, given, language, source, at)
      SELECT tenant_id, customer_id, $2, 1, true, 'en', 'import', now() FROM many RETURNING tenant_id, customer_id, preference_id, consent_id)
    INSERT INTO plugin_marketing_preferences.choice (tenant_id, preference_id, customer_id, given, consent_id)
    SELECT tenant_id, preference_id, customer_id, true, consent_id FROM said`, [anna, first.id]);
  const seen = new Set();
  for (let next = `${OFFICE}people?preference=${first.id}`, pages = 0; next; pages++) {
    const { json } = await mary.getJson(next);
    for (const { customer_id } of json.items) seen.add(customer_id);
    next = json.next;
    assert.ok(pages < 30);
  }
  assert.equal(seen.size, 1101);
  const all = await mary.get(`${OFFICE}people.csv?preference=${first.id}`);
  assert.equal(all.text.trim().split('\r\n').length, 1102);
  assert.match((await mary.visit(OFFICE + first.id)).words('#history'), /exported who agreed/);
});

test('two records of one person become one, and two again: what was said goes along', async () => {
  const [first] = await list();
  const [kept, goes] = [await add(mary, 'Kim'), await add(mary, 'Kym')];
  await mary.postJson(`${OFFICE}customers/${goes}`, { preferences: [{ key: first.id, count: 1 }] });
  const said = await log(goes);
  const a = (await mary.getJson(`/manage/customers/${kept}`)).json.customer, b = (await mary.getJson(`/manage/customers/${goes}`)).json.customer;
  const merged = await mary.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: a.version, other_version: b.version });
  assert.equal(merged.status, 200, merged.text);
  assert.deepEqual([await log(kept), await log(goes)], [said, []]);
  assert.deepEqual((await mary.getJson(`${OFFICE}customers/${kept}`)).json.preferences.find(({ id }) => id === first.id).given, true);
  const [{ id, version }] = (await mary.getJson(`/manage/customers/${kept}`)).json.merges;
  assert.equal((await mary.postJson(`/manage/customers/${kept}/merges/${id}/undo`, { version })).status, 200);
  assert.deepEqual([await log(kept), await log(goes)], [[], said]);
});

test('T9: with the person goes what was said; the person’s own export has it', async () => {
  await mary.postJson(`/manage/customers/${anna}/delete`, { typed: 'anna@buyer.example' });
  assert.deepEqual(await log(anna), []);
  assert.deepEqual(await server.sql('SELECT 1 FROM plugin_marketing_preferences.choice WHERE customer_id = $1', [anna]), []);
  const path = linkOf(await server.mail({ to: 'anna@buyer.example' }).catch(() => ({ text: `http://x${'/x/marketing-preferences/unsubscribe/1.all.x'}` })));
  assert.equal((await site.visitor().get(path)).status, 404);
});
