// Cancelled times whose people are booked into another one: price, tickets, courts and numbered
// places; who doesn't fit is listed and settled otherwise; each once, also after a kill -9.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../lib/catalogue.mjs';
import { Buyer, checkInvariants, court, slotsOf, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2026-12-01T09:00:00Z');
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00'] }];
const site = await server.createSite({
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' }],
  offers: [
    tour({ capacity: 4, schedule: daily }),
    tour({ slug: 'concert', places: { rows: ['A'], per_row: 6 }, capacity: 6, schedule: daily }),
    court({ resource: undefined, resources: ['court-1', 'court-2'], schedule: daily }),
  ],
});
const office = await staff(site);
const all = {};
for (const offer of ['tour', 'concert', 'court']) all[offer] = await slotsOf(server, site, offer);
const at = (offer, day, hour = '09') =>
  all[offer].find((s) => s.starts_at.toISOString() === `2026-12-${day}T${hour}:00:00.000Z`);

async function buy(bookings, email, pay = 'pay-at-venue') {
  const buyer = new Buyer(site);
  for (const [offer, slot, counts] of bookings) {
    const held = await buyer.book(offer, slot, counts);
    assert.equal(held.status, 201, held.text);
  }
  assert.equal((await buyer.details({ email })).status, 200);
  if (pay === 'pay-at-venue') assert.equal((await buyer.pay(pay)).status, 201);
  else await (await buyer.visitor.visit((await buyer.pay(pay)).json.location)).submit('Approve', {}, { follow: true });
  return buyer;
}
const change = (json) => office.postJson('/manage/schedule/changes/new', json);
const settle = (id, json) => office.postJson(`/manage/schedule/changes/${id}`, json);
const progress = async (id) => {
  await server.jobs();
  return (await office.getJson(`/manage/schedule/changes/${id}`)).json;
};
const linesOf = (email) => server.sql(
  `SELECT l.state, l.starts_at, l.slot_id, l.total_minor::int AS total, l.sequence, l.moved_from,
          (SELECT string_agg(p.place, ',' ORDER BY p.place) FROM slot_place p WHERE p.line_id = l.line_id) AS places,
          (SELECT string_agg(t.place || t.state, ',' ORDER BY t.place) FROM ticket t WHERE t.line_id = l.line_id) AS tickets
     FROM order_line l JOIN orders o USING (tenant_id, order_id) WHERE o.email = $1 ORDER BY l.line_id`, [email]);
const results = (page) => page.items.map(({ name, state, why }) => [state, why]);

test('a cancelled time: who fits goes to the other one, the other is listed, and gets the money back on demand', async () => {
  const [from, to] = [at('tour', '10'), at('tour', '11')];
  await buy([['tour', from, { adult: 2 }]], 'ann@buyer.example', 'sandbox-pay');
  await buy([['tour', from, { adult: 1, child: 1 }]], 'bob@buyer.example', 'sandbox-pay');
  await buy([['tour', to, { adult: 2 }]], 'there@buyer.example');
  const tickets = await server.sql('SELECT code, state FROM ticket ORDER BY code');
  const look = await change({ do: 'look_rebook', slot: String(from.id), to_slot: String(to.id) });
  assert.equal(look.status, 200, look.text);
  assert.deepEqual([look.json.targets[0].places, look.json.targets[0].left, look.json.targets[0].fits], [4, 2, 'some']);

  const made = await change({ do: 'rebook', slot: String(from.id), to_slot: String(to.id), reason: 'A burst pipe.' });
  assert.equal(made.status, 201, made.text);
  let page = await progress(made.json.id);
  assert.deepEqual(results(page), [['failed', 'full'], ['done', null]], 'who couldn’t be helped comes first');
  const [ann] = await linesOf('ann@buyer.example');
  assert.deepEqual([ann.state, String(ann.slot_id), ann.total, ann.sequence], ['confirmed', String(to.id), 2400, 1]);
  assert.equal(ann.starts_at.toISOString(), '2026-12-11T09:00:00.000Z');
  assert.equal(ann.moved_from.toISOString(), '2026-12-10T09:00:00.000Z');
  assert.deepEqual(await server.sql('SELECT code, state FROM ticket ORDER BY code'), tickets, 'tickets stay good');
  const mails = await server.mails({ to: 'ann@buyer.example', subject: 'was moved' });
  assert.equal(mails.length, 1);
  assert.match(mails[0].text, /10 December.*→.*11 December/s);
  assert.match(mails[0].text, /A burst pipe/);
  assert.equal((await server.mails({ to: 'bob@buyer.example' })).length, 1, 'the confirmation alone: nothing has happened to Bob');
  assert.equal((await linesOf('bob@buyer.example'))[0].state, 'confirmed');
  await checkInvariants(server);

  assert.equal(page.change.failed, 1);
  assert.equal((await settle(made.json.id, { do: 'refund' })).status, 200);
  page = await progress(made.json.id);
  assert.deepEqual(results(page).map(([state]) => state), ['done', 'done']);
  assert.deepEqual((await linesOf('bob@buyer.example')).map(({ state }) => state), ['cancelled', 'cancelled']);
  assert.equal((await server.payments.list()).reduce((sum, p) => sum + (p.refunded_minor ?? 0), 0), 1800);
  const { history } = (await office.getJson(`/manage/schedule/changes/${made.json.id}`)).json;
  assert.deepEqual(history.entries.map(({ action_text, changes }) => [action_text, changes.map(({ field, after }) => `${field}: ${after}`)]).slice(0, 1),
    [['settled those who were left over', ['Those who booked: money back']]]);
  assert.deepEqual([history.entries.length, history.entries.at(-1).action_text], [2, 'cancelled what was booked']);
  assert.match((await office.visit(`/manage/schedule/changes/${made.json.id}`)).words('.history'), /cancelled what was booked/);
  assert.equal((await settle(made.json.id, { do: 'refund' })).status, 409, 'nobody is left');
  assert.equal((await server.mails({ to: 'ann@buyer.example' })).length, 2);
  await checkInvariants(server);
});

test('who didn’t fit goes to a third time instead; a target that isn’t one is refused beside the field', async () => {
  const [from, to, third] = [at('tour', '12'), at('tour', '13'), at('tour', '14')];
  await buy([['tour', to, { adult: 4 }]], 'full@buyer.example');
  await buy([['tour', from, { adult: 3 }]], 'cas@buyer.example');
  for (const wrong of ['', '1', String(from.id), String(at('court', '13').id), 'x']) {
    const page = await change({ do: 'rebook', slot: String(from.id), to_slot: wrong });
    assert.equal(page.status, 422, wrong);
    assert.equal(page.json.errors[0].field, 'to_slot');
  }
  const made = await change({ do: 'rebook', slot: String(from.id), to_slot: String(to.id) });
  assert.deepEqual(results(await progress(made.json.id)), [['failed', 'full']]);
  assert.equal((await settle(made.json.id, { do: 'rebook', to_slot: 'x' })).status, 422);
  assert.equal((await settle(made.json.id, { do: 'rebook', to_slot: String(third.id) })).status, 200);
  assert.deepEqual(results(await progress(made.json.id)), [['done', null]]);
  assert.equal(String((await linesOf('cas@buyer.example'))[0].slot_id), String(third.id));
  await checkInvariants(server);
});

test('numbered places: the same ones where they are free, and the tickets say the new ones', async () => {
  const [from, to] = [at('concert', '10'), at('concert', '11')];
  await buy([['concert', from, { adult: 2 }]], 'a1a2@buyer.example');
  await buy([['concert', from, { adult: 2 }]], 'a3a4@buyer.example');
  await buy([['concert', to, { adult: 1 }]], 'a1@buyer.example');
  const made = await change({ do: 'rebook', slot: String(from.id), to_slot: String(to.id) });
  assert.deepEqual(results(await progress(made.json.id)), [['done', null], ['done', null]]);
  const [kept] = await linesOf('a3a4@buyer.example'), [other] = await linesOf('a1a2@buyer.example');
  const [[, before]] = [(await linesOf('a1@buyer.example'))[0].places].map((p) => [p, p]);
  assert.ok(!other.places.includes(before) && other.places.split(',').length === 2, other.places);
  for (const line of [kept, other]) assert.equal(line.tickets, line.places.split(',').map((p) => `${p}valid`).join(','));
  await checkInvariants(server);
});

test('courts: the use goes along to the other time, and the old one is free for nobody', async () => {
  const [from, to] = [at('court', '10'), at('court', '11')];
  await buy([['court', from, { court: 1 }]], 'p1@buyer.example');
  await buy([['court', from, { court: 1 }]], 'p2@buyer.example');
  await buy([['court', to, { court: 1 }]], 'p3@buyer.example');
  const made = await change({ do: 'rebook', slot: String(from.id), to_slot: String(to.id) });
  assert.deepEqual(results(await progress(made.json.id)).map(([state]) => state).sort(), ['done', 'failed']);
  const uses = await server.sql(
    `SELECT count(*)::int AS uses FROM allocation a JOIN order_line l USING (tenant_id, line_id)
      WHERE l.slot_id = $1 AND a.from_at = '2026-12-11T09:00:00Z'`, [to.id]);
  assert.equal(uses[0].uses, 2);
  await checkInvariants(server);
});

test('a day to another day: each at its own hour; of several bookings all go or none; what has no time then is listed', async () => {
  await buy([['tour', at('tour', '20'), { adult: 1 }], ['court', at('court', '20', '14'), { court: 1 }]], 'both@buyer.example');
  await buy([['tour', at('tour', '20', '14'), { adult: 1 }]], 'tour@buyer.example');
  await buy([['court', at('court', '20'), { court: 1 }]], 'court@buyer.example');
  const gone = await change({ do: 'cancel', slot: String(at('court', '21', '14').id) });
  assert.equal(gone.status, 201);
  assert.equal((await change({ do: 'rebook', day: '2026-12-20', to_day: '2028-02-29' })).status, 422);
  const look = await change({ do: 'look_rebook', day: '2026-12-20', to_day: '2026-12-21' });
  assert.deepEqual(look.json.targets.filter(({ places }) => places).map(({ title, fits }) => `${title} ${fits}`).sort(),
    ['Court all', 'Court none', 'Tour all', 'Tour all']);
  const made = await change({ do: 'rebook', day: '2026-12-20', to_day: '2026-12-21' });
  assert.equal(made.status, 201, made.text);
  let page = await progress(made.json.id);
  assert.deepEqual(results(page), [['failed', 'no_time'], ['done', null], ['done', null]]);
  const both = await linesOf('both@buyer.example');
  assert.ok(both.every(({ moved_from }) => moved_from === null));
  assert.equal((await settle(made.json.id, { do: 'rebook', to_day: '2026-12-22' })).status, 200);
  page = await progress(made.json.id);
  assert.deepEqual(results(page).map(([state]) => state), ['done', 'done', 'done']);
  const after = await linesOf('both@buyer.example');
  assert.deepEqual(after.map(({ starts_at }) => starts_at.toISOString()), ['2026-12-22T09:00:00.000Z', '2026-12-22T14:00:00.000Z']);
  assert.equal((await server.mails({ to: 'both@buyer.example', subject: 'was moved' })).length, 1, 'one mail for both');
  await checkInvariants(server);
});

test('kill -9 in the middle: what was done stays done, the rest follows, one mail each', async () => {
  const [from, to] = [at('tour', '24'), at('tour', '25')];
  await server.sql('UPDATE slot SET capacity = 40 WHERE slot_id IN ($1, $2)', [from.id, to.id]);
  for (let i = 0; i < 12; i++) await buy([['tour', from, { child: 1 }]], `k${i}@buyer.example`);
  // The job comes as far as the booking that somebody else has locked.
  const somebody = await connect(server.postgres, server.database, 'postgres');
  await somebody.query('BEGIN');
  await somebody.query(`SELECT 1 FROM order_line l JOIN orders o USING (tenant_id, order_id) WHERE o.email = 'k6@buyer.example' FOR UPDATE OF l`);
  const made = await change({ do: 'rebook', slot: String(from.id), to_slot: String(to.id) });
  assert.equal(made.status, 201, made.text);
  const done = async () => (await server.sql(
    `SELECT count(*)::int AS n FROM slot_change_row WHERE change_id = $1 AND state = 'done'`, [made.json.id]))[0].n;
  for (let i = 0; i < 200 && !(await done()); i++) await sleep(20);
  for (const { pid, parent } of server.processes()) if (parent === server.child.pid) process.kill(pid, 'SIGKILL');
  const before = await done();
  assert.ok(before > 0 && before < 12, `${before} of 12 were done`);
  await somebody.query('ROLLBACK');
  await somebody.end();
  await server.ready();
  await server.time('+3600');
  const page = await progress(made.json.id);
  assert.deepEqual([page.change.done, page.change.failed], [12, 0]);
  for (let i = 0; i < 12; i++) {
    // Killed between sending and noting it, a mail goes out again as the same one (RFC 5322, 3.6.4).
    const mails = await server.mails({ to: `k${i}@buyer.example`, subject: 'was moved' });
    assert.equal(new Set(mails.map(({ headers }) => headers['message-id'])).size, 1, `k${i}`);
  }
  await checkInvariants(server);
});
