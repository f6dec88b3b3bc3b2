// Customers and their accounts: registering and logging in by password or by a code sent by mail,
// with nothing that tells whether an address has an account (U7, U9, U15); the account's pages
// (T1, T4–T6, T10–T14, T36), guest orders that join it (T11), sessions (U13).
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const slots = await slotsOf(server, site, 'tour');

async function setRegistration(where, words) {
  const mary = await staff(where);
  const channels = await mary.visit('/manage/channels');
  const page = await channels.click('Web');
  const saved = await page.submit('Save', { 'User registration': words });
  assert.match(saved.words('.notice'), /Saved/);
}
for (const where of [site, other]) await setRegistration(where, 'Guest and login purchases');
await eventually(async () => (await site.visitor().get('/account/login')).status, 200, 1000);
await eventually(async () => (await other.visitor().get('/account/login')).status, 200, 1000);

const ada = { 'First name': 'Ada', 'Last name': 'Lovelace', 'E-mail': 'Ada@Buyer.example', Password: 'analytical engine 1843' };
const register = async (where, changes = {}, visitor = where.visitor()) =>
  (await visitor.visit('/account/register')).submit('Create an account', { ...ada, ...changes });
const logIn = async (where, email, password, visitor = where.visitor()) =>
  (await visitor.visit('/account/login')).submit('Log in', { 'E-mail': email, Password: password });
const mailsTo = (address) => server.mails({ to: address });
const linkIn = (mail) => new URL(mail.text.match(/https?:\S+\/account\/\S+/)[0]);
const codeFor = async (to) => (await server.mail({ to, subject: 'is your code' })).subject.match(/\d{6}/)[0];

test('T1, U7, U9: registering logs in, opens the account, and sends a mail with a link', async () => {
  const page = await register(site);
  assert.equal(page.url.pathname, '/account');
  assert.match(page.words('h1'), /Hello, Ada/);
  assert.match(page.words('.notice'), /Ada@Buyer\.example/);
  const [mail] = await mailsTo('Ada@Buyer.example');
  assert.match(mail.subject, /^Your account at House of/);
  const confirm = await page.visitor.visit(linkIn(mail).pathname + linkIn(mail).search);
  const done = await confirm.submit('Confirm your e-mail');
  assert.match(done.words('.notice'), /is confirmed/);
  assert.equal((await server.sql("SELECT 1 FROM customer WHERE email_folded = 'ada@buyer.example' AND verified_at IS NOT NULL")).length, 1);
});

test('U15: proving who it is without a password typed says so, and isn’t counted as a try', async () => {
  const visitor = site.visitor();
  await register(site, { 'E-mail': 'grace@buyer.example' }, visitor);
  for (let i = 0; i < 12; i++) {
    const asked = await visitor.postJson('/account/prove', {});
    assert.equal(asked.status, 422, asked.text);
    assert.deepEqual(asked.json.errors.map(({ field, code }) => [field, code]), [['current', 'required']]);
  }
  assert.equal((await visitor.postJson('/account/prove', { current: ada.Password })).status, 200);
});

test('U7: an address that has an account gets the same answer, and a mail that says so', async () => {
  const fresh = await register(site, { 'E-mail': 'new@buyer.example', 'First name': 'Eve' });
  const again = await register(site, { 'E-mail': 'ada@buyer.example', 'First name': 'Eve' });
  const shape = (page) => page.text.replaceAll(/new@buyer|ada@buyer/g, 'x@buyer').replaceAll(/value="[\w-]{43}"/g, '').replaceAll(/[0-9A-Z]{4}-[0-9A-Z]{4}/g, '');
  assert.equal(fresh.status, again.status);
  assert.equal(shape(fresh), shape(again));
  const mails = await mailsTo('ada@buyer.example');
  assert.match(mails.at(-1).subject, /already have an account/);
  // Either way the password that was just chosen lets its owner back in, to what it made.
  for (const email of ['new@buyer.example', 'ada@buyer.example']) {
    const page = await logIn(site, email, ada.Password);
    assert.equal(page.url.pathname, '/account');
  }
  // The link in that mail is for who registered; the one whose address it is has nothing to fear.
  const victim = await logIn(site, 'Ada@Buyer.example', ada.Password);
  assert.match(victim.words('h1'), /Hello, Ada/, 'who showed that the address is theirs comes first');
});

test('U15: a wrong password and an unknown address are answered alike', async () => {
  const wrong = await logIn(site, 'ada@buyer.example', 'not the password');
  const unknown = await logIn(site, 'nobody@buyer.example', 'not the password');
  assert.deepEqual([wrong.status, wrong.errors], [unknown.status, unknown.errors]);
  assert.match(wrong.errors.password, /don’t go together/);
});

test('U15: a code by mail logs in, once, in the browser that asked', async () => {
  const visitor = site.visitor();
  const asked = await (await visitor.visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'ADA@buyer.example' });
  assert.match(asked.words('.entry'), /If there is an account/);
  const code = await codeFor('ADA@buyer.example');
  const elsewhere = site.visitor();
  const path = asked.url.pathname + asked.url.search;
  assert.match((await elsewhere.visit(path)).words('h1'), /is over/, 'another browser has nothing to type into');
  const wrong = await asked.submit('Log in', { code: code === '000000' ? '111111' : '000000' });
  assert.equal(wrong.status, 422);
  const inside = await wrong.submit('Log in', { code: ` ${code.slice(0, 3)} ${code.slice(3)}` });
  assert.equal(inside.url.pathname, '/account');
  const twice = await asked.submit('Log in', { code });
  assert.equal(twice.url.pathname, '/account', 'a double click');
  await inside.submit('Log out');
  assert.equal((await asked.submit('Log in', { code })).status, 410);
});

test('U15: the link of the mail logs in the browser that asked; another one needs the code with it', async () => {
  const visitor = site.visitor();
  await (await visitor.visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'ada@buyer.example' });
  const mail = (await mailsTo('ada@buyer.example')).at(-1);
  const path = linkIn(mail).pathname + linkIn(mail).search;
  const phone = await site.visitor().visit(path);
  assert.equal(phone.all('input[name=code]').length, 1);
  assert.equal((await phone.submit('Log in', { code: '' })).status, 422);
  const same = await visitor.visit(path);
  assert.equal(same.all('input[name=code]').length, 0);
  assert.equal((await same.submit('Log in')).url.pathname, '/account');
});

test('U15: five wrong codes end it, ten minutes end it, an unknown address gets the same page and no mail', async () => {
  const visitor = site.visitor();
  let page = await (await visitor.visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'nobody@buyer.example' });
  assert.match(page.words('.entry'), /If there is an account/);
  assert.deepEqual(await mailsTo('nobody@buyer.example'), []);
  for (let i = 0; i < 5; i++) page = await page.submit('Log in', { code: '123456' });
  assert.equal((await page.submit('Log in', { code: '123456' })).status, 410);
  const late = await (await site.visitor().visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'new@buyer.example' });
  const code = await codeFor('new@buyer.example');
  await server.control('time +601');
  assert.equal((await late.submit('Log in', { code })).status, 410);
  await server.control('time real');
});

test('who shows that an address is theirs gets rid of what somebody else set up with it', async () => {
  const squatter = await register(site, { 'E-mail': 'vic@buyer.example', 'First name': 'Mallory' });
  assert.equal(squatter.url.pathname, '/account');
  const visitor = site.visitor();
  const asked = await (await visitor.visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'vic@buyer.example' });
  const inside = await asked.submit('Log in', { code: await codeFor('vic@buyer.example') });
  assert.equal(inside.url.pathname, '/account');
  assert.equal((await squatter.visitor.get('/account')).status, 302, 'logged out');
  assert.equal((await logIn(site, 'vic@buyer.example', ada.Password)).status, 422, 'the password is gone');
  const set = await (await visitor.visit('/account/security')).submit('Change the password', { 'New password': 'a quite new secret 77' });
  assert.match(set.words('.notice'), /new password holds/);
  assert.equal((await logIn(site, 'vic@buyer.example', 'a quite new secret 77')).url.pathname, '/account');
});

test('T11: what a guest bought joins the account once the address is shown to be theirs, and not before', async () => {
  const guest = new Buyer(site);
  await guest.book('tour', slots[2], { adult: 2 });
  await guest.details({ email: 'Gus@buyer.example', name: 'Gus Guest' });
  const paid = await guest.pay('pay-at-venue');
  assert.equal(paid.status, 201, paid.text);
  const page = await register(site, { 'E-mail': 'gus@buyer.example', 'First name': 'Gus' });
  assert.match(page.words('main'), /Nothing booked yet/);
  const link = linkIn((await mailsTo('gus@buyer.example')).at(-1));
  const done = await (await page.visitor.visit(link.pathname + link.search)).submit('Confirm your e-mail');
  assert.match(done.words('.bookeds'), /Tour .* 2 × Adult · €24\.00/);
  const { json } = await page.visitor.getJson('/account/orders');
  assert.equal(json.items.length, 1);
  assert.equal(json.next, null);
});

test('T10–T12: upcoming until it ends, previous from then on; others find nothing', async () => {
  const page = await logIn(site, 'gus@buyer.example', ada.Password);
  const { visitor } = page;
  const [line] = (await visitor.getJson('/account/orders')).json.items;
  const order = await (await visitor.visit('/account/orders')).click('View and manage order');
  assert.equal(order.status, 200);
  assert.match(order.words('.order__code'), new RegExp(line.code));
  const ends = new Date(slots[2].starts_at).getTime() + 3_600_000;
  await server.control(`time set ${new Date(ends - 1000).toISOString()}`);
  assert.equal((await visitor.getJson('/account/orders')).json.items.length, 1, 'on now');
  await server.control(`time set ${new Date(ends).toISOString()}`);
  assert.equal((await visitor.getJson('/account/orders')).json.items.length, 0);
  assert.equal((await visitor.getJson('/account/orders/previous')).json.items.length, 1);
  await server.control('time real');
  const ann = await logIn(site, 'new@buyer.example', ada.Password);
  assert.equal((await ann.visitor.get(`/orders/${line.code}`)).status, 404, 'somebody else');
  assert.equal((await site.visitor().get(`/orders/${line.code}`)).status, 404, 'nobody');
});

test('T1: another site knows nothing of the session, the account or the password', async () => {
  const page = await logIn(site, 'gus@buyer.example', ada.Password);
  const there = other.visitor();
  for (const [name, cookie] of page.visitor.cookies()) there.cookies().set(name, cookie);
  assert.equal((await there.get('/account')).status, 302);
  assert.equal((await logIn(other, 'gus@buyer.example', ada.Password)).status, 422);
  const asked = await site.visitor().get('/account/orders?after=1-2');
  assert.equal(asked.headers.location, '/account/login?next=%2Faccount%2Forders%3Fafter%3D1-2');
});

test('T4–T6: details are saved, refused beside the field; the e-mail is not to be forged', async () => {
  const page = await logIn(site, 'gus@buyer.example', ada.Password);
  const { visitor } = page;
  const details = await visitor.visit('/account/details');
  assert.equal(details.document.querySelector('#email').hasAttribute('disabled'), true);
  const stalePage = await visitor.visit('/account/details');
  const wrong = await details.submit('Update details', { 'First name': '<b>ألف 🎾', Phone: '06 12 34 5' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.phone, /no such number/);
  assert.equal(wrong.document.querySelector('#first_name').getAttribute('value'), '<b>ألف 🎾');
  const saved = await wrong.submit('Update details', { 'First name': '<b>ألف 🎾', Phone: '06 12 34 56 78' });
  assert.match(saved.words('.notice'), /details are saved/);
  assert.match(saved.text, /&lt;b&gt;ألف 🎾/);
  assert.deepEqual(await server.sql("SELECT phone FROM customer WHERE email_folded = 'gus@buyer.example' AND verified_at IS NOT NULL"), [{ phone: '+33612345678' }]);
  const stale = await stalePage.submit('Update details', { 'First name': 'Old tab' });
  assert.equal(stale.status, 422);
  assert.match(stale.errors.first_name, /another window/);
  for (const send of [
    () => details.form('Update details').forge('email', 'other@buyer.example').submit(),
    () => visitor.postJson('/account/details', { version: 2, first_name: 'G', last_name: 'G', email: 'other@buyer.example' }),
  ]) {
    const forged = await send();
    assert.equal(forged.status, 403);
    assert.match(forged.text, /Nothing was saved|can’t be changed here/);
  }
  assert.deepEqual(await server.sql("SELECT 1 FROM customer WHERE email_folded = 'other@buyer.example'"), []);
});

test('U13: the login outlives the browser for 90 days of use, or ends with it; sessions can be ended', async () => {
  const page = await logIn(site, 'gus@buyer.example', ada.Password);
  const cookie = page.visitor.cookies().get('__Host-vt');
  assert.equal(cookie.attributes.get('max-age'), '7776000');
  await server.control(`time +${80 * 86400}`);
  assert.equal((await page.visitor.get('/account')).status, 200);
  await server.control(`time +${80 * 86400}`);
  assert.equal((await page.visitor.get('/account')).status, 200, 'it slides');
  await server.control('time real');
  const library = await (await site.visitor().visit('/account/login')).submit('Log in', {
    'E-mail': 'gus@buyer.example', Password: ada.Password, 'Stay logged in on this device': false });
  assert.equal(library.visitor.cookies().get('__Host-vt').attributes.has('max-age'), false);
  const security = await page.visitor.visit('/account/security');
  await security.submit('Log out everywhere else');
  assert.equal((await library.visitor.get('/account')).status, 302);
  assert.equal((await page.visitor.get('/account')).status, 200);
});

test('T36: logging out is a POST, and what the account showed isn’t kept', async () => {
  const page = await logIn(site, 'gus@buyer.example', ada.Password);
  assert.match((await page.visitor.get('/account')).headers['cache-control'], /no-store/);
  assert.equal((await page.visitor.get('/account/logout')).status, 405);
  const out = await page.submit('Log out');
  assert.equal(out.url.pathname, '/');
  assert.equal((await page.visitor.get('/account')).status, 302);
});

test('the way back leads to this site only', async () => {
  for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '/account/login']) {
    const page = await (await site.visitor().visit(`/account/login?next=${encodeURIComponent(next)}`))
      .form('Log in', { 'E-mail': 'gus@buyer.example', Password: ada.Password }).forge('next', next).submit();
    assert.equal(page.headers.location, '/account', next);
  }
});
