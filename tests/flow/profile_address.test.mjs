// T7, C8a: a verified person changes the e-mail of the profile: a code goes to the new address,
// whosever it is; once it came back all linked venues follow, bookings stay, other sessions end, both
// addresses are told. Nobody learns whether an address has a profile.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, eventually, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { unguarded } from '../lib/races.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const sites = [];
for (let i = 0; i < 3; i++) sites.push(await server.createSite({ features, offers: [tour({ capacity: 50 })] }));
const [site, second, third] = sites;
await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
for (const where of sites) await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 2000);
const password = 'analytical engine 1843';
async function account(where, email, name = 'Ada') {
  const page = await (await where.visitor().visit('/account/register')).submit('Create an account',
    { 'First name': name, 'Last name': 'Lovelace', 'E-mail': email, Password: password });
  const link = new URL((await server.mails({ to: email, subject: 'Your account at' })).at(-1).text.match(/https?:\S+\/account\/\S+/)[0]);
  return (await (await page.visitor.visit(link.pathname + link.search)).submit('Confirm your e-mail')).visitor;
}
const mailCode = async (to, subject) => (await server.mails({ to, subject })).at(-1).subject.match(/\d{6}/)[0];
async function make(visitor, email, phone) {
  await (await visitor.visit('/account/profile')).submit('Send me a code');
  const opened = await (await visitor.visit('/account/profile')).submit('Confirm', { code: await mailCode(email, 'opens your profile') });
  const sent = await opened.submit('Send a code to the phone', { 'First name': 'Ada', 'Last name': 'King', 'Mobile phone': phone, Gender: 'female', Country: 'FR' });
  const text = (await server.mails({ subject: 'Text message' })).filter(({ source }) => source.includes(phone)).at(-1).text.match(/\d{6}/)[0];
  return sent.submit('Confirm', { code: text });
}
const row = async (where, email) => (await server.sql(
  `SELECT c.customer_id::text AS id, c.* FROM customer c JOIN site s USING (tenant_id) WHERE s.slug = $1 AND email_folded = $2`, [where.slug, email]))[0];
const ask = (who, new_email) => who.postJson('/account/profile/address', { new_email });
const prove = (who, address_code) => who.postJson('/account/profile/address/code', { address_code });
const codeOf = (to) => mailCode(to, 'confirms this address');

// Later, so that mails may be sent again.
async function reopen(visitor, email) {
  await server.time('+7200');
  await (await visitor.visit('/account/profile')).submit('Send me a code');
  await (await visitor.visit('/account/profile')).submit('Confirm', { code: await mailCode(email, 'opens your profile') });
}

const old = 'ada@buyer.example', fresh = 'Ada.King@new.example', folded = fresh.toLowerCase();
const ada = await account(site, old);
await account(second, old);
await account(third, old, 'Countess');
await make(ada, old, '+33612345678');
await ada.postJson(`/account/profile/sites/${second.slug}/link`, {});
const before = await row(site, old);
const guest = new Buyer(site);
const [slot] = await slotsOf(server, site, 'tour');
await guest.book('tour', slot, { adult: 1 });
const details = await guest.details({ email: folded });
const [, code] = (details.status === 201 ? details : await guest.pay('pay-at-venue')).json.location.match(/orders\/(\w+)/);

test('T7: nothing changes before the code that was sent to the new address came back', async () => {
  const page = await ada.visit('/account/profile');
  const same = await page.submit('#profile-address form', { 'New e-mail': old });
  assert.deepEqual(Object.keys(same.errors), ['new_email']);
  const sent = await same.submit('#profile-address form', { 'New e-mail': fresh });
  assert.match(sent.words('main'), /on its way to the new address.*mail to Ada\.King@new\.example/s);
  const wrong = await sent.submit('#address-code form', { address_code: '000000' });
  assert.deepEqual([wrong.status, Object.keys(wrong.errors)], [422, ['address_code']]);
  assert.equal((await row(site, old)).id, before.id);
  assert.equal((await server.sql('SELECT email FROM person'))[0].email, old);
});

test('T7: whosever the new address is, the answer is the same; nothing of it is shown', async () => {
  const eve = await account(site, 'eve@buyer.example', 'Eve');
  await make(eve, 'eve@buyer.example', '+33612345699');
  const answers = [];
  for (const address of ['nobody@new.example', 'eve@buyer.example']) {
    const { status, text } = await ask(ada, address);
    answers.push(`${status} ${text}`);
  }
  assert.equal(answers[0], answers[1]);
  const taken = await prove(ada, await codeOf('eve@buyer.example'));
  assert.deepEqual([taken.status, taken.json.errors[0].code], [422, 'taken'], 'said to whoever reads its mail');
  assert.equal((await server.sql('SELECT count(*)::int AS n FROM person WHERE email_folded = $1', [old]))[0].n, 1);
});

test('T7: then all linked venues follow, bookings stay and join, other sessions end, both are told; others keep theirs', async () => {
  const elsewhere = (await (await site.visitor().visit('/account/login')).submit('Log in', { 'E-mail': old, Password: password })).visitor;
  const there = (await (await second.visitor().visit('/account/login')).submit('Log in', { 'E-mail': old, Password: password })).visitor;
  assert.equal((await ask(ada, fresh)).status, 200);
  const done = await (await ada.visit('/account/profile')).submit('#address-code form', { address_code: await codeOf(fresh) });
  assert.match(done.words('.notice'), /Your e-mail is changed/);
  const here = await row(site, folded);
  assert.deepEqual([here.id, here.email, here.person_id], [before.id, fresh, before.person_id ?? here.person_id], 'the same customer, at once');
  await server.jobs();
  assert.equal((await row(second, folded)).email, fresh);
  assert.equal((await row(third, old)).first_name, 'Countess', 'not linked, not told');
  assert.equal((await ada.get('/account')).status, 200, 'who changed it stays');
  assert.equal((await elsewhere.get('/account')).status, 302);
  assert.equal((await there.get('/account')).status, 302);
  const [{ customer_id: whose }] = await server.sql('SELECT customer_id::text FROM orders WHERE code = $1', [code]);
  assert.equal(whose, before.id, 'what was bought as a guest under it is claimed');
  for (const name of [site.name, second.name]) {
    assert.equal((await server.mails({ to: old, subject: `Your e-mail at ${name} was changed` })).length, 1, name);
    assert.equal((await server.mails({ to: fresh, subject: `Your e-mail at ${name} is now` })).length, 1, name);
  }
  assert.equal((await server.mails({ to: old, subject: third.name })).filter(({ subject }) => /changed/.test(subject)).length, 0);
  const audits = await server.sql("SELECT 1 FROM audit WHERE action = 'customer.person_follow'");
  assert.ok(audits.length >= 2);
  const login = (await (await second.visitor().visit('/account/login')).submit('Log in', { 'E-mail': folded, Password: password })).visitor;
  assert.equal((await login.get('/account')).status, 200, 'logs in by the new one');
  assert.equal((await (await staff(second)).getJson('/manage/customers?q=ada.king')).json.items.length, 1, 'found by it');
});

test('T7: a code works once, and five tries are enough', async () => {
  await reopen(ada, fresh);
  assert.equal((await ask(ada, 'third@new.example')).status, 200);
  const good = await codeOf('third@new.example');
  for (let i = 0; i < 5; i++) assert.equal((await prove(ada, '000000')).status, 422);
  assert.equal((await prove(ada, good)).status, 422, 'tried too often');
  assert.equal((await row(site, folded)).email, fresh);
  const used = await prove(ada, await codeOf(fresh));
  assert.equal(used.status, 422);
});

test('T7: without the profile open in this browser, or not linked here, it is a 403', async () => {
  const closed = (await (await second.visitor().visit('/account/login')).submit('Log in', { 'E-mail': folded, Password: password })).visitor;
  for (const answer of [await ask(closed, 'x@new.example'), await prove(closed, '123456')]) assert.deepEqual([answer.status, answer.json.code], [403, 'prove_email']);
  const alone = await account(third, 'alone@buyer.example');
  assert.equal((await ask(alone, 'x@new.example')).status, 403);
});

test('T7: a venue where another profile still has the address follows later, and drops nobody; control: without the guard it would', async () => {
  const [victim] = await server.sql(`SELECT tenant_id, customer_id FROM customer WHERE email_folded = 'eve@buyer.example' AND person_id IS NOT NULL`);
  const address = 'contested@new.example';
  // This venue hasn't heard yet that Eve left the address.
  await server.sql('UPDATE customer SET email = $3, email_folded = $3 WHERE tenant_id = $1 AND customer_id = $2', [victim.tenant_id, victim.customer_id, address]);
  const stays = async () => (await server.sql('SELECT 1 FROM customer WHERE tenant_id = $1 AND customer_id = $2', [victim.tenant_id, victim.customer_id])).length;
  await reopen(ada, fresh);
  await ask(ada, address);
  assert.equal((await prove(ada, await codeOf(address))).status, 200);
  assert.equal(await stays(), 1);
  assert.equal((await row(site, folded)).id, before.id, 'not yet');
  await unguarded(server, () => server.jobs());
  assert.equal(await stays(), 0);
});
