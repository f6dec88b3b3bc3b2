// The office's orders: the list with search, filters and paging, as a page and as JSON; the page of
// one order with notes, mails, no-shows and history; a booking by staff; all of it kept apart from
// the neighbour's.
import assert from 'node:assert/strict';
import test, { before, beforeEach } from 'node:test';
import { addSlots, Buyer, checkInvariants, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const features = { 'sandbox-pay': {}, 'pay-at-venue': {} };
const site = await server.createSite({ features, offers: [tour({ schedule: [] }), court()] });
const other = await server.createSite({ features, offers: [tour({ schedule: [] })] });
const people = [['José O’Brien', 'jose@music.example'], ['Anna Lee', 'anna@music.example'], ['Åsa Lindqvist', 'asa@north.example']];
const orders = [];
let desk, neighbour;

async function office({ site: where = site, email = where.manager.email, language } = {}) {
  const visitor = where.visitor({ language });
  const page = await visitor.post('/manage/login', { form: { email, password: where.manager.password } });
  assert.equal(page.status, 303, page.text);
  return visitor;
}

async function buy(where, [name, email], pay = 'venue', hours = 72) {
  const at = new Date(Date.now() + hours * 3_600_000 + orders.length * 60_000).toISOString();
  const [slot] = await addSlots(server, where.slug, 'tour', [at]);
  const buyer = new Buyer(where);
  assert.equal((await buyer.book('tour', slot, { adult: 2 })).status, 201);
  buyer.details = (changes) => Buyer.prototype.details.call(buyer, { name, email, ...changes });
  buyer.path = pay === 'card' ? await buyer.buyByCard() : await buyer.buy();
  buyer.code = buyer.path.match(/orders\/(\w+)/)[1];
  buyer.slot = slot;
  return buyer;
}

before(async () => {
  for (const [i, person] of people.entries()) orders.push(await buy(site, person, i === 1 ? 'card' : 'venue'));
  await buy(other, ['José Neighbour', 'jose@music.example']);
  desk = await office();
  neighbour = await office({ site: other });
});
beforeEach(() => server.time('real'));

const codes = async (query, visitor = desk) => {
  const page = await visitor.getJson(`/manage/orders${query}`);
  assert.equal(page.status, 200, page.text);
  return page.json.items.map(({ code }) => code);
};
const [first, second, third] = [() => orders[0].code, () => orders[1].code, () => orders[2].code];

test('the list: newest first, each with who, what, when, how much', async () => {
  assert.deepEqual(await codes(''), [third(), second(), first()]);
  const page = await desk.visit('/manage/orders');
  const row = page.all('tbody tr')[1];
  assert.match(row.textContent, new RegExp(`${second()}\\s*Anna Lee\\s*anna@music.example`));
  assert.match(row.textContent, /Tour/);
  assert.match(row.textContent, /Confirmed/);
  assert.match(row.textContent, /€24\.00/);
  const [item] = (await desk.getJson('/manage/orders')).json.items;
  assert.deepEqual([item.due.minor, item.worth.minor, item.channel, item.places], [2400, 2400, 'web', 2]);
});

test('search: by code in any spelling, by any word of the name without accents, by e-mail, by several words', async () => {
  const spaced = `${first().slice(0, 4)} ${first().slice(4)}`.toLowerCase();
  assert.deepEqual(await codes(`?q=${first()}`), [first()]);
  if (/\d/.test(first())) assert.deepEqual(await codes(`?q=${encodeURIComponent(spaced)}`), [first()]);
  assert.deepEqual(await codes(`?q=${first().slice(0, 5)}`), [first()]);
  assert.deepEqual(await codes('?q=jose'), [first()]);
  assert.deepEqual(await codes('?q=JOS'), [first()]);
  for (const name of ['o’brien', "O'Bri", 'obrien']) {
    assert.deepEqual(await codes(`?q=${encodeURIComponent(name)}`), [first()], name);
  }
  assert.deepEqual(await codes('?q=asa+lind'), [third()]);
  assert.deepEqual(await codes('?q=anna@mus'), [second()]);
  assert.deepEqual(await codes('?q=jose+lind'), []);
  assert.deepEqual(await codes('?q=nobody'), []);
  assert.deepEqual(await codes('?q=%25'), []);
  const none = await desk.visit('/manage/orders?q=nobody');
  assert.match(none.words('main'), /Nothing/);
});

test('filters stand in the address, fit together, and are refused when they are wrong', async () => {
  const page = await desk.visit('/manage/orders');
  const chosen = await page.submit('Show', { State: 'due' }).catch(() => page.form('form.filters', { state: 'due' }).submit({ follow: true }));
  assert.match(chosen.url.search, /state=due/);
  assert.deepEqual(await codes('?state=due'), [third(), first()]);
  assert.deepEqual(await codes('?state=due&q=jose'), [first()]);
  assert.deepEqual(await codes('?state=cancelled'), []);
  assert.deepEqual(await codes('?state=refunding'), []);
  assert.deepEqual(await codes('?state=no_show'), []);
  assert.equal((await codes('?state=confirmed')).length, 3);
  const ids = await server.sql(
    `SELECT o.slug, o.offer_id::text AS id FROM offer o JOIN site USING (tenant_id) WHERE site.slug = $1`, [site.slug]);
  const offer = (slug) => ids.find((row) => row.slug === slug).id;
  assert.equal((await codes(`?offer=${offer('tour')}`)).length, 3);
  assert.deepEqual(await codes(`?offer=${offer('court')}`), []);
  assert.deepEqual(await codes(`?slot=${orders[1].slot}`), [second()]);
  assert.deepEqual(await codes('?offer=1'), []);
  assert.equal((await desk.getJson('/manage/orders?offer=x')).status, 422);
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(new Date());
  assert.equal((await codes(`?from=${today}&to=${today}`)).length, 3);
  assert.deepEqual(await codes('?to=2020-01-01'), []);
  const channels = await server.sql(
    `SELECT channel.kind, channel_id::text AS id FROM channel JOIN site USING (tenant_id) WHERE slug = $1`, [site.slug]);
  for (const { kind, id } of channels) {
    assert.equal((await codes(`?channel=${id}`)).length, kind === 'web' ? 3 : 0, kind);
  }
  assert.equal((await desk.getJson('/manage/orders?state=nonsense')).status, 422);
});

test('paging goes on where the page before ended, whatever is placed meanwhile', async () => {
  const [{ tenant_id: tenant, channel_id: channel }] = await server.sql(
    `SELECT tenant_id, channel_id FROM channel JOIN site USING (tenant_id) WHERE slug = $1 AND channel.kind = 'web'`, [other.slug]);
  await server.sql(
    `INSERT INTO orders (tenant_id, code, channel_id, language, currency, created_at, placed_at, hold_started_at, hold_until, name)
     SELECT $1, 'P' || lpad(g::text, 7, '0'), $2, 'en', 'EUR', now(), now() - g % 7 * interval '1 hour', now(), now(), 'Paged'
       FROM generate_series(1, 120) g`, [tenant, channel]);
  const seen = [];
  for (let query = '?from=2020-01-01', pages = 0; query; pages++) {
    assert.ok(pages < 5);
    const { items, next } = (await neighbour.getJson(`/manage/orders${query}`)).json;
    seen.push(...items.map(({ code }) => code));
    query = next && `?from=2020-01-01&after=${encodeURIComponent(next)}`;
  }
  assert.equal(seen.length, 121);
  assert.equal(new Set(seen).size, 121);
  const page = await neighbour.visit('/manage/orders');
  const more = await page.click('Next');
  assert.equal(more.all('tbody tr').length, 50);
  assert.equal((await neighbour.visit('/manage/orders?after=x~y')).all('tbody tr').length, 50, 'a person is shown the beginning');
});

test('nothing of the neighbour: not in the list, not by search, not by address', async () => {
  assert.ok(!(await codes('?q=jose', neighbour)).includes(first()));
  for (const path of ['', '/cancel']) assert.equal((await neighbour.get(`/manage/orders/${first()}${path}`)).status, 404);
  const headers = { origin: neighbour.origin };
  for (const [path, form] of [['/notes', { note: 'x' }], ['/mails', {}], ['/refunds', { version: '2', amount: '1' }], ['/cancel', { version: '2', back_minor: '0' }]]) {
    const page = await neighbour.postJson(`/manage/orders/${first()}${path}`, {}, { headers });
    assert.ok([404, 422].includes(page.status), `${path} ${page.status}`);
  }
  assert.equal((await site.visitor().get(`/manage/orders/${first()}`)).status, 302);
});

test('the order’s page: lines, payments, tickets, mails, and the customer’s own page', async () => {
  await server.jobs();
  const page = await desk.visit(`/manage/orders/${second()}`);
  const words = page.words('main');
  for (const part of [/Tour2 × Adult/, /Card.*Paid €24\.00/, /Anna Lee/, /anna@music\.example/, /Your booking at/, /sent/]) assert.match(words, part);
  assert.equal(page.all('.plain-list li').length, 2);
  assert.equal((await page.click('Customer’s page')).status, 200);
  const { json } = await desk.getJson(`/manage/orders/${second()}`);
  assert.equal(json.order.lines[0].quantity, 2);
  assert.equal(json.payments[0].state, 'captured');
  assert.equal((await desk.get('/manage/orders/AAAAAAAA')).status, 404);
  assert.equal((await desk.get('/manage/orders/nonsense')).status, 404);
});

test('a note is there with who wrote it, escaped; an empty one is refused beside the field', async () => {
  const page = await desk.visit(`/manage/orders/${first()}`);
  const noted = await page.submit('Add the note', { 'New note': 'Comes <b>late</b>' });
  assert.match(noted.words('main'), /Comes <b>late<\/b>/);
  assert.match(noted.words('main'), /Mary Manager wrote a note/);
  const empty = await noted.submit('Add the note', { 'New note': ' ' });
  assert.equal(empty.status, 422);
  assert.ok(empty.errors.note);
});

test('the confirmation is sent again, once for two clicks', async () => {
  const before = (await server.mails({ to: people[0][1], subject: first() })).length;
  const page = await desk.visit(`/manage/orders/${first()}`);
  await Promise.all([page.submit('Send the confirmation again'), page.submit('Send the confirmation again')]);
  await server.time('+5');
  assert.equal((await server.mails({ to: people[0][1], subject: first() })).length, before + 1);
  assert.match((await desk.visit(`/manage/orders/${first()}`)).words('main'), /sent the confirmation again/);
});

test('a no-show is marked once it has begun, found by the filter, and taken back', async () => {
  const [{ line }] = await server.sql(
    `SELECT line_id::text AS line FROM order_line JOIN orders USING (tenant_id, order_id) WHERE code = $1`, [first()]);
  const path = `/manage/orders/${first()}/lines/${line}/no-show`;
  assert.equal((await desk.postJson(path, { marked: true })).status, 409, 'it hasn’t begun');
  assert.ok(!(await desk.visit(`/manage/orders/${first()}`)).text.includes('no-show"'));
  await server.time('+280000');
  const later = await office();
  const page = await later.visit(`/manage/orders/${first()}`);
  const marked = await page.submit('Didn’t come');
  assert.match(marked.words('main'), /Noted: didn’t come/);
  assert.equal((await later.postJson(path, { marked: true })).status, 409, 'twice');
  assert.deepEqual(await codes('?state=no_show', later), [first()]);
  await marked.submit('Came after all');
  assert.deepEqual(await codes('?state=no_show', later), []);
  const events = (await later.visit(`/manage/orders/${first()}`)).words('#history');
  assert.match(events, /took a no-show back.*noted a no-show/);
});

test('staff book for somebody: offer, day, time, rates, name; paid at the venue, through the box office', async () => {
  const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + 26 * 3_600_000).toISOString()], { capacity: 3 });
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(new Date(Date.now() + 26 * 3_600_000));
  const start = await (await desk.visit('/manage/orders')).click('New booking');
  const times = await start.submit('Show the times', { Offer: 'Tour', Day: day });
  const [time] = times.all('.slot-choices a');
  const form = await desk.visit(time.getAttribute('href'));
  const wrong = await form.submit('Book, to be paid at the venue', { Name: '' });
  assert.equal(wrong.status, 422);
  assert.ok(wrong.errors.name);
  const tooMany = await form.submit('Book, to be paid at the venue', { Name: 'Zoë Walk', 'Adult · €12.00': '4' });
  assert.equal(tooMany.status, 422, tooMany.text.slice(0, 300));
  assert.match(tooMany.words('main'), /sold out|gone|left/i);
  const booked = await form.submit('Book, to be paid at the venue', { Name: 'Zoë Walk', 'E-mail (optional)': 'zoe@walk.example', 'Adult · €12.00': '1', 'Child · €6.00': '2' });
  assert.equal(booked.status, 200, booked.text.slice(0, 500));
  assert.match(booked.words('main'), /The booking is made/);
  assert.match(booked.words('main'), /Box office/);
  assert.match(booked.words('main'), /To be paid at the venue€24\.00/);
  assert.match(booked.words('#history'), /Mary Manager made the booking/);
  const [row] = await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot]);
  assert.equal(row.taken, 3);
  assert.equal((await server.mails({ to: 'zoe@walk.example' })).length, 1);
  assert.equal((await codes('?q=zoe')).length, 1);
  // The same form once more is the same booking.
  const again = await form.submit('Book, to be paid at the venue', { Name: 'Zoë Walk', 'E-mail (optional)': 'zoe@walk.example', 'Adult · €12.00': '1', 'Child · €6.00': '2' });
  assert.equal(again.url.pathname, booked.url.pathname);
  assert.equal((await codes('?q=zoe')).length, 1);
  await checkInvariants(server);
});

test('in French and Spanish', async () => {
  assert.match((await desk.visit(`/fr/manage/orders/${second()}`)).words('main'), /Ce qui est réservé/);
  assert.match((await desk.visit('/es/manage/orders')).words('main'), /Nueva reserva/);
});

test('a damaged cursor is refused, not taken for the beginning, in every list', async () => {
  for (const path of ['/manage/orders', '/manage/offers', '/manage/support']) {
    const page = await desk.getJson(`${path}?after=zzz`);
    if (page.status === 422) assert.match(page.text, /"field":"after"/, path);
    else assert.equal(page.status, 400, `${path} ${page.status}`);
  }
  assert.equal((await desk.getJson('/manage/orders?after=')).status, 200);
});
