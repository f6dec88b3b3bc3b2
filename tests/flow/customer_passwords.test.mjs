// Customers' passwords (U15): those known of leaks are refused, for staff too; composed and never
// cut; forgotten ones replaced by a code. Tries are limited by account and by where they come from,
// and the work done tells nobody who has an account. On a shared computer: "Not you?" (U13).
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
for (const where of [site, other]) {
  const channel = await (await (await staff(where)).visit('/manage/channels')).click('Web');
  await channel.submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200, 1000);
}
const password = 'analytical engine 1843';
const register = (email, chosen = password, visitor = site.visitor()) =>
  visitor.postJson('/account/register', { first_name: 'Ada', last_name: 'Lovelace', email, password: chosen });
const logIn = (email, typed, visitor = site.visitor()) => visitor.postJson('/account/login', { email, password: typed });
const codes = ({ json }) => json.errors.map(({ field, code }) => `${field} ${code}`);

test('U15: a password known of leaks is refused, with what to do, and nothing is made', async () => {
  for (const leaked of ['1q2w3e4r5t', 'MANCHESTER', 'b4sk3tb4ll', 'michelle123', 'hunter2hunter2']) {
    const page = await register('leak@buyer.example', leaked);
    assert.equal(page.status, 422, leaked);
    assert.deepEqual(codes(page), ['password password_leaked'], leaked);
  }
  assert.deepEqual(await server.sql("SELECT 1 FROM customer WHERE email_folded = 'leak@buyer.example'"), []);
  const page = await (await site.visitor().visit('/fr/account/register')).submit('Créer un compte', {
    Prénom: 'Ada', Nom: 'Lovelace', 'Adresse e-mail': 'leak@buyer.example', 'Mot de passe': 'manchester' });
  assert.match(page.errors.password, /listes de mots de passe volés.*Choisissez-en un autre/);
});

test('U15: so is one that staff choose, at sign-up and later', async () => {
  const signup = await (await server.visitor().visit('/signup')).submit('Open the storefront', {
    'Your e-mail': 'own@venue.example', Password: 'manchester' });
  assert.equal(signup.status, 422);
  assert.match(signup.errors.password, /lists of stolen passwords/);
  const mary = await staff(site);
  const page = await mary.postJson('/manage/account/password', { current: 'whatever it is', password: 'manchester' }, { described: false });
  assert.deepEqual(codes(page).filter((text) => text.startsWith('password ')), ['password password_leaked']);
});

test('U15: the same keys make the same password on every device, and none of it is cut', async () => {
  assert.equal((await register('nfc@buyer.example', 'ñandú café y ombú'.normalize('NFD'))).status, 200);
  assert.equal((await logIn('nfc@buyer.example', 'ñandú café y ombú'.normalize('NFC'))).status, 200);
  const emoji = '🎾🏓🏸🥎🏐🎳🥊🛹'.repeat(25);
  assert.equal([...emoji].length, 200);
  assert.equal((await register('long@buyer.example', emoji)).status, 200);
  assert.equal((await logIn('long@buyer.example', emoji)).status, 200);
  assert.deepEqual(codes(await logIn('long@buyer.example', `${[...emoji].slice(0, 199).join('')}🎾`)), ['password login_wrong']);
  assert.equal((await register('short@buyer.example', 'tMq8#vLx2')).status, 422);
  assert.equal((await register('longer@buyer.example', `${emoji}a`)).status, 422, 'said, not cut');
});

test('U15: forgotten: a code by mail, a new password without the old one, logged out elsewhere', async () => {
  const elsewhere = site.visitor();
  await register('forgot@buyer.example', password, elsewhere);
  const visitor = site.visitor();
  const asked = await (await visitor.visit('/account/login')).submit('Send me a code instead', { 'E-mail': 'forgot@buyer.example' });
  const [code] = (await server.mails({ to: 'forgot@buyer.example' })).map(({ subject }) => subject.match(/\d{6}/)?.[0]).filter(Boolean);
  await asked.submit('Log in', { code });
  const security = await visitor.visit('/account/security');
  assert.equal(security.all('#current').length, 0);
  const saved = await security.submit('Change the password', { 'New password': 'lighthouse at noon' });
  assert.match(saved.words('.notice'), /new password holds/);
  assert.equal((await elsewhere.get('/account')).status, 302);
  assert.equal((await logIn('forgot@buyer.example', password)).status, 422);
  assert.equal((await logIn('forgot@buyer.example', 'lighthouse at noon')).status, 200);
});

test('U15: whoever has an account or not, the same work is done and the same is said', async () => {
  const hashes = async () => Number((await server.visitor().get('/metrics')).text.match(/^vitrine_password_hashes_total (\d+)$/m)[1]);
  const work = async (act) => {
    const before = await hashes();
    const page = await act();
    return { hashes: (await hashes()) - before, status: page.status, said: page.json.errors?.map(({ text }) => text) };
  };
  await register('known@buyer.example');
  await register('both@buyer.example');
  await server.sql("UPDATE customer SET verified_at = now() WHERE email_folded = 'both@buyer.example'");
  await register('both@buyer.example', 'another long evening');
  await register('none@buyer.example');
  await server.sql("UPDATE customer SET password_hash = NULL WHERE email_folded = 'none@buyer.example'");
  const unknown = await work(() => logIn('nobody@buyer.example', 'not this one at all'));
  assert.deepEqual(unknown, { hashes: 2, status: 422, said: unknown.said });
  for (const email of ['known@buyer.example', 'both@buyer.example', 'none@buyer.example']) {
    assert.deepEqual(await work(() => logIn(email, 'not this one at all')), unknown, email);
  }
  assert.equal((await work(() => logIn('known@buyer.example', password))).hashes, 2, 'nor does a right one');
  for (const email of ['fresh@buyer.example', 'known@buyer.example']) {
    assert.deepEqual(await work(() => register(email)), { hashes: 1, status: 200, said: undefined }, email);
  }
  const ask = (email) => work(async () => site.visitor().postJson('/account/login/mail', { email }));
  assert.deepEqual(await ask('known@buyer.example'), await ask('nobody@buyer.example'));
});

test('U15: eight tries an account, whether there is one or not; others go on; it ends after a quarter of an hour', async () => {
  await register('tried@buyer.example');
  for (const email of ['tried@buyer.example', 'untried@buyer.example']) {
    for (let i = 0; i < 8; i++) assert.equal((await logIn(email, 'not this one at all')).status, 422);
    const page = await logIn(email, password);
    assert.equal(page.status, 429, email);
    assert.ok(Number(page.headers['retry-after']) > 0);
  }
  assert.equal((await logIn('known@buyer.example', password)).status, 200);
  assert.equal((await logIn('tried@buyer.example', password, other.visitor())).status, 422, 'another site counts for itself');
  await server.control('time +901');
  assert.equal((await logIn('tried@buyer.example', password)).status, 200);
  await server.control('time real');
});

test('U15: an open browser is no place to guess: password, deletion and proof wait, said beside the field', async () => {
  const guesses = {
    '/account/security': ['Change the password', 'current', { 'Password now': 'not this one at all', 'New password': 'lighthouse at noon' }],
    '/account/delete': ['Delete my account', 'password', { Password: 'not this one at all' }],
  };
  for (const [path, [button, field, typed]] of Object.entries(guesses)) {
    const visitor = site.visitor();
    const email = `open${path.replaceAll('/', '-')}@buyer.example`;
    await register(email, password, visitor);
    let page = await visitor.visit(path);
    for (let i = 0; i < 8; i++) {
      page = await page.submit(button, typed);
      assert.equal(page.status, 422, path);
    }
    page = await page.submit(button, typed);
    assert.equal(page.status, 429, path);
    assert.ok(Number(page.headers['retry-after']) > 0);
    assert.match(page.errors[field], /Too many tries.*minutes?/, path);
    assert.equal((await logIn(email, password)).status, 200, 'the account is there');
  }
});

test('U13: “Not you?” gives a shared computer to the next one: the basket stays, nothing else', async () => {
  const [slot] = await slotsOf(server, other, 'tour');
  const buyer = new Buyer(other);
  const { visitor } = buyer;
  await register('ada@buyer.example', password, visitor);
  await buyer.book('tour', slot, { adult: 1 });
  const pay = await visitor.visit('/checkout');
  assert.match(pay.words('.not-you'), /You are buying as Ada Lovelace/);
  const before = visitor.cookies().get('__Host-vt').value;
  const next = await pay.submit('Not you?');
  assert.equal(next.url.pathname, '/checkout/who');
  assert.doesNotMatch(next.text, /Ada|ada@buyer/);
  const guest = await next.click('Continue as guest');
  assert.doesNotMatch(guest.text, /Ada|ada@buyer/);
  assert.equal(guest.document.querySelector('#name').getAttribute('value') ?? '', '');
  assert.match((await visitor.visit('/basket')).words('main'), /Tour/);
  assert.equal((await visitor.get('/account')).status, 302);
  assert.deepEqual(await server.sql("SELECT 1 FROM orders WHERE placed_at IS NULL AND (name IS NOT NULL OR email IS NOT NULL OR customer_id IS NOT NULL)"), []);
  const old = other.visitor();
  old.cookies().set('__Host-vt', { value: before });
  assert.equal((await old.get('/account')).status, 302, 'the old cookie opens nothing');
  assert.equal((await site.visitor().postJson('/account/leave', {})).status, 200, 'nobody is in: nothing happens');
});

test('U13: one of several devices is logged out, or all others; another customer’s never', async () => {
  const [here, there, third, eve] = [0, 1, 2, 3].map(() => site.visitor());
  await register('devices@buyer.example', password, here);
  for (const visitor of [there, third]) assert.equal((await logIn('devices@buyer.example', password, visitor)).status, 200);
  await register('eve@buyer.example', password, eve);
  const sessions = await server.sql("SELECT s.session_id FROM session s JOIN customer c USING (tenant_id, customer_id) WHERE c.email_folded = 'devices@buyer.example' ORDER BY s.created_at");
  const isIn = async (visitor) => (await visitor.get('/account')).status === 200;
  await eve.postJson(`/account/sessions/${sessions[1].session_id}/end`, {});
  assert.equal(await isIn(there), true);
  await here.postJson(`/account/sessions/${sessions[1].session_id}/end`, {});
  assert.deepEqual([await isIn(here), await isIn(there), await isIn(third)], [true, false, true]);
  await here.postJson('/account/sessions/end', {});
  assert.deepEqual([await isIn(here), await isIn(third), await isIn(eve)], [true, false, true]);
});
