// One profile for all venues (C8a, T5–T7): a customer confirms e-mail and phone, chooses the venues,
// changes details for all of them, leaves one or all. Nothing flows to a venue that wasn't chosen.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { unguarded } from '../lib/races.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const sites = [];
for (let i = 0; i < 3; i++) sites.push(await server.createSite({ features }));
const [site, second, third] = sites;
for (const where of sites) {
  const channels = await (await staff(where)).visit('/manage/channels');
  await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 1000);
}
const password = 'analytical engine 1843';
const linkIn = (mail) => new URL(mail.text.match(/https?:\S+\/account\/\S+/)[0]);
// An account whose address is confirmed.
async function account(where, email, name = 'Ada') {
  const page = await (await where.visitor().visit('/account/register')).submit('Create an account',
    { 'First name': name, 'Last name': 'Lovelace', 'E-mail': email, Password: password });
  const link = linkIn((await server.mails({ to: email, subject: 'Your account at' })).at(-1));
  return (await (await page.visitor.visit(link.pathname + link.search)).submit('Confirm your e-mail')).visitor;
}
const mailCode = async (to) => (await server.mail({ to, subject: 'opens your profile' })).subject.match(/\d{6}/)[0];
const texts = async (phone) => (await server.mails({ subject: 'Text message' })).filter(({ source }) => source.includes(phone));
const textCode = async (phone) => (await texts(phone)).at(-1).text.match(/\d{6}/)[0];
async function open(visitor, email) {
  await (await visitor.visit('/account/profile')).submit('Send me a code');
  return (await visitor.visit('/account/profile')).submit('Confirm', { code: await mailCode(email) });
}
const details = { 'First name': 'Ada', 'Last name': 'King', 'Mobile phone': '06 12 34 56 78', Gender: 'female', Country: 'FR' };
async function make(visitor, email, changes = {}) {
  const phone = changes.phone ?? '+33612345678';
  const sent = await (await open(visitor, email)).submit('Send a code to the phone', { ...details, 'Mobile phone': phone });
  assert.match(sent.words('main'), /on its way to your phone/);
  return sent.submit('Confirm', { code: await textCode(phone) });
}
const profile = async (visitor) => (await visitor.getJson('/account/profile')).json.profile;
const row = async (where, email) => (await server.sql(
  `SELECT c.* FROM customer c JOIN site s USING (tenant_id) WHERE s.slug = $1 AND email_folded = $2`, [where.slug, email]))[0];
const persons = async (email) => (await server.sql('SELECT * FROM person WHERE email_folded = $1', [email]));
const email = 'ada@buyer.example';
let ada;

test('C8a: nothing is shown before a code sent to the address has come back in this browser', async () => {
  ada = await account(site, email);
  await account(second, email, 'Countess');
  const page = await ada.visit('/account/profile');
  assert.match(page.words('h1'), /One profile for all venues/);
  assert.deepEqual(await profile(ada), { state: 'closed', email_sent: false, phone_sent: false, moving: null, person: null, sites: [] });
  assert.doesNotMatch(page.text, new RegExp(second.name));
  for (const [path, body] of [['', { version: 0, first_name: 'A', last_name: 'B', phone: '+33612345678', gender: 'other', country: 'FR' }],
    ['/phone/code', { code: '123456' }], [`/sites/${second.slug}/link`, {}], ['/end', {}]]) {
    const refused = await ada.postJson(`/account/profile${path}`, body);
    assert.deepEqual([refused.status, refused.json.code], [403, 'prove_email'], path);
  }
  assert.equal((await site.visitor().get('/account/profile')).status, 302, 'logged out');
  await page.submit('Send me a code');
  const wrong = await (await ada.visit('/account/profile')).submit('Confirm', { code: '000000' });
  assert.equal(wrong.status, 422);
  const opened = await (await ada.visit('/account/profile')).submit('Confirm', { code: await mailCode(email) });
  assert.match(opened.words('.notice'), /confirmed/);
  // Another browser of the same account is as far as before.
  const browser = (await (await site.visitor().visit('/account/login')).submit('Log in', { 'E-mail': email, Password: password })).visitor;
  assert.equal((await profile(browser)).state, 'closed');
});

test('C8a: a code by text confirms the phone and makes the profile; this venue uses it, the other keeps its own', async () => {
  const page = await ada.visit('/account/profile');
  const wrong = await page.submit('Send a code to the phone', { ...details, 'Mobile phone': '12' });
  assert.deepEqual(Object.keys(wrong.errors), ['phone']);
  const sent = await wrong.submit('Send a code to the phone', details);
  assert.equal((await persons(email)).length, 0, 'nothing yet');
  assert.equal((await sent.submit('Confirm', { code: '000000' })).status, 422);
  const made = await sent.submit('Confirm', { code: await textCode('+33612345678') });
  assert.match(made.words('.notice'), /profile is made/);
  const [person] = await persons(email);
  assert.deepEqual([person.last_name, person.phone, person.country], ['King', '+33612345678', 'FR']);
  const here = await row(site, email), there = await row(second, email);
  assert.deepEqual([here.last_name, here.person_id, here.gender], ['King', person.person_id, 'female']);
  assert.deepEqual([there.first_name, there.person_id, there.phone], ['Countess', null, null], 'nothing flowed');
  const { state, sites: venues } = await profile(ada);
  assert.equal(state, 'linked');
  assert.deepEqual(venues.map(({ slug, linked }) => [slug, linked]).sort(), [[site.slug, true], [second.slug, false]].sort());
  assert.ok(!JSON.stringify(venues).includes(third.slug));
});

test('C8a: another venue is linked by choice, from here; a change of details reaches all linked ones, and only these', async () => {
  assert.equal((await ada.postJson(`/account/profile/sites/${third.slug}/link`, {})).status, 404, 'no account there');
  assert.equal((await ada.postJson(`/account/profile/sites/${second.slug}/link`, {})).status, 200);
  assert.equal((await row(second, email)).last_name, 'King');
  const stranger = await account(third, 'eve@buyer.example', 'Eve');
  assert.equal((await stranger.postJson(`/account/profile/sites/${site.slug}/unlink`, {})).status, 403);
  const saved = await (await ada.visit('/account/profile')).submit('Save everywhere', { 'Last name': 'Byron' });
  assert.match(saved.words('.notice'), /Saved/);
  assert.equal((await row(site, email)).last_name, 'Byron', 'here at once');
  await server.jobs();
  assert.equal((await row(second, email)).last_name, 'Byron');
  assert.equal((await row(third, 'eve@buyer.example')).last_name, 'Lovelace');
  const found = (await (await staff(second)).getJson('/manage/customers?q=byron')).json.items;
  assert.equal(found.length, 1, 'found by the new name');
  const stale = await ada.postJson('/account/profile', { version: 1, first_name: 'Old', last_name: 'Tab', phone: '+33612345678', gender: 'other', country: 'FR' });
  assert.equal(stale.status, 422);
  assert.equal((await row(site, email)).last_name, 'Byron');
});

test('C8a: a new phone holds once its own code came back', async () => {
  const page = await (await ada.visit('/account/profile')).submit('Save everywhere', { 'Mobile phone': '+33612345699' });
  assert.equal((await row(site, email)).phone, '+33612345678');
  await page.submit('Confirm', { code: await textCode('+33612345699') });
  await server.jobs();
  assert.deepEqual([(await row(site, email)).phone, (await row(second, email)).phone], ['+33612345699', '+33612345699']);
});

test('T5, T6: the account’s details are shown there and changed in the profile', async () => {
  const page = await ada.visit('/account/details');
  assert.match(page.words('main'), /kept in your profile/);
  assert.equal(page.all('#first_name').length, 0);
  const [{ version }] = [await row(site, email)];
  const refused = await ada.postJson('/account/details', { version, first_name: 'X', last_name: 'Y' });
  assert.deepEqual([refused.status, refused.json.code], [403, 'profile_apart']);
  assert.equal((await ada.postJson('/account/email', { new_email: 'x@buyer.example' })).status, 403);
  assert.equal((await ada.visit('/account/email')).url.pathname, '/account/profile');
});

test('C8a: a login by password at another venue doesn’t open the profile', async () => {
  const visitor = (await (await second.visitor().visit('/account/login')).submit('Log in', { 'E-mail': email, Password: password })).visitor;
  assert.deepEqual((await profile(visitor)).person, null);
  const shown = (await visitor.visit('/account/profile')).text;
  assert.doesNotMatch(shown, new RegExp(`${site.name}|612345699`));
});

test('C8a: codes hold ten minutes and five tries, and few are sent', async () => {
  const visitor = await account(third, 'codes@buyer.example');
  await (await visitor.visit('/account/profile')).submit('Send me a code');
  const right = await mailCode('codes@buyer.example');
  const guess = (code) => visitor.postJson('/account/profile/email/code', { code });
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => guess(String(i).repeat(6) === right ? '999990' : String(i).repeat(6))));
  assert.ok(answers.every(({ status }) => status === 422));
  assert.equal((await guess(right)).status, 422, 'after five tries the right one is none');
  await (await visitor.visit('/account/profile')).submit('Send me a code');
  const late = await mailCode('codes@buyer.example');
  await server.time('+700');
  assert.equal((await guess(late)).status, 422);
  const many = [];
  for (let i = 0; i < 5; i++) many.push((await visitor.postJson('/account/profile/email', {})).status);
  assert.ok(many.includes(429));
});

test('C8a: linking twice at once links once, and the record says it once; so does making it twice', async () => {
  const twice = 'twice@buyer.example';
  const visitor = await account(site, twice);
  await account(second, twice);
  const before = async () => (await server.sql(`SELECT count(*)::int AS n FROM audit WHERE action = 'customer.person_link'`))[0].n;
  await make(visitor, twice, { phone: '+33612340001' });
  const both = async () => {
    const n = await before();
    const answers = await Promise.all([1, 2, 3].map(() => visitor.postJson(`/account/profile/sites/${second.slug}/link`, {})));
    assert.ok(answers.every(({ status }) => status === 200));
    return (await before()) - n;
  };
  assert.equal(await both(), 1);
  assert.equal((await visitor.postJson(`/account/profile/sites/${second.slug}/unlink`, {})).status, 200);
  assert.ok(await unguarded(server, both) > 1, 'the negative control');
  assert.equal((await persons(twice)).length, 1);
});

test('C8a: one profile of an address, also when two venues make it at once', async () => {
  const race = 'race@buyer.example';
  const visitors = [await account(site, race), await account(second, race)];
  const ready = [];
  for (const [i, visitor] of visitors.entries()) {
    const page = await (await open(visitor, race)).submit('Send a code to the phone', { ...details, 'Mobile phone': `+3361234100${i}` });
    ready.push([page, await textCode(`+3361234100${i}`)]);
  }
  await Promise.all(ready.map(([page, code]) => page.submit('Confirm', { code: code })));
  assert.equal((await persons(race)).length, 1);
  const linked = [await row(site, race), await row(second, race)].filter(({ person_id }) => person_id);
  assert.ok(linked.length >= 1);
  const loser = visitors[[await row(site, race), await row(second, race)].findIndex(({ person_id }) => !person_id)];
  if (loser) assert.equal((await profile(loser)).state, 'unlinked');
});

test('C8a: leaving a venue keeps what it has as its own; ending the profile does so everywhere', async () => {
  await server.time('+1900');
  assert.equal((await ada.postJson(`/account/profile/sites/${second.slug}/unlink`, {})).status, 403, 'half an hour is over');
  await open(ada, email);
  assert.equal((await ada.postJson(`/account/profile/sites/${second.slug}/unlink`, {})).status, 200);
  const left = await row(second, email);
  assert.deepEqual([left.person_id, left.last_name], [null, 'Byron']);
  const mary = await staff(second);
  const id = (await mary.getJson('/manage/customers?q=byron')).json.items[0].id;
  const page = await (await mary.visit(`/manage/customers/${id}`)).submit('Save', { 'Last name': 'Venue', Gender: 'other', Country: 'FR' });
  assert.match(page.words('.notice'), /Saved/, 'the venue’s own again');
  await ada.postJson(`/account/profile/sites/${second.slug}/link`, {});
  assert.equal((await row(second, email)).last_name, 'Byron');
  const ended = await (await ada.visit('/account/profile')).submit('End it at all venues');
  assert.match(ended.words('.notice'), /ended/);
  await server.jobs();
  assert.equal((await persons(email)).length, 0);
  assert.deepEqual([(await row(site, email)).person_id, (await row(second, email)).person_id], [null, null]);
  const again = await ada.postJson('/account/details', { version: Number((await row(site, email)).version), first_name: 'Ada', last_name: 'L' });
  assert.equal(again.status, 200);
});

test('C13: who deletes the last account ends the profile; a venue that deletes one doesn’t', async () => {
  const last = 'last@buyer.example';
  const visitor = await account(site, last);
  await make(visitor, last, { phone: '+33612340009' });
  const mary = await staff(site);
  const id = String((await row(site, last)).customer_id);
  await (await mary.visit(`/manage/customers/${id}/delete`)).submit('Delete the customer', { typed: last });
  assert.equal((await persons(last)).length, 1);
  const back = await account(site, last);
  await open(back, last);
  assert.equal((await profile(back)).state, 'unlinked');
  await back.postJson(`/account/profile/sites/${site.slug}/link`, {});
  assert.equal((await row(site, last)).phone, '+33612340009');
  await (await back.visit('/account/delete')).submit('Delete my account', { Password: password });
  assert.equal((await persons(last)).length, 0);
});
