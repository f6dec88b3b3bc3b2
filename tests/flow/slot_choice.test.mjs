// What the venue moved or cancelled, the customer chooses about: the new time, another one or all of
// the money back, from the mail's link, once, in time, on record as theirs; P5, T20, ux 1.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00'] }];
const site = await server.createSite({
  features: { 'pay-at-venue': {}, 'sandbox-pay': {} },
  offers: [tour({ capacity: 4, schedule: daily }), court({ slug: 'court', resource: 'court-1', schedule: daily })],
});
let office = await staff(site);
const all = { tour: await slotsOf(server, site, 'tour'), court: await slotsOf(server, site, 'court') };
const at = (day, hour = '09', offer = 'tour') => all[offer].find((s) => s.starts_at.toISOString() === `2026-12-${day}T${hour}:00:00.000Z`);

async function buy(bookings, email, { pay = 'sandbox-pay', language = '' } = {}) {
  const buyer = new Buyer(site);
  buyer.visitor.prefix = language;
  for (const [offer, slot, counts] of bookings) {
    const quantity = Object.entries(counts).map(([key, count]) => ({ key, count }));
    const held = await buyer.visitor.postJson(`${language}/offers/${offer}`, { slot: String(slot.id), quantity });
    assert.equal(held.status, 201, held.text);
  }
  assert.equal((await buyer.visitor.postJson(`${language}/checkout`, { name: 'Ann Buyer', email })).status, 200);
  const { json } = await buyer.visitor.postJson(`${language}/checkout/pay`, { method: pay });
  const page = await buyer.visitor.visit(json.location);
  const words = { '': 'Approve', '/fr': 'Accepter le paiement' }[language];
  const order = pay === 'sandbox-pay' ? await page.submit(words, {}, { follow: true }) : page;
  buyer.code = order.url.pathname.match(/orders\/(\w+)/)[1];
  buyer.token = order.url.searchParams.get('t') ?? new URL(json.location, order.url).searchParams.get('t');
  return buyer;
}
const change = (json) => office.postJson('/manage/schedule/changes/new', json);
async function move(slot, time, more = {}) {
  const { json } = await office.getJson(`/manage/schedule/changes/new?slot=${slot.id}`);
  const made = await change({ do: 'move', slot: String(slot.id), version: json.change.version,
    date: slot.starts_at.toISOString().slice(0, 10), time, anyway: true, ...more });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
  return made.json.id;
}
// Somebody else than who bought it: the link is all they have.
const stranger = () => site.visitor();
const linkOf = (mail) => mail.text.match(/https?:\S+\/choice\?t=\S+/)?.[0];
const look = (buyer) => stranger().getJson(`/orders/${buyer.code}/choice?t=${buyer.token}`);
async function choose(buyer, wish, more = {}, seen = null) {
  const { json } = seen ?? (await look(buyer));
  return stranger().postJson(`/orders/${buyer.code}/choice`, {
    t: buyer.token, change: json.choices[0]?.id ?? '1', version: json.version, do: wish, ...more });
}
const linesOf = (buyer) => server.sql(
  `SELECT l.state, l.slot_id::text AS slot, l.returned_minor::int AS back FROM order_line l JOIN orders o USING (tenant_id, order_id)
    WHERE o.code = $1 ORDER BY l.line_id`, [buyer.code]);
const takenOf = async (slot) => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot.id]))[0].taken;
const refunded = async (buyer) => {
  await server.jobs();
  return (await server.payments.list()).find((p) => p.reference === buyer.code)?.refunded_minor ?? 0;
};
const history = async (buyer) => (await office.visit(`/manage/orders/${buyer.code}`)).words('#history');
const mailsTo = async (email) => (await server.mails({ to: email })).length;

test('after a move: the mail leads to a page where they keep the new time; it is confirmed by mail and theirs on record', async () => {
  const slot = at('10');
  const ann = await buy([['tour', slot, { adult: 2 }]], 'ann@buyer.example');
  await buy([['tour', slot, { adult: 1 }]], 'luc@buyer.example', { language: '/fr' });
  await buy([['tour', slot, { adult: 1 }]], 'eva@buyer.example', { language: '/es', pay: 'pay-at-venue' });
  await move(slot, '12:30', { reason: 'The guide is late.' });
  const mail = await server.mail({ to: 'ann@buyer.example', subject: 'was moved' });
  assert.match(mail.text, /take another one or have all your money back until Thursday, 10 December at 12:30/);
  assert.match((await server.mail({ to: 'luc@buyer.example' })).text, /remboursement intégral avant le jeudi 10 décembre/);
  assert.match((await server.mail({ to: 'eva@buyer.example' })).text, /cancela sin coste antes del jueves, 10 de diciembre|cancela sin coste antes del jueves 10 de diciembre/);

  const page = await stranger().visit(linkOf(mail));
  assert.equal(page.status, 200);
  assert.match(page.words('main'), /Your time was moved\..*The guide is late\..*2 × Adult.*10:00.*12:30/s);
  assert.equal(page.headers['cache-control'], 'no-store');
  const order = await stranger().visit(`/orders/${ann.code}?t=${ann.token}`);
  assert.match(order.words('main'), /You may choose until/);
  const kept = await page.submit('Keep it');
  assert.match(kept.words('main'), /You keep the new time/);
  assert.doesNotMatch(kept.words('main'), /You may choose until/);
  await server.jobs();
  const told = await server.mail({ to: 'ann@buyer.example', subject: `order ${ann.code}` });
  assert.match(told.text, /the time you chose.*12:30.*Your tickets stay good/s);
  assert.ok(told.attachments.some(({ name }) => name.endsWith('.ics')));
  assert.equal(await mailsTo('ann@buyer.example'), 3);
  assert.match(await history(ann), /Ann Buyer answered the change/);
  const again = await page.submit('Keep it');
  assert.match(again.words('main'), /You keep the new time/, 'the second click is the first one');
  assert.equal(await mailsTo('ann@buyer.example'), 3);
  const late = await choose(ann, 'refund');
  assert.equal(late.status, 409);
  assert.equal(late.json.problem, 'already');
  assert.deepEqual((await linesOf(ann)).map(({ state }) => state), ['confirmed']);
  await checkInvariants(server);
});

test('after a move: all of the money comes back, once, the places are free again, and the office sees who chose what', async () => {
  const slot = at('11');
  const bob = await buy([['tour', slot, { adult: 2 }]], 'bob@buyer.example');
  const eva = await buy([['tour', slot, { child: 1 }]], 'due@buyer.example', { pay: 'pay-at-venue' });
  const id = await move(slot, '12:30');
  const [seen, due] = [await look(bob), await look(eva)];
  assert.equal(seen.json.choices[0].back.minor, 2400);
  assert.equal(due.json.choices[0].back, null, 'nothing was paid');
  assert.match((await stranger().visit(`/orders/${bob.code}/choice?t=${bob.token}`)).words('main'), /Give me back €24\.00/);
  assert.equal((await choose(bob, 'refund', {}, seen)).status, 200);
  assert.equal((await choose(bob, 'refund', {}, seen)).status, 200, 'clicked twice');
  assert.equal((await choose(bob, 'keep', {}, seen)).status, 409, 'the other tab');
  assert.equal((await choose(eva, 'refund')).status, 200);
  assert.equal(await refunded(bob), 2400);
  assert.equal(await takenOf(slot), 0);
  assert.deepEqual(await linesOf(bob), [{ state: 'cancelled', slot: String(slot.id), back: 2400 }]);
  const [{ due_minor }] = await server.sql('SELECT due_minor::int FROM orders WHERE code = $1', [eva.code]);
  assert.equal(due_minor, 0);
  for (const email of ['bob@buyer.example', 'due@buyer.example']) {
    assert.equal((await server.mails({ to: email, subject: 'cancelled' })).length, 1);
    assert.equal(await mailsTo(email), 3);
  }
  const rows = await server.sql(
    `SELECT a.action, a.actor_kind, a.actor_name FROM audit a JOIN orders o ON o.tenant_id = a.tenant_id AND o.order_id::text = a.object_id
      WHERE o.code = $1 AND a.action <> 'order.place' ORDER BY a.action`, [bob.code]);
  assert.deepEqual(rows.map((row) => Object.values(row).join(' ')),
    ['order.cancel customer Ann Buyer', 'order.choose customer Ann Buyer']);
  const progress = (await office.getJson(`/manage/schedule/changes/${id}`)).json;
  assert.deepEqual(progress.items.map(({ choice }) => choice), ['refunded', 'refunded']);
  await checkInvariants(server);
});

test('another time instead: those with places for all of them, at the same price; what isn’t one is refused', async () => {
  const [slot, full, to] = [at('12'), at('12', '14'), at('13')];
  const cas = await buy([['tour', slot, { adult: 2 }]], 'cas@buyer.example');
  await buy([['tour', full, { adult: 3 }]], 'full@buyer.example');
  await move(slot, '12:30');
  const seen = await look(cas);
  const options = seen.json.choices[0].times[0].options.map(({ value }) => value);
  assert.ok(options.includes(String(to.id)) && !options.includes(String(full.id)) && !options.includes(String(slot.id)));
  for (const wrong of ['', 'x', String(full.id), String(slot.id), String(at('13', '09', 'court').id)]) {
    const page = await choose(cas, 'rebook', { to_1: wrong }, seen);
    assert.equal(page.status, 422, wrong);
    assert.equal(page.json.errors[0].field, 'to_1');
  }
  const page = await stranger().visit(`/orders/${cas.code}/choice?t=${cas.token}`);
  const done = await page.submit('Take this time', { 'New time: Tour': String(to.id) });
  assert.match(done.words('main'), /You have another time/);
  assert.deepEqual(await linesOf(cas), [{ state: 'confirmed', slot: String(to.id), back: 0 }]);
  assert.deepEqual([await takenOf(slot), await takenOf(to)], [0, 2]);
  assert.match((await server.mail({ to: 'cas@buyer.example', subject: `order ${cas.code}` })).text, /13 December at 10:00/);
  assert.equal((await choose(cas, 'refund', {}, seen)).status, 409);
  await checkInvariants(server);
});

test('cancelled, and everybody is asked: another time for both bookings or the money; without an answer it comes by itself', async () => {
  const [tourAt, courtAt] = [at('15'), at('15', '14', 'court')];
  const dan = await buy([['tour', tourAt, { adult: 1 }], ['court', courtAt, { court: 1 }]], 'dan@buyer.example');
  const eve = await buy([['tour', tourAt, { adult: 2 }]], 'eve@buyer.example');
  const made = await change({ do: 'ask', day: '2026-12-15', choose_days: 3, reason: 'A burst pipe.' });
  assert.equal(made.status, 201, made.text);
  await server.jobs();
  const mail = await server.mail({ to: 'dan@buyer.example', subject: 'your choice' });
  assert.match(mail.text, /A burst pipe.*choose by Friday, 4 December at 10:00/s);
  assert.equal(mail.attachments.length, 0);
  assert.equal(await refunded(dan), 0);
  const seen = await look(dan);
  const [{ times, may_keep: mayKeep }] = seen.json.choices;
  assert.equal(mayKeep, false);
  assert.deepEqual(times.map(({ title }) => title), ['Tour', 'Court']);
  assert.equal((await choose(dan, 'keep', {}, seen)).status, 409, 'there is nothing to keep');
  const answer = { to_1: String(at('16').id), to_2: String(at('16', '14', 'court').id) };
  assert.equal((await choose(dan, 'rebook', { ...answer, to_2: '' }, seen)).status, 422, 'both or none');
  assert.equal((await choose(dan, 'rebook', answer, seen)).status, 200);
  assert.deepEqual((await linesOf(dan)).map(({ slot }) => slot), Object.values(answer));
  await checkInvariants(server);

  await server.time('set 2026-12-04T09:05:00Z');
  office = await staff(site);
  const late = await choose(eve, 'rebook', { to_1: String(at('16').id) });
  assert.equal(late.status, 409);
  assert.equal(await refunded(eve), 2400);
  assert.equal(await refunded(dan), 0);
  assert.deepEqual((await linesOf(eve)).map(({ state }) => state), ['cancelled']);
  assert.equal((await server.mails({ to: 'eve@buyer.example', subject: 'cancelled' })).length, 2, 'asked, and what comes back');
  assert.match(await history(eve), /Vitrine found no answer to the change in time/);
  const progress = (await office.getJson(`/manage/schedule/changes/${made.json.id}`)).json;
  assert.deepEqual(progress.items.map(({ choice }) => choice).sort(), ['rebooked', 'refunded']);
  await checkInvariants(server);
});

test('cancelled and booked elsewhere by the venue: they keep that, or choose; who was left over is asked', async () => {
  const [from, to, third] = [at('20'), at('21'), at('22')];
  const fay = await buy([['tour', from, { adult: 3 }]], 'fay@buyer.example');
  const gus = await buy([['tour', from, { adult: 1 }]], 'gus@buyer.example');
  await buy([['tour', to, { adult: 1 }]], 'there@buyer.example');
  const hal = await buy([['tour', at('23'), { adult: 2 }]], 'hal@buyer.example');
  const made = await change({ do: 'rebook', slot: String(from.id), to_slot: String(to.id) });
  await server.jobs();
  assert.equal((await look(fay)).json.choices[0].kind, 'rebooked');
  assert.equal((await choose(fay, 'rebook', { to_1: String(third.id) })).status, 200);
  assert.deepEqual((await linesOf(fay)).map(({ slot }) => slot), [String(third.id)]);
  const path = `/manage/schedule/changes/${made.json.id}`;
  assert.deepEqual((await office.getJson(path)).json.items.map(({ state }) => state).sort(), ['done', 'failed']);
  assert.deepEqual((await look(gus)).json.choices, [], 'nothing is asked before the venue has decided');
  const asked = await (await office.visit(path)).submit('Let them choose');
  assert.equal(asked.status, 200);
  await server.jobs();
  assert.equal((await look(gus)).json.choices[0].kind, 'asked');
  assert.equal((await choose(gus, 'refund')).status, 200);
  assert.equal(await refunded(gus), 1200);
  assert.deepEqual((await look(hal)).json.choices, []);
  await checkInvariants(server);
});

test('it ends when the new time begins, with the office’s limit, with a later change, and when the venue gives back first', async () => {
  const [slot, other, third] = [at('24'), at('25'), at('26')];
  const ida = await buy([['tour', slot, { adult: 1 }]], 'ida@buyer.example');
  const jon = await buy([['tour', other, { adult: 1 }]], 'jon@buyer.example');
  const kim = await buy([['tour', third, { adult: 1 }]], 'kim@buyer.example');
  await move(slot, '12:30');
  const before = await look(ida);
  await move(slot, '13:30');
  const seen = await look(ida);
  assert.equal(seen.json.choices.length, 1, 'the later move is the one to choose about');
  assert.equal((await choose(ida, 'refund', {}, before)).status, 409);
  await move(other, '12:30', { choose_days: 2 });
  await move(third, '12:30');
  const [kims, { order }] = [await look(kim), (await office.getJson(`/manage/orders/${kim.code}`)).json];
  assert.equal((await office.postJson(`/manage/orders/${kim.code}/cancel`, {
    version: order.version, back_minor: 1200, lines: order.lines.map(({ id }) => ({ key: id, count: 1 })) })).status, 200);
  assert.equal((await choose(kim, 'refund', {}, kims)).status, 409);
  assert.equal(await refunded(kim), 1200);
  await server.time('set 2026-12-06T10:00:00Z');
  assert.deepEqual((await look(jon)).json.choices, [], 'two days');
  await server.time('set 2026-12-24T12:29:59Z');
  assert.equal((await look(ida)).json.choices.length, 1);
  await server.time('set 2026-12-24T12:30:01Z');
  assert.deepEqual((await look(ida)).json.choices, []);
  assert.equal((await choose(ida, 'refund', {}, seen)).status, 409);
  assert.equal(await refunded(ida), 0);
  await checkInvariants(server);
});

test('a forged link, another order’s choice and another site’s order are refused', async () => {
  await server.time('set 2026-12-07T09:00:00Z');
  office = await staff(site);
  const slot = at('28');
  const lea = await buy([['tour', slot, { adult: 1 }]], 'lea@buyer.example');
  const max = await buy([['tour', at('29'), { adult: 1 }]], 'max@buyer.example');
  await move(slot, '12:30');
  const seen = await look(lea);
  for (const t of ['', 'x', `${lea.token.slice(0, -1)}${lea.token.endsWith('A') ? 'B' : 'A'}`, max.token]) {
    assert.equal((await stranger().getJson(`/orders/${lea.code}/choice?t=${t}`)).status, 404);
    assert.equal((await choose({ ...lea, token: t }, 'refund', {}, seen)).status, 404);
  }
  const foreign = await choose(max, 'refund', { change: seen.json.choices[0].id }, await look(max));
  assert.equal(foreign.status, 409, 'it isn’t a change of that order');
  const other = await server.createSite();
  assert.equal((await other.visitor().getJson(`/orders/${lea.code}/choice?t=${lea.token}`)).status, 404);
  assert.deepEqual((await linesOf(lea)).map(({ state }) => state), ['confirmed']);
  assert.deepEqual((await linesOf(max)).map(({ state }) => state), ['confirmed']);
  await checkInvariants(server);
});
