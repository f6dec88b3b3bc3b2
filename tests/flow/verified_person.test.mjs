// Verified persons at the desk: their address is taken with identical data only, and nothing says
// what differs (C8); what they confirmed isn't the venue's to change (C10, T7); deleting one there
// ends the link only (C13).
import assert from 'node:assert/strict';
import test from 'node:test';
import { slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';
import { unguarded } from '../lib/races.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 50 })] });
const other = await server.createSite({ features });
const manager = await staff(site);
const desk = await staff(site, await hire(server, site, 'box_office'));
const neighbour = await staff(other);

const ada = {
  first_name: 'Adá', last_name: 'de Lovelace', email: 'Ada@Buyer.example', phone: '+33612345678', gender: 'female',
  country: 'FR', birthdate: '1990-12-10',
};
const folded = (email) => email.toLowerCase();
const verify = async (person) => (await server.sql(
  `INSERT INTO person (email, email_folded, first_name, last_name, phone, gender, country, birthdate, language, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'en', now()) RETURNING person_id::text AS id`,
  [person.email, folded(person.email), person.first_name, person.last_name, person.phone, person.gender, person.country, person.birthdate]))[0].id;
const someone = (n, changes = {}) => ({ ...ada, email: `p${n}@buyer.example`, ...changes });
const add = (who, person) => who.postJson('/manage/customers/new', person);
const rows = (email) => server.sql('SELECT * FROM customer WHERE email_folded = $1 ORDER BY tenant_id', [folded(email)]);
const traces = async () => (await server.sql(`SELECT (SELECT count(*) FROM customer) AS customers,
  (SELECT count(*) FROM search_term WHERE kind = 'customer') AS words, (SELECT count(*) FROM customer_tag) AS tags,
  (SELECT count(*) FROM job WHERE kind = 'notification.send') AS mails`))[0];
const hours = (n) => server.time(`+${n * 3600}`);
const link = async (where, person, id) => {
  const answer = await add(where, { ...person });
  assert.equal(answer.status, 201, answer.text);
  const [, customer] = answer.json.location.match(/customers\/(\d+)/);
  return customer;
};
await verify(ada);

test('C8: one letter, accent, case, space or phone format off is a 403 that reveals nothing; nothing is half-created', async () => {
  const off = {
    first_name: ['Ada', 'adá', 'Adà', 'Adáa', 'Adá ', ' Adá', 'A dá'], last_name: ['de  Lovelace', 'De Lovelace', 'deLovelace'],
    email: ['ada@Buyer.example', 'ADA@BUYER.EXAMPLE', 'Ada@Buyer.example '],
    phone: ['0612345678', '+33 6 12 34 56 78', '06 12 34 56 78', '0033612345678', '+33612345679'],
    gender: ['other'], country: ['BE'], birthdate: ['1990-12-11', ''],
  };
  const before = await traces();
  const answers = new Set();
  for (const [field, values] of Object.entries(off)) {
    for (const value of values) {
      await hours(5);
      const answer = await add(desk, { ...ada, [field]: value, tags: 'vip' });
      assert.equal(answer.status, 403, `${field} “${value}”: ${answer.text}`);
      const { instance, request_id, reference, ...rest } = answer.json;
      answers.add(JSON.stringify(rest));
    }
  }
  assert.equal(answers.size, 1, 'every difference is answered alike');
  assert.deepEqual(await traces(), before);
  const [{ tried }] = await server.sql(`SELECT count(*)::int AS tried FROM audit WHERE action = 'customer.person_refused' AND actor_kind = 'staff'
    AND before IS NULL AND after IS NULL`);
  assert.ok(tried >= 20, 'who tried stands in the record, without the address');
});

test('C8: the page says so without saying what differs, and keeps what was typed', async () => {
  await hours(24);
  const form = await desk.visit('/manage/customers/new');
  const typed = { 'First name': 'Ada', 'Last name': 'de Lovelace', 'E-mail': 'ada@buyer.example', Phone: '+33612345678', Gender: 'female', Country: 'FR' };
  const page = await form.submit('Save', typed);
  assert.equal(page.status, 403);
  assert.match(page.words('main'), /belongs to a verified person/);
  assert.equal(page.all('.field--wrong').length, 0);
  assert.doesNotMatch(page.text, /Adá|1990/);
  assert.equal(Object.fromEntries(page.form('Save').values).last_name, 'de Lovelace');
});

test('C8: an address that isn’t verified is taken as ever', async () => {
  assert.equal((await add(desk, someone('nobody', { first_name: 'Ada' }))).status, 201);
  const [row] = await rows('pnobody@buyer.example');
  assert.deepEqual([row.person_id, row.verified_at], [null, null]);
});

test('C8: identical data are accepted and linked, the person is told; another site learns nothing', async () => {
  await hours(24);
  const id = await link(desk, ada);
  const [row, ...more] = await rows(ada.email);
  assert.equal(more.length, 0);
  assert.ok(row.person_id && row.verified_at);
  const mail = await server.mail({ to: ada.email, subject: 'profile for all venues' });
  assert.match(mail.text, /leave House/);
  assert.equal((await neighbour.getJson(`/manage/customers/${id}`)).status, 404);
  assert.deepEqual((await neighbour.getJson('/manage/customers?q=lovelace')).json.items, []);
  const again = await add(desk, { ...ada, first_name: 'Ada' });
  assert.equal(again.status, 422, 'whom the site knows is no secret to it');
});

test('C8: tries are limited for each person and site; then identical data are refused as well', async () => {
  await verify(someone('tried'));
  for (let i = 0; i < 5; i++) assert.equal((await add(desk, someone('tried', { first_name: 'x' }))).status, 403);
  assert.equal((await add(desk, someone('tried', { first_name: 'x' }))).status, 429);
  assert.equal((await add(desk, someone('tried'))).status, 429);
  assert.equal((await add(neighbour, someone('tried', { first_name: 'x' }))).status, 403, 'another site has tries of its own');
  await hours(2);
  assert.equal((await add(desk, someone('tried'))).status, 201);
});

test('C8, T7: a customer isn’t moved to a verified person’s address with other data', async () => {
  await verify(someone('moved'));
  await hours(2);
  const { json } = await add(desk, someone('else', { first_name: 'Eve' }));
  const [, id] = json.location.match(/customers\/(\d+)/);
  const move = (version) => desk.postJson(`/manage/customers/${id}/email`, { email: 'pmoved@buyer.example', version });
  assert.equal((await move(1)).status, 403);
  const page = await (await desk.visit(`/manage/customers/${id}/email`)).submit('Change the e-mail', { 'E-mail': 'pmoved@buyer.example' });
  assert.equal(page.status, 403);
  assert.match(page.words('main'), /belongs to a verified person/);
  assert.equal((await rows('pmoved@buyer.example')).length, 0);
});

test('C10: what a verified person confirmed is read-only at the venue; tags and notes are the venue’s', async () => {
  const [{ customer_id: id }] = await rows(ada.email);
  const page = await manager.visit(`/manage/customers/${id}`);
  assert.match(page.words('main'), /One profile for all venues/);
  assert.match(page.words('.facts'), /Adá.*de Lovelace.*Female.*10 December 1990.*\+33 6 12 34 56 78.*France/);
  assert.equal(page.all('#first_name, #phone, #gender, #country').length, 0);
  assert.equal(page.all(`a[href$="/email"]`).length, 0);
  const tagged = await page.submit('Save', { Tags: 'VIP' });
  assert.match(tagged.words('.notice'), /Saved/);
  const noted = await tagged.submit('Add the note', { 'New note': 'Rings the bell' });
  assert.match(noted.words('main'), /Rings the bell/);
  const { version } = (await manager.getJson(`/manage/customers/${id}`)).json.customer;
  const save = (fields, who = manager) => who.postJson(`/manage/customers/${id}`, { ...ada, tags: 'VIP', version, ...fields });
  assert.equal((await save({})).status, 200, 'unchanged details may be sent along');
  for (const fields of [{ first_name: 'Ada' }, { last_name: 'Lovelace' }, { phone: '+33612345679' }, { gender: 'other' }, { country: 'BE' },
    { birthdate: '1990-12-11' }, { email: 'eve@buyer.example' }]) {
    const refused = await save(fields);
    assert.deepEqual([refused.status, refused.json.code], [403, 'verified_person'], JSON.stringify(fields));
  }
  assert.equal((await manager.get(`/manage/customers/${id}/email`)).status, 403);
  assert.equal((await manager.postJson(`/manage/customers/${id}/email`, { email: 'eve@buyer.example', version })).status, 403);
  assert.equal((await save({ first_name: 'Ada' }, neighbour)).status, 404);
  const [row] = await rows(ada.email);
  assert.deepEqual([row.first_name, row.phone, row.email], [ada.first_name, ada.phone, ada.email]);
});

// What linking does to the row, at a moment of our choice.
const becomeVerified = (id) => server.sql(
  `UPDATE customer SET person_id = 77, person_version = 1, first_name = 'Confirmed', version = version + 1 WHERE customer_id = $1`, [id]);

test('C10: somebody becomes verified while the form is open: 403, and the page says why', async () => {
  const { json } = await add(desk, someone('open', { first_name: 'Eve' }));
  const [, id] = json.location.match(/customers\/(\d+)/);
  const form = await desk.visit(`/manage/customers/${id}`);
  await becomeVerified(id);
  const page = await form.submit('Save', { 'First name': 'Mallory' });
  assert.equal(page.status, 403);
  assert.match(page.words('[aria-labelledby="own-title"]'), /Nothing was saved/);
  assert.equal((await rows('popen@buyer.example'))[0].first_name, 'Confirmed');
});

test('C10: an edit that waits for the link loses against it; with the guards off it would win', async () => {
  const race = async (n, version) => {
    const { json } = await add(desk, someone(n, { first_name: 'Eve' }));
    const [, id] = json.location.match(/customers\/(\d+)/);
    const linking = server.sql(`WITH o AS MATERIALIZED (SELECT 1 FROM customer WHERE customer_id = $1 FOR UPDATE), p AS MATERIALIZED (SELECT pg_sleep(0.5) FROM o)
      UPDATE customer SET person_id = $2, person_version = 1, first_name = 'Confirmed' FROM p WHERE customer_id = $1`, [id, version]);
    await new Promise((done) => setTimeout(done, 100));
    const answer = await desk.postJson(`/manage/customers/${id}`, { ...someone(n), email: undefined, first_name: 'Mallory', version: 1 });
    await linking;
    return { status: answer.status, name: (await rows(`p${n}@buyer.example`))[0].first_name };
  };
  assert.deepEqual(await race('race', 78), { status: 403, name: 'Confirmed' });
  const without = await unguarded(server, () => race('unguarded', 79));
  assert.equal(without.name, 'Mallory', 'the negative control');
});

test('C13: deleting a verified person at a venue ends the link and the venue’s own data, never the person', async () => {
  await hours(24);
  await link(neighbour, ada);
  const [here] = await rows(ada.email).then((all) => all.filter(({ made_by, tenant_id }) => made_by === 'staff' && String(tenant_id) !== ''));
  const mine = (await manager.getJson('/manage/customers?q=lovelace')).json.items.find(({ email }) => email === ada.email);
  const question = await manager.visit(`/manage/customers/${mine.id}/delete`);
  assert.match(question.words('main'), /only the link|profile for all venues/i);
  await question.submit('Delete the customer', { typed: ada.email });
  const left = await rows(ada.email);
  assert.equal(left.length, 1);
  assert.ok(left[0].person_id, 'the other venue keeps its link');
  assert.notEqual(String(left[0].customer_id), mine.id);
  assert.equal((await server.sql('SELECT 1 FROM person WHERE email = $1', [ada.email])).length, 1);
  assert.ok(here);
});

const invite = (who, email) => who.postJson('/manage/customers/invite', { email });
const invitations = (email) => server.mails({ to: email, subject: 'invites you to use your profile' });

test('C8: the person can be invited to link; whether an address is one’s isn’t told by answer or mail', async () => {
  const erin = someone('invited');
  await verify(erin);
  await hours(24);
  const form = await desk.visit('/manage/customers/new');
  const page = await form.submit('Save', { 'First name': 'Er', 'Last name': 'In', 'E-mail': erin.email, Phone: erin.phone, Gender: 'other', Country: 'FR' });
  assert.equal(page.status, 403);
  const sent = await page.submit('Invite this person to link');
  assert.match(sent.words('.notice'), /If this e-mail is a verified person/);
  const stranger = await (await desk.visit('/manage/customers/new')).submit('Save', { 'First name': 'Er' });
  assert.equal(stranger.status, 422);
  const [known, unknown] = [await invite(desk, erin.email), await invite(desk, 'nobody.at.all@buyer.example')];
  assert.deepEqual([known.status, known.text.length], [unknown.status, unknown.text.length]);
  assert.equal((await invitations('nobody.at.all@buyer.example')).length, 0);
  assert.equal((await invitations(erin.email)).length, 1, 'once a day');
  assert.equal((await neighbour.postJson('/manage/customers/invite', { email: 'x' })).status, 422);
});

test('C8: only the button behind the signed link links; forged, moved, late or used up it does nothing', async () => {
  const [mail] = await invitations('pinvited@buyer.example');
  assert.doesNotMatch(mail.text, /Adá|\+336/);
  const link = new URL(mail.text.match(/https?:\S+\/profile\/invitation\S+/)[0]);
  const path = link.pathname + link.search;
  const query = Object.fromEntries(link.searchParams);
  const visitor = site.visitor();
  for (const changed of [{ t: 'x'.repeat(22) }, { until: String(Number(query.until) + 1) }, { p: '5' }]) {
    const answer = await visitor.get(`/profile/invitation?${new URLSearchParams({ ...query, ...changed })}`);
    assert.equal(answer.status, 410, JSON.stringify(changed));
  }
  assert.equal((await other.visitor().get(path)).status, 410, 'of another site');
  const page = await visitor.visit(path);
  assert.doesNotMatch(page.text, /Adá|pinvited/);
  assert.equal((await rows('pinvited@buyer.example')).length, 0, 'looking links nothing');
  await server.time('+700000');
  assert.equal((await visitor.get(path)).status, 410, 'after a week');
  await invite(await staff(site), 'pinvited@buyer.example');
  const fresh = new URL((await invitations('pinvited@buyer.example')).at(-1).text.match(/https?:\S+\/profile\/invitation\S+/)[0]);
  const again = await visitor.visit(fresh.pathname + fresh.search);
  const done = await again.submit('Yes, link this venue');
  assert.match(done.words('main'), /uses your profile now/);
  assert.equal((await again.submit('Yes, link this venue')).status, 200, 'twice');
  const [row, ...more] = await rows('pinvited@buyer.example');
  assert.deepEqual([more.length, row.first_name, row.phone, row.made_by], [0, ada.first_name, ada.phone, 'customer']);
  assert.ok(row.person_id && row.verified_at);
});

test('C8: a booking by staff takes a verified person’s address with what they confirmed only', async () => {
  const bo = someone('booked');
  await server.time('real');
  const clerk = await staff(site);
  await verify(bo);
  const [slot] = await slotsOf(server, site, 'tour');
  const count = async () => (await server.sql('SELECT count(*)::int AS n FROM orders'))[0].n;
  const book = (fields) => clerk.postJson('/manage/orders/new', {
    slot: String(slot.id), quantity: [{ key: 'adult', count: 1 }], email: bo.email, ...fields });
  const before = await count();
  for (const fields of [{ name: 'Ada de Lovelace' }, { name: 'Adá de lovelace' }, { name: 'Adá de Lovelace', phone: '0612345678' }]) {
    const refused = await book(fields);
    assert.deepEqual([refused.status, refused.json.code], [403, 'verified_person'], refused.text);
  }
  assert.equal(await count(), before);
  const taken = await book({ name: 'Adá de Lovelace', phone: bo.phone });
  assert.equal(taken.status, 201, taken.text);
  assert.equal((await rows(bo.email)).length, 0, 'a guest’s booking: nothing else of the person came here');
});
