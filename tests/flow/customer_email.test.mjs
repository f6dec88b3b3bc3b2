// A customer's address: asked for by the customer (T6), changed by staff (T7).
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
await eventually(async () => (await site.visitor().get('/account/login')).status, 200, 1000);
const desk = await staff(site, await hire(server, site, 'box_office'));
const neighbour = await staff(other);

const customer = site.visitor();
const registered = await customer.postJson('/account/register', { first_name: 'Ada', last_name: 'Lovelace', email: 'Ada@Buyer.example', password: 'analytical engine 1843' });
const id = registered.json.customer_id;
const buyer = new Buyer(site);
buyer.visitor = customer;
await buyer.book('tour', (await slotsOf(server, site, 'tour'))[0], { adult: 1 });
await buyer.buy();
await server.sql('UPDATE customer SET verified_at = now()');
const row = async () => (await server.sql('SELECT email, email_folded, verified_at IS NOT NULL AS verified, version::int FROM customer WHERE customer_id = $1', [id]))[0];
const subjects = async (to) => (await server.mails({ to })).map(({ subject }) => subject);

test('T6: the e-mail is a disabled field; beside it “To change it, ask {venue}” opens a request that staff see', async () => {
  const details = await customer.visit('/account/details');
  assert.ok(details.all('#email')[0].hasAttribute('disabled'));
  const ask = await details.click(`To change it, ask ${site.name}`);
  assert.equal(ask.url.pathname, '/account/email');
  assert.equal((await ask.submit('Ask for it', { 'New e-mail': 'ada@' })).status, 422);
  assert.equal((await ask.submit('Ask for it', { 'New e-mail': 'Ada@Buyer.example' })).status, 422);
  const done = await ask.submit('Ask for it', { 'New e-mail': 'ada@new.example', 'Message (optional)': '<b>New job</b>' });
  assert.match(done.words('.notice'), /has your request/);
  assert.deepEqual((await desk.getJson('/manage/customers?state=asks')).json.items.map((item) => item.id), [id]);
  const page = await desk.visit(`/manage/customers/${id}`);
  assert.match(page.words('main'), /ada@new\.example\s*<b>New job<\/b>/);
  assert.equal((await row()).email, 'Ada@Buyer.example', 'nothing changes by asking');
  for (let i = 0; i < 4; i++) assert.equal((await customer.postJson('/account/email', { new_email: `a${i}@new.example` })).status, 200);
  assert.equal((await customer.postJson('/account/email', { new_email: 'ada@new.example' })).status, 429);
  assert.equal((await site.visitor().postJson('/account/email', { new_email: 'ada@new.example' })).status, 403);
});

test('T6: a forged POST or JSON with another e-mail is refused with 403 and said', async () => {
  const details = await customer.visit('/account/details');
  const forged = await details.form('Update details').forge('email', 'eve@evil.example').submit();
  assert.equal(forged.status, 403);
  assert.match(forged.words('main'), /Ask the venue to change it\. Nothing was saved/);
  const { version } = await row();
  const json = await customer.postJson('/account/details', { version, first_name: 'Ada', last_name: 'Lovelace', email: 'eve@evil.example' });
  assert.equal(json.status, 403);
  assert.equal(json.json.code, 'email_fixed');
  assert.equal((await row()).email, 'Ada@Buyer.example');
});

test('T7: one that another customer has is refused, and leads there; case only is no other address', async () => {
  const made = await desk.postJson('/manage/customers/new', { first_name: 'Eve', last_name: 'Else', email: 'eve@buyer.example', phone: '+33612345678', gender: 'not_stated', country: 'FR' });
  assert.equal(made.status, 201);
  const page = await desk.visit(`/manage/customers/${id}/email`);
  const taken = await page.submit('Change the e-mail', { 'E-mail': 'EVE@buyer.example' });
  assert.equal(taken.status, 422);
  assert.match(taken.errors.email, /already/);
  assert.equal((await taken.click('Open that customer')).words('h1'), 'Eve Else');
  const spelt = await page.submit('Change the e-mail', { 'E-mail': 'ada@buyer.example' });
  assert.match(spelt.words('.notice'), /is changed/);
  const after = await row();
  assert.equal(after.email, 'ada@buyer.example');
  assert.equal(after.verified, true, 'still shown to be theirs');
  assert.equal((await customer.get('/account')).status, 200, 'nobody is logged out');
  assert.equal((await subjects('Ada@Buyer.example')).filter((subject) => /was changed/.test(subject)).length, 0);
});

test('T7: staff change it: bookings stay, sessions end, both addresses are told, the history says who did', async () => {
  const page = await desk.visit(`/manage/customers/${id}/email`);
  const done = await page.submit('Change the e-mail', { 'E-mail': 'ada@third.example' });
  assert.match(done.words('.notice'), /Both addresses are told/);
  assert.match(done.words('.history'), /changed the e-mail/);
  assert.deepEqual({ ...(await row()), version: 0 }, { email: 'ada@third.example', email_folded: 'ada@third.example', verified: false, version: 0 });
  assert.notEqual((await customer.get('/account')).status, 200, 'logged out everywhere');
  assert.match((await subjects('ada@buyer.example')).at(-1), /was changed/);
  const told = (await server.mails({ to: 'ada@third.example' })).at(-1);
  assert.match(told.subject, /is now ada@third\.example/);
  assert.equal((await desk.getJson(`/manage/customers/${id}/bookings`)).json.items.length, 1);
  assert.deepEqual((await desk.getJson('/manage/customers?state=asks')).json.items, [], 'the wish is done');
  assert.deepEqual((await desk.getJson('/manage/customers?q=ada%40third')).json.items.map((item) => item.id), [id]);
  assert.deepEqual((await desk.getJson('/manage/customers?q=ada%40buyer')).json.items, []);
  // With the new address and the password as before, the link of the mail shows that it is theirs.
  const again = site.visitor();
  assert.equal((await again.postJson('/account/login', { email: 'ada@third.example', password: 'analytical engine 1843' })).status, 200);
  const link = new URL(told.text.match(/https?:\S+\/account\/confirm\S+/)[0]);
  const confirmed = await (await again.visit(link.pathname + link.search)).submit('Confirm your e-mail');
  assert.match(confirmed.words('.notice'), /is confirmed/);
  assert.equal((await row()).verified, true);
});

test('T7: the later of two gets both versions; another site finds nobody; one can say no', async () => {
  const [one, two] = [await desk.visit(`/manage/customers/${id}/email`), await desk.visit(`/manage/customers/${id}/email`)];
  await one.submit('Change the e-mail', { 'E-mail': 'ada@fourth.example' });
  const late = await two.submit('Change the e-mail', { 'E-mail': 'ada@fifth.example' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /ada@fourth\.example.*ada@fifth\.example/s);
  for (const path of ['email', 'email/decline']) {
    assert.equal((await neighbour.postJson(`/manage/customers/${id}/${path}`, path === 'email' ? { email: 'x@y.example' } : {})).status, 404);
  }
  assert.equal((await neighbour.getJson(`/manage/customers/${id}/email`)).status, 404);
  await server.sql("INSERT INTO customer_email_wish SELECT tenant_id, customer_id, 'no@way.example', NULL, now() FROM customer WHERE customer_id = $1", [id]);
  const declined = await (await desk.visit(`/manage/customers/${id}/email`)).submit('Decline the request');
  assert.match(declined.words('.notice'), /declined/);
  assert.equal((await row()).email, 'ada@fourth.example');
  assert.equal((await desk.postJson(`/manage/customers/${id}/email/decline`, {})).status, 404, 'twice');
});
