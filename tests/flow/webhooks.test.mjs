// A site's events reach its endpoints, signed so that the field's usual verifier accepts them; the
// office makes endpoints, replaces their secret, shows what was sent; another site has none of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import Stripe from 'stripe';
import { Description } from '../lib/described.mjs';
import { eventually } from '../lib/feature.mjs';
import { Buyer, court, slotsOf, startServer, tour } from '../lib/index.mjs';
import { hire, offerId, staff } from '../lib/office.mjs';
import { startReceiver } from '../lib/receiver.mjs';

const server = await startServer({ env: { VITRINE_WEBHOOKS_TO_SELF: 'on', VITRINE_TEST_HASTE: '10' } });
const features = { 'sandbox-pay': {}, 'pay-at-venue': {} };
const site = await server.createSite({ features: { ...features, 'guest-login': {} }, offers: [tour(), court()] });
await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
await eventually(async () => (await site.visitor().get('/account/login')).status, 200, 1000);
const other = await server.createSite({ features });
const mary = await staff(site);
const stranger = await staff(other);
const receiver = await startReceiver();
const stripe = new Stripe('sk_test_none');
const events = new Description((await site.visitor().getJson('/api/openapi.json')).json, { closed: true });
const all = Object.fromEntries(['order.placed', 'order.changed', 'order.cancelled', 'payment.captured',
  'payment.refused', 'payment.refunded', 'slot.moved', 'slot.cancelled', 'offer.published',
  'customer.created', 'customer.changed', 'customer.email_changed', 'customer.deleted'].map((name) => [name, true]));

const construct = ({ body, headers }, secret) =>
  stripe.webhooks.constructEvent(body, headers['vitrine-signature'], secret);

async function add(visitor, changes = {}) {
  const page = await visitor.postJson('/manage/webhooks', { url: `${receiver.url}/hook`, on: true, events: all, ...changes });
  assert.equal(page.status, 201, page.text);
  return page.json;
}
const { webhook, secret } = await add(mary);
const path = `/manage/webhooks/${webhook.id}`;
const arrived = async () => {
  await server.jobs();
  const requests = receiver.take();
  for (const { body, headers } of requests) assert.equal(events.misfitOfEvent(body, headers), null);
  return requests;
};
async function buy(counts = { adult: 2 }, how = 'buy') {
  const buyer = new Buyer(site);
  const [slot] = await slotsOf(server, site, 'tour');
  await buyer.book('tour', slot, counts);
  const address = await buyer[how]();
  return { code: address.match(/orders\/(\w+)/)[1], address, visitor: buyer.visitor };
}

test('a sale is told: the usual verifier takes it, and refuses what was changed', async () => {
  const { code } = await buy();
  const [request, ...more] = await arrived();
  assert.equal(more.length, 0);
  assert.equal(request.headers['content-type'], 'application/json; charset=utf-8');
  const event = construct(request, secret);
  assert.equal(event.type, 'order.placed');
  assert.match(event.id, /^evt_\d+$/);
  assert.deepEqual(event.site, { slug: site.slug, name: event.site.name });
  assert.ok(Math.abs(event.created - Date.now() / 1000) < 60);
  // The object is what its own address answers.
  const { order } = (await mary.getJson(`/manage/orders/${code}`)).json;
  const told = event.data.object;
  assert.equal(told.order_url, `${mary.origin}/manage/orders/${code}`);
  for (const field of ['code', 'state', 'version', 'name', 'email', 'total', 'due', 'channel', 'placed']) {
    assert.deepEqual(told[field], order[field], field);
  }
  assert.equal(told.lines[0].quantity, 2);
  assert.ok(told.lines[0].slot_url.startsWith(mary.origin));

  const refused = { type: 'StripeSignatureVerificationError' };
  assert.throws(() => construct({ ...request, body: request.body.replace('"quantity":2', '"quantity":3') }, secret), refused);
  assert.throws(() => construct(request, `${secret}x`), refused);
  assert.throws(() => stripe.webhooks.constructEvent(request.body, request.headers['vitrine-signature'], secret,
    300, undefined, Date.now() + 3600_000), refused);
});

test('payments, refunds, cancelling and offers are told', async () => {
  const { code } = await buy({ adult: 2, child: 1 }, 'buyByCard');
  const paid = (await arrived()).map(({ event }) => event);
  assert.deepEqual(paid.map(({ type }) => type).sort(), ['order.placed', 'payment.captured']);
  const captured = paid.find(({ type }) => type === 'payment.captured').data;
  assert.equal(captured.object.state, 'captured');
  assert.equal(captured.object.provider, 'sandbox-pay');
  assert.equal(captured.order.code, code);

  const { order } = (await mary.getJson(`/manage/orders/${code}`)).json;
  const part = await mary.postJson(`/manage/orders/${code}/refunds`, { version: order.version, amount: '1.00' });
  assert.equal(part.status, 200, part.text);
  const given = (await arrived()).map(({ event }) => event);
  assert.deepEqual(given.map(({ type }) => type).sort(), ['order.changed', 'payment.refunded']);
  assert.equal(given.find(({ type }) => type === 'order.changed').data.change.back_minor, 100);
  assert.equal(given.find(({ type }) => type === 'payment.refunded').data.object.amount.minor, 100);

  const now = (await mary.getJson(`/manage/orders/${code}`)).json.order;
  const cancel = (lines, back) => mary.postJson(`/manage/orders/${code}/cancel`, {
    version: now.version++, back_minor: back, lines: lines.map(({ id }) => ({ key: id, count: 1 })) });
  const [first, second] = now.lines;
  assert.equal((await cancel([first], 0)).status, 200);
  assert.equal((await cancel([second], 0)).status, 200);
  const cancelled = (await arrived()).map(({ event }) => event).sort((a, b) => a.id.localeCompare(b.id));
  assert.deepEqual(cancelled.map(({ type }) => type), ['order.changed', 'order.cancelled']);
  assert.deepEqual(cancelled[1].data.change.lines, [second.id]);
  assert.equal(cancelled[1].data.object.state, 'cancelled');

  const id = await offerId(server, site, 'court');
  for (const step of ['unpublish', 'publish']) {
    assert.equal((await mary.postJson(`/manage/offers/${id}/${step}`, {})).status, 200);
  }
  const events = (await arrived()).map(({ event }) => event);
  const published = events.find(({ type }) => type === 'offer.published');
  assert.equal(published.data.object.slug, 'court');
  assert.equal(published.data.object.offer_url, `${mary.origin}/manage/offers/${id}`);
});

test('a refused payment is told once, also when the provider says it twice at the same moment', async () => {
  const buyer = new Buyer(site);
  await buyer.book('tour', (await slotsOf(server, site, 'tour')).find(({ taken }) => taken < 9), { adult: 1 });
  await buyer.details();
  await server.payments.pause();
  const page = await buyer.visitor.visit((await buyer.pay('sandbox-pay')).json.location);
  const [{ id }] = await server.sql(`SELECT payment_id AS id FROM payment WHERE state = 'started' ORDER BY created_at DESC LIMIT 1`);
  // Everybody has read the payment before the first may write.
  const held = server.sql(
    'WITH p AS MATERIALIZED (SELECT 1 FROM payment WHERE payment_id = $1 FOR UPDATE) SELECT pg_sleep(0.6) FROM p', [id]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const declined = page.submit('Refuse', {}, { follow: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await Promise.all([held, declined, server.payments.deliver()]);
  await server.payments.pause(false);
  const refused = (await arrived()).map(({ event }) => event);
  assert.deepEqual(refused.map(({ type }) => type), ['payment.refused']);
  assert.equal(refused[0].data.object.state, 'refused');
});

test('times that are moved and cancelled are told, with what changed', async () => {
  const [, slot, gone] = await slotsOf(server, site, 'tour');
  const change = (wish) => mary.postJson('/manage/schedule/changes/new', wish);
  const { json: look } = await mary.getJson(`/manage/schedule/changes/new?slot=${slot.id}`);
  const date = slot.starts_at.toISOString().slice(0, 10);
  const moved = await change({ do: 'move', slot: String(slot.id), version: look.change.version, date, time: '23:15', reason: 'The guide is late.' });
  assert.equal(moved.status, 201, moved.text);
  assert.equal((await change({ do: 'cancel', slot: String(gone.id), reason: 'A burst pipe.' })).status, 201);
  const [move, cancel] = (await arrived()).map(({ event }) => event).sort((a, b) => a.id.localeCompare(b.id));
  assert.equal(move.type, 'slot.moved');
  assert.equal(Date.parse(move.data.change.from), slot.starts_at.getTime());
  assert.equal(move.data.change.to, move.data.object.starts.at);
  assert.equal(move.data.change.reason, 'The guide is late.');
  assert.equal(cancel.type, 'slot.cancelled');
  assert.deepEqual([cancel.data.object.id, cancel.data.object.state], [String(gone.id), 'cancelled']);
});

test('customers who register, who are put on the list, change, move and go are told, by number alone', async () => {
  const told = async () => (await arrived()).map(({ body, event }) => {
    assert.doesNotMatch(body, /Ada|Lovelace|Eve|Byron|@buyer|612345678|VIP/, 'nothing of who they are');
    return event;
  });
  const one = async () => {
    const events = await told();
    assert.equal(events.length, 1, events.map(({ type }) => type).join());
    const [{ type, data: { object, change } }] = events;
    return { type, id: object.id, object, change };
  };
  const ada = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@buyer.example' };
  const listed = await mary.postJson('/manage/customers/new', { ...ada, phone: '+33612345678', gender: 'female', country: 'FR' });
  assert.equal(listed.status, 201, listed.text);
  const id = listed.json.location.match(/\d+/)[0];
  const created = await one();
  assert.deepEqual([created.type, created.id, created.change], ['customer.created', id, { by: 'staff' }]);
  assert.equal(created.object.customer_url, `${mary.origin}/manage/customers/${id}`);
  assert.equal(created.object.registered, null);
  assert.equal((await mary.postJson('/manage/customers/new', { ...ada, phone: '+33612345678', gender: 'female', country: 'FR' })).status, 422);
  assert.deepEqual(await told(), [], 'who was refused is not told');

  const details = { first_name: 'Ada', last_name: 'Byron', phone: '+33612345678', gender: 'female', country: 'FR', tags: 'VIP' };
  const save = (version, changes) => mary.postJson(`/manage/customers/${id}`, { ...details, version, ...changes });
  assert.equal((await save(1)).status, 200);
  const changed = await one();
  assert.deepEqual([changed.type, changed.id, changed.change], ['customer.changed', id, { by: 'staff', fields: ['last_name', 'tags'] }]);
  assert.equal((await save(2)).status, 200);
  assert.deepEqual(await told(), [], 'nothing is different');
  assert.equal((await save(1, { last_name: 'Lovelace' })).status, 409);
  assert.deepEqual(await told(), [], 'the later of two');
  const { json: { customer: now } } = await mary.getJson(`/manage/customers/${id}`);
  const moved = await mary.postJson(`/manage/customers/${id}/email`, { email: 'eve@buyer.example', version: now.version });
  assert.equal(moved.status, 200, moved.text);
  const email = await one();
  assert.deepEqual([email.type, email.id, email.change], ['customer.email_changed', id, { by: 'staff', fields: ['email'] }]);

  // The same person registers, and shows that the address is theirs: one customer from then on.
  const person = site.visitor();
  const joined = await person.postJson('/account/register', { first_name: 'Eve', last_name: 'Lovelace', email: 'eve@buyer.example', password: 'analytical engine 1843' });
  const self = joined.json.customer_id;
  const registered = await one();
  assert.deepEqual([registered.type, registered.id, registered.change], ['customer.created', self, { by: 'customer' }]);
  assert.equal(registered.object.verified, null);
  assert.ok(registered.object.registered.at);
  const mails = await server.mails({ to: 'eve@buyer.example' });
  const link = new URL(mails.map(({ text }) => text.match(/http\S+\/account\/confirm\S*/)?.[0]).findLast(Boolean));
  await (await person.visit(link.pathname + link.search)).submit('Confirm your e-mail');
  const merged = (await told()).sort((a, b) => a.type.localeCompare(b.type));
  assert.deepEqual(merged.map(({ type, data }) => [type, data.object.id, data.change]), [
    ['customer.changed', self, { by: 'customer', fields: ['verified'] }],
    ['customer.deleted', id, { by: 'customer', merged_into: self }]]);
  const { json: { customer: mine } } = await mary.getJson(`/manage/customers/${self}`);
  const own = await person.postJson('/account/details', { version: mine.version, first_name: 'Eve', last_name: 'Byron', phone: '+33612345678' });
  assert.equal(own.status, 200, own.text);
  assert.deepEqual((await one()).change, { by: 'customer', fields: ['last_name'] });

  const gone = await mary.visit(`/manage/customers/${self}/delete`);
  assert.equal((await gone.submit('Delete the customer', { typed: 'eve@buyer.example' })).status, 200);
  const deleted = await one();
  assert.deepEqual([deleted.type, deleted.object, deleted.change], ['customer.deleted', { id: self }, { by: 'staff' }]);
  const kept = JSON.stringify(await server.sql('SELECT facts, body FROM webhook_event WHERE object_id = ANY ($1)', [[id, self]]));
  assert.doesNotMatch(kept, /Ada|Lovelace|Eve|Byron|@buyer|612345678|VIP/);
});

test('two that staff make one and two again are told, and a verified person who changes', async () => {
  const facts = async () => (await arrived()).map(({ event: { type, data: { object, change } } }) => [type, object.id, change]).sort();
  const made = async (changes) => (await mary.postJson('/manage/customers/new', {
    first_name: 'Max', last_name: 'Twin', email: 'max@buyer.example', phone: '+33612345699', gender: 'male', country: 'FR', ...changes })).json.location.match(/\d+/)[0];
  const [kept, goes] = [await made(), await made({ first_name: 'Maxim', email: 'maxim@buyer.example' })];
  await arrived();
  const merged = await mary.postJson(`/manage/customers/${kept}/merge`, { with: goes, version: 1, other_version: 1, name: 'other' });
  assert.equal(merged.status, 200, merged.text);
  const told = await facts();
  assert.deepEqual(told.at(-1), ['customer.deleted', goes, { by: 'staff', merged_into: kept }]);
  const { json: { merges: [last] } } = await mary.getJson(`/manage/customers/${kept}`);
  assert.equal((await mary.postJson(`/manage/customers/${kept}/merges/${last.id}/undo`, { version: last.version })).status, 200);
  assert.deepEqual(await facts(), [['customer.changed', kept, { by: 'staff' }], ['customer.created', goes, { by: 'staff' }]]);

  // What a verified person changes arrives with the job that follows them.
  const [{ person }] = await server.sql(
    `INSERT INTO person (email, email_folded, first_name, last_name, phone, gender, country, birthdate, language, created_at)
     VALUES ('vera@buyer.example', 'vera@buyer.example', 'Vera', 'True', '+33612345698', 'female', 'FR', '1990-12-10', 'en', now()) RETURNING person_id::text AS person`);
  const vera = await made({ first_name: 'Vera', last_name: 'True', email: 'vera@buyer.example', phone: '+33612345698', gender: 'female', birthdate: '1990-12-10' });
  assert.deepEqual(await facts(), [['customer.created', vera, { by: 'staff' }]]);
  await server.sql(`UPDATE person SET last_name = 'Truer', version = version + 1 WHERE person_id = $1`, [person]);
  await server.sql(
    `INSERT INTO job (tenant_id, kind, payload, run_at, created_at) SELECT tenant_id, 'person.follow', jsonb_build_object('person_id', $2::text), now(), now() FROM site WHERE slug = $1`,
    [site.slug, person]);
  assert.deepEqual(await facts(), [['customer.changed', vera, { by: 'customer', fields: ['person', 'last_name'] }]]);
});

test('what is rolled back is not told: a payment for a time that was cancelled meanwhile', async () => {
  const slot = (await slotsOf(server, site, 'tour'))[10];
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  await buyer.details();
  const page = await buyer.visitor.visit((await buyer.pay('sandbox-pay')).json.location);
  // Confirming writes the events first and fails later, each of the three times that it is tried.
  await server.sql(`UPDATE slot SET state = 'cancelled' WHERE slot_id = $1`, [slot.id]);
  await page.submit('Approve', {}, { follow: true });
  const types = (await arrived()).map(({ event }) => event.type).sort();
  assert.deepEqual(types, ['payment.captured', 'payment.refunded']);
});

test('a new secret: for a day both sign, then the new one alone', async () => {
  const renewed = (await mary.postJson(`${path}/rotate`, {})).json.secret;
  assert.match(renewed, /^whsec_/);
  assert.notEqual(renewed, secret);
  await mary.postJson(`${path}/test`, {});
  const [both] = await arrived();
  assert.equal(both.headers['vitrine-signature'].match(/v1=/g).length, 2);
  assert.equal(construct(both, secret).type, 'endpoint.test');
  assert.equal(construct(both, renewed).type, 'endpoint.test');

  await server.time('+86500');
  await mary.postJson(`${path}/test`, {});
  const [one] = await arrived();
  assert.equal(one.headers['vitrine-signature'].match(/v1=/g).length, 1);
  const late = (key) => stripe.webhooks.constructEvent(one.body, one.headers['vitrine-signature'], key, 0);
  assert.equal(late(renewed).type, 'endpoint.test');
  assert.throws(() => late(secret));
  await server.time('real');

  const shown = (await mary.postJson(`${path}/secret`, {})).json.secret;
  assert.equal(shown, renewed);
  const [{ sealed }] = await server.sql('SELECT secret AS sealed FROM webhook_endpoint WHERE endpoint_id = $1', [webhook.id]);
  assert.ok(!sealed.includes(renewed.slice(6)));
  const audit = JSON.stringify(await server.sql(`SELECT * FROM audit WHERE object_kind = 'webhook'`));
  assert.ok(!audit.includes('whsec_'));
  assert.match(audit, /webhook.reveal/);
});

test('only what was chosen is sent, and nothing while it is off', async () => {
  const quiet = await add(mary, { url: `${receiver.url}/slots`, events: { 'slot.moved': true } });
  await buy();
  assert.deepEqual((await arrived()).map(({ path: to }) => to), ['/hook']);
  const at = `/manage/webhooks/${quiet.webhook.id}`;
  const off = await mary.postJson(at, { url: quiet.webhook.url, on: false, events: all, version: 1 });
  assert.equal(off.status, 200, off.text);
  await buy();
  assert.deepEqual((await arrived()).map(({ path: to }) => to), ['/hook']);
  assert.equal((await mary.postJson(`${at}/test`, {})).status, 409);
  assert.equal((await mary.postJson(`${at}/remove`, {})).status, 200);
  assert.equal((await mary.getJson(at)).status, 404);
});

test('two people who change one endpoint: the later one sees both', async () => {
  const now = (await mary.getJson(path)).json.webhook;
  const body = { url: now.url, on: true, events: all, version: now.version };
  assert.equal((await mary.postJson(path, { ...body, description: 'theirs' })).status, 200);
  const late = await mary.postJson(path, { ...body, description: 'mine' });
  assert.equal(late.status, 409);
  assert.equal(late.json.current.description, 'theirs');
});

test('another site has neither the endpoints nor what they got; the box office has no page of them', async () => {
  assert.deepEqual((await stranger.getJson('/manage/webhooks')).json.items, []);
  const [delivery] = (await mary.getJson(`${path}/deliveries`)).json.items;
  for (const address of [path, `${path}/deliveries`, `${path}/deliveries/${delivery.id}`]) {
    assert.equal((await stranger.getJson(address)).status, 404, address);
  }
  for (const step of ['secret', 'rotate', 'test', 'remove', `deliveries/${delivery.id}/again`]) {
    assert.equal((await stranger.postJson(`${path}/${step}`, {})).status, 404, step);
  }
  const elsewhere = await add(stranger, { url: `${receiver.url}/elsewhere` });
  const crossed = `/manage/webhooks/${elsewhere.webhook.id}/deliveries/${delivery.id}`;
  assert.equal((await stranger.getJson(crossed)).status, 404);
  await buy();
  assert.deepEqual((await arrived()).map(({ path: to }) => to), ['/hook']);
  const clerk = await staff(site, await hire(server, site, 'box_office'));
  assert.equal((await clerk.getJson('/manage/webhooks')).status, 403);
});

test('the description names every event, with the body that was sent', () => {
  const known = readFileSync(new URL('../../core/domain/event.h', import.meta.url), 'utf8').matchAll(/X\(\w+, "([\w.]+)"/g);
  assert.deepEqual(Object.keys(events.document.webhooks).sort(), [...known].map(([, name]) => name).sort());
  assert.deepEqual([...events.eventsSeen].sort(), Object.keys(events.document.webhooks).sort(), 'each was delivered above');
});
