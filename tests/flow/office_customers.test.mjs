// Customers in the back office: the list with its search (C6), adding one with every refusal beside
// its field (C7), the page to edit (C9) with this site's bookings (C11), two people at once, what
// another site sees of it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ capacity: 100 })] });
const other = await server.createSite({ features });
const desk = await staff(site, await hire(server, site, 'box_office'));
const manager = await staff(site);
const neighbour = await staff(other);

const ada = {
  'First name': 'Ada', 'Last name': 'Lovelace', 'E-mail': 'Ada@Buyer.example', Phone: '06 12 34 56 78',
  Gender: 'female', Country: 'FR', Tags: 'VIP, member , vip',
};
const json = (changes = {}) => ({
  first_name: 'Ana', last_name: 'Díaz', email: 'ana@buyer.example', phone: '+34 612 34 56 78', gender: 'other', country: 'ES', ...changes });
const add = async (who, changes = {}) => (await who.visit('/manage/customers/new')).submit('Save', { ...ada, ...changes });
const names = async (query = '', who = desk) => (await who.getJson(`/manage/customers${query}`)).json.items.map(({ name }) => name);
const count = async (sql) => (await server.sql(`SELECT count(*)::int AS n FROM ${sql}`))[0].n;
const idOf = (page) => page.url.pathname.split('/').pop();
const typed = (page) => Object.fromEntries(page.form('Save').values);
let adaId;

test('C6: the menu leads to the customers; “New customer” in the main colour, form, Save', async () => {
  const today = await desk.visit('/manage');
  const list = await today.click('Customers');
  assert.match(list.words('main'), /No customers yet/);
  const button = list.all('.page__actions a.button').at(-1);
  assert.equal(button.textContent.trim(), 'New customer');
  assert.ok(!button.className.includes('quiet'), 'the main colour');
  const form = await list.click('New customer');
  assert.equal(form.all('#country option[selected]').at(-1).value, 'FR', 'the country of the site is preset');
  const page = await form.submit('Save', ada);
  assert.match(page.url.pathname, /^\/manage\/customers\/\d+$/);
  assert.match(page.words('.notice'), /Ada Lovelace is a customer now/);
  adaId = idOf(page);
  const [row] = await server.sql("SELECT phone, gender, country, made_by, email FROM customer WHERE email_folded = 'ada@buyer.example'");
  assert.deepEqual(row, { phone: '+33612345678', gender: 'female', country: 'FR', made_by: 'staff', email: 'Ada@Buyer.example' });
  assert.match(page.words('.history'), /added the customer/);
  const again = await desk.visit('/manage/customers');
  assert.equal((await again.click('Ada Lovelace')).status, 200);
});

test('C7: all of it is mandatory and checked on the server, each refusal beside its field', async () => {
  const empty = await desk.visit('/manage/customers/new');
  const refused = await empty.submit('Save', { Country: '' });
  assert.equal(refused.status, 422);
  assert.deepEqual(Object.keys(refused.errors), ['first_name', 'last_name', 'gender', 'email', 'phone', 'country']);
  const blanks = await add(desk, { 'First name': ' \u00a0 ', 'E-mail': 'x@buyer.example' });
  assert.deepEqual(Object.keys(blanks.errors), ['first_name']);
  assert.equal(typed(blanks).last_name, 'Lovelace', 'nothing typed is lost');
  assert.equal(typed(blanks).country, 'FR');
  const wrong = {
    email: ['ada@', 'ada'], phone: ['12', '+33 1', 'abc', '+999 12345678'], gender: ['woman'], country: ['XX', 'FRA'], birthdate: ['2026-02-30', '1850-01-01', '2999-01-01'],
    first_name: ['x'.repeat(81)], tags: ['x'.repeat(41), Array.from({ length: 21 }, (_, i) => `t${i}`).join()],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      const answer = await desk.postJson('/manage/customers/new', json({ [field]: value }));
      assert.equal(answer.status, 422, `${field} ${value}`);
      assert.deepEqual(answer.json.errors.map((error) => error.field), [field], `${field} ${value}`);
    }
  }
  assert.equal(await count('customer'), 1);
  // A number without a prefix is of the country that was chosen.
  const spain = await desk.postJson('/manage/customers/new', json({ phone: '612 345 678', first_name: '<b>عمر</b> 🎭' }));
  assert.equal(spain.status, 201, spain.text);
  const [row] = await server.sql("SELECT phone, first_name FROM customer WHERE email = 'ana@buyer.example'");
  assert.deepEqual(row, { phone: '+34612345678', first_name: '<b>عمر</b> 🎭' });
});

test('C7: an address that a customer of the site has already leads to that customer, whatever its case; twice at once makes one', async () => {
  const taken = await add(desk, { 'E-mail': 'ADA@buyer.example' });
  assert.equal(taken.status, 422);
  assert.match(taken.errors.email, /already/);
  assert.equal((await taken.click('Open that customer')).url.pathname, `/manage/customers/${adaId}`);
  const made = await Promise.all(Array.from({ length: 6 }, () => desk.postJson('/manage/customers/new', json({ email: 'twice@buyer.example' }))));
  assert.deepEqual(made.map(({ status }) => status).sort(), [201, 422, 422, 422, 422, 422]);
  assert.equal(await count("customer WHERE email_folded = 'twice@buyer.example'"), 1);
  const page = await desk.visit('/manage/customers/new');
  const form = page.form('Save');
  form.fill({ ...ada, 'E-mail': 'double@buyer.example' });
  const [one, two] = await Promise.all([form.submit({ follow: true }), form.submit({ follow: true })]);
  assert.ok([200, 409].includes(one.status) && [200, 409].includes(two.status), 'a double click');
  assert.equal(await count("customer WHERE email_folded = 'double@buyer.example'"), 1);
  // The same person may be a customer of another venue, which learns nothing by it.
  assert.equal((await neighbour.postJson('/manage/customers/new', json({ email: 'ada@buyer.example' }))).status, 201);
});

test('the search finds by beginnings of names, address and phone, accents or not; filters stand in the address', async () => {
  assert.deepEqual(await names('?q=love'), ['Ada Lovelace', 'Ada Lovelace']);
  assert.equal((await names('?q=ada+love+double')).length, 1, 'each word is a beginning of something');
  assert.deepEqual(await names('?q=ada+love+nobody'), []);
  assert.deepEqual(await names('?q=ada%40buyer'), ['Ada Lovelace']);
  for (const phone of ['+33612345678', '33612', '06 12 34', '0612345678']) {
    assert.deepEqual(await names(`?q=${encodeURIComponent(phone)}&tag=vip`), ['Ada Lovelace', 'Ada Lovelace'], phone);
  }
  assert.deepEqual(await names('?q=diaz&state=no_account'), await names('?q=DÍAZ'));
  assert.deepEqual(await names('?q=%25'), []);
  assert.equal((await names('?tag=vip')).length, 2);
  assert.deepEqual(await names('?tag=nobody'), []);
  assert.deepEqual(await names('?state=account'), []);
  assert.deepEqual(await names('?state=asks'), []);
  assert.deepEqual(await names('?q=ada&state=account'), []);
  assert.equal((await desk.getJson('/manage/customers?state=nonsense')).status, 422);
  assert.equal((await desk.getJson('/manage/customers?after=x')).status, 422);
});

test('C9: the page saves names, phone, gender, country, tags; the history says who did what', async () => {
  const page = await manager.visit(`/manage/customers/${adaId}`);
  assert.equal(typed(page).tags, 'member, VIP');
  const saved = await page.submit('Save', { 'Last name': 'King', Tags: 'member', 'Date of birth (optional)': '1990-12-10' });
  assert.match(saved.words('.notice'), /Saved/);
  assert.equal(saved.words('h1'), 'Ada King');
  assert.match(saved.words('.history'), /changed the profile/);
  assert.deepEqual(await names('?q=king'), ['Ada King']);
  assert.equal((await names('?q=lovelace')).length, 1, 'the former name finds nobody');
  const empty = await saved.submit('Save', { Gender: '' });
  assert.equal(empty.status, 422, 'what is known isn’t forgotten');
  const noted = await saved.submit('Add the note', { 'New note': '<i>Rings the bell</i>' });
  assert.match(noted.words('main'), /<i>Rings the bell<\/i>/);
});

test('two people who edit one customer: the later sees both versions, nothing is lost', async () => {
  const [first, second] = [await desk.visit(`/manage/customers/${adaId}`), await manager.visit(`/manage/customers/${adaId}`)];
  assert.equal((await first.submit('Save', { 'First name': 'Augusta' })).status, 200);
  const late = await second.submit('Save', { 'First name': 'Ada B.' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Augusta/);
  assert.match(late.words('.conflict'), /Ada B\./);
  const decided = await late.submit('Save');
  assert.equal(decided.words('h1'), 'Ada B. King');
  const stale = await desk.postJson(`/manage/customers/${adaId}`, json({ version: 1, email: undefined }));
  assert.equal(stale.status, 409);
  assert.equal(stale.json.current.first_name, 'Ada B.');
});

test('C11: bookings at this site stand on the page; another site’s don’t', async () => {
  const [slot] = await slotsOf(server, site, 'tour');
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 2 });
  await buyer.buy();
  const [{ id }] = await server.sql("SELECT customer_id::text AS id FROM customer JOIN site USING (tenant_id) WHERE slug = $1 AND email_folded = 'ada@buyer.example'", [other.slug]);
  assert.equal((await neighbour.getJson(`/manage/customers/${adaId}`)).status, 404);
  assert.equal((await neighbour.getJson(`/manage/customers/${adaId}/bookings`)).status, 404);
  assert.equal((await neighbour.postJson(`/manage/customers/${adaId}`, json({ version: 1, email: undefined }))).status, 404);
  assert.equal((await neighbour.postJson(`/manage/customers/${adaId}/notes`, { note: 'x' })).status, 404);
  assert.deepEqual(await names('', neighbour), ['Ana Díaz']);
  await server.sql('UPDATE orders SET customer_id = $1 WHERE placed_at IS NOT NULL', [adaId]);
  await server.sql('UPDATE order_line SET customer_id = $1 WHERE placed_at IS NOT NULL', [adaId]);
  const page = await desk.visit(`/manage/customers/${adaId}/bookings`);
  assert.equal(page.status, 200);
  assert.equal((await desk.getJson(`/manage/customers/${adaId}/bookings`)).json.items.length, 1);
  assert.deepEqual((await neighbour.getJson(`/manage/customers/${id}/bookings`)).json.items, []);
});

test('paging goes on where the page before ended', async () => {
  await server.sql(
    `INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, language, created_at)
     SELECT tenant_id, g, 'Paged', g::text, 'p' || g || '@buyer.example', 'p' || g || '@buyer.example', 'en', now()
       FROM site, generate_series(1, 120) g WHERE slug = $1`, [other.slug]);
  const seen = [];
  for (let query = '', pages = 0; query !== null; pages++) {
    assert.ok(pages < 5);
    const { items, next } = (await neighbour.getJson(`/manage/customers${query}`)).json;
    seen.push(...items.map(({ id }) => id));
    query = next ? `?after=${encodeURIComponent(next)}` : null;
  }
  assert.equal(seen.length, 121);
  assert.equal(new Set(seen).size, 121);
});
