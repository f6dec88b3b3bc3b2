// P8: a new site practises: banner, test payments only. Going live asks for a list that checks
// itself, belongs to the owner, removes samples and what was booked in practice, and is on record.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { startServer, tour } from '../lib/index.mjs';
import { offerId } from '../lib/office.mjs';
import { Buyer, checkInvariants } from '../lib/sale.mjs';
import { addSlots } from '../lib/stock.mjs';

const server = await startServer();
const sample = tour({ slug: 'sample', title: { en: 'Sample', fr: 'Exemple', es: 'Ejemplo' } });
const left = Array.from({ length: 12 }, (_, i) => tour({ slug: `left-${i}`, schedule: [] }));
// Each is made the venue's own by another form.
const own = ['worded', 'weekly', 'timed', 'called-off', 'roomed', 'published'];
const site = await server.createSite({
  offers: [tour(), sample, ...left, ...own.map((slug) => tour({ slug, schedule: [], resource: slug === 'roomed' ? 'hall' : undefined }))],
  resources: [{ code: 'hall', name: 'Hall', kind: 'room' }],
  features: { 'sandbox-pay': {} },
});
const other = await server.createSite();
// As a sign-up makes them.
await server.sql(
  `UPDATE offer o SET sample = true FROM site s WHERE s.tenant_id = o.tenant_id AND s.slug IN ($1, $2)`, [site.slug, other.slug]);
const samples = async () => (await server.sql(
  'SELECT o.slug FROM offer o JOIN site s USING (tenant_id) WHERE s.slug = $1 AND sample ORDER BY o.position', [site.slug])).map(({ slug }) => slug);

const mary = site.visitor();
await mary.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
const checks = async () => Object.fromEntries(
  (await mary.getJson('/manage/go-live')).json.checks.map(({ name, done }) => [name, done]));
const [slot] = await addSlots(server, site.slug, 'sample', [new Date(Date.now() + 5 * 86_400_000).toISOString()]);
const buyer = new Buyer(site);

test('P8: in practice there is a banner, and only test payments are taken', async () => {
  assert.match((await site.visitor().visit('/')).words('.practice'), /\w/);
  await buyer.book('sample', slot, { adult: 1 });
  const order = await buyer.buyByCard();
  assert.match((await buyer.visitor.visit(order)).words('main'), /Booked|booked|thank/i);
});

test('P8: the list checks itself', async () => {
  assert.deepEqual(await checks(), { legal: false, pages: false, payment: false, offer: false, look: false });
  const page = await mary.visit('/manage/go-live');
  assert.doesNotMatch(page.words('main'), /Go live now/);
  const refused = await mary.postJson('/manage/go-live', { typed: site.name });
  assert.equal(refused.status, 409);
  assert.equal(refused.json.code, 'not_ready_for_live');

  await mary.postJson('/manage/legal/data', { seen: 0, company: 'House SARL', legal_address: '1 rue du Test' });
  for (const name of ['notice', 'privacy']) await mary.postJson(`/manage/legal/pages/${name}`, { seen: 0, body: { en: 'Words.' } });
  await server.feature(site, 'pay-at-venue', 'on');
  const rates = await mary.visit(`/manage/offers/${await offerId(server, site, 'tour')}/rates`);
  const priced = await (await rates.click('Child')).submit('Save', { price: '6.50' });
  assert.match(priced.words('.notice'), /saved/i);
  assert.ok(!(await samples()).includes('tour'), 'a price of its own makes it its own');
  assert.equal((await mary.postJson('/manage/branding', { do: 'save', seen: 0, brand: '#7c2d12', accent: '#0f766e', fonts: 'grotesk', corners: 'sharp', header: 'dark' })).status, 200);
  await eventually(checks, { legal: true, pages: true, payment: true, offer: true, look: true });
});

test('P8: a sample is the venue’s own once its words, times, room or state are; the question names those that go', async () => {
  const of = async (slug) => offerId(server, site, slug);
  const still = new Set(own);
  const made = async (slug, answer) => {
    assert.ok(answer.status < 300, `${slug}: ${answer.text ?? answer.words?.('main')}`);
    still.delete(slug);
    assert.deepEqual((await samples()).filter((name) => own.includes(name)), [...still], slug);
  };
  await made('worded', await (await mary.visit(`/manage/offers/${await of('worded')}`)).submit('Save', { title_en: 'Our words' }));
  await made('weekly', await mary.postJson('/manage/schedule/rules/new', { do: 'save', offer: await of('weekly'), day_1: true, times: '18:00' }));
  const day = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
  await made('timed', await mary.postJson('/manage/schedule/slots/new', { do: 'save', offer: await of('timed'), date: day, time: '11:00', anyway: true }));
  const [slot] = await addSlots(server, site.slug, 'called-off', [`${day}T15:00:00Z`]);
  await made('called-off', await mary.postJson('/manage/schedule/changes/new', { do: 'cancel', slot }));
  const hall = (await mary.getJson('/manage/resources')).json.items.find(({ name }) => name === 'Hall');
  await made('roomed', await (await mary.visit(`/manage/resources/${hall.id}`)).submit('Save', { Name: 'Great hall' }));
  const published = await of('published');
  assert.equal((await mary.postJson(`/manage/offers/${published}/unpublish`, {})).status, 200);
  assert.ok((await samples()).includes('published'), 'hiding a sample keeps it one');
  await made('published', await mary.postJson(`/manage/offers/${published}/publish`, {}));

  const { concerned } = (await mary.getJson('/fr/manage/go-live/confirm')).json.confirm;
  assert.deepEqual(concerned.items.map(({ title }) => title), ['Exemple', ...Array(9).fill('Tour (fr)')]);
  assert.match(concerned.more, /3 autres/);
  const page = await mary.visit('/manage/go-live/confirm');
  assert.match(page.words('main'), /These 13 samples go.*Sample.*and 3 more/s);
  const sampled = await page.click('Sample');
  assert.equal(sampled.url.pathname, `/manage/offers/${await of('sample')}`);
});

test('P8: only the owner may, and the site’s name is typed', async () => {
  const ask = await (await mary.visit('/manage/go-live')).click('Go live now');
  const wrong = await ask.submit('Go live now', { typed: 'yes' });
  assert.equal(wrong.status, 422);
  await server.sql(`UPDATE staff SET role = 'manager' FROM site WHERE site.tenant_id = staff.tenant_id AND slug = $1`, [site.slug]);
  assert.equal((await mary.getJson('/manage/go-live')).status, 403);
  assert.equal((await mary.postJson('/manage/go-live', { typed: site.name })).status, 403);
  await server.sql(`UPDATE staff SET role = 'owner' FROM site WHERE site.tenant_id = staff.tenant_id AND slug = $1`, [site.slug]);
});

test('P8: live: no banner, samples gone, practice bookings cancelled, test payments refused', async () => {
  const ask = await mary.visit('/manage/go-live/confirm');
  const done = await ask.submit('Go live now', { typed: site.name });
  assert.match(done.words('.notice'), /is live/);
  assert.match(done.words('#history'), /Mary Manager went live/);
  await eventually(async () => (await site.visitor().visit('/')).all('.practice').length, 0);
  assert.equal((await site.visitor().get('/offers/sample')).status, 404);
  for (const slug of ['tour', 'worded', 'weekly', 'timed', 'called-off', 'roomed', 'published']) {
    assert.equal((await site.visitor().get(`/offers/${slug}`)).status, 200, slug);
  }
  const [row] = await server.sql(
    `SELECT (SELECT count(*)::int FROM order_line l WHERE l.tenant_id = s.tenant_id AND l.state <> 'cancelled') AS lines,
            (SELECT count(*)::int FROM ticket t WHERE t.tenant_id = s.tenant_id AND t.state <> 'void') AS tickets,
            (SELECT sum(taken)::int FROM slot t WHERE t.tenant_id = s.tenant_id) AS taken,
            (SELECT bool_and(practice) FROM orders o WHERE o.tenant_id = s.tenant_id) AS rehearsed,
            (SELECT count(*)::int FROM offer o WHERE o.tenant_id = s.tenant_id AND o.sample) AS samples
       FROM site s WHERE slug = $1`, [site.slug]);
  assert.deepEqual(row, { lines: 0, tickets: 0, taken: 0, rehearsed: true, samples: 0 });
  await checkInvariants(server);
  const next = new Buyer(site);
  const [later] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + 6 * 86_400_000).toISOString()]);
  await next.book('tour', later, { adult: 1 });
  await next.details();
  const methods = (await next.visitor.getJson('/checkout/pay')).json.methods.map(({ code }) => code);
  assert.deepEqual(methods, ['pay-at-venue']);
  assert.notEqual((await next.pay('sandbox-pay')).status, 201);
  await server.feature(site, 'sandbox-pay', 'on');
  assert.notEqual((await next.pay('sandbox-pay')).status, 201, 'switched on again it still takes nothing');
  assert.equal((await mary.postJson('/manage/go-live', { typed: site.name })).status, 409);
});

test('P8: what was booked in practice is no sale: figures and list leave it out, a filter shows it', async () => {
  const [{ practice }] = await server.sql(
    `SELECT count(*) FILTER (WHERE orders.practice)::int AS practice FROM orders JOIN site USING (tenant_id) WHERE slug = $1 AND placed_at IS NOT NULL`,
    [site.slug]);
  assert.equal(practice, 1);
  const figures = async () => {
    const { today, sales } = (await mary.getJson('/manage')).json;
    return { today: today.order_count, month: sales.order_count, sold: sales.sold.minor };
  };
  const real = new Buyer(site);
  const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + 7 * 86_400_000).toISOString()]);
  assert.deepEqual(await figures(), { today: 0, month: 0, sold: 0 });
  await real.book('tour', slot, { adult: 1 });
  const [, code] = (await real.buy()).match(/orders\/(\w+)/);
  assert.deepEqual(await figures(), { today: 1, month: 1, sold: 1200 });
  const listed = async (query) => (await mary.getJson(`/manage/orders${query}`)).json.items;
  assert.deepEqual((await listed('')).map((order) => order.code), [code]);
  assert.deepEqual(await listed('?state=cancelled'), []);
  const rehearsed = await listed('?state=practice');
  assert.deepEqual(rehearsed.map((order) => [order.practice, order.state]), [[true, 'cancelled']]);
  assert.match((await mary.visit('/manage/orders?state=practice')).words('main'), /Booked in practice mode/);
});

test('P8: the other site still practises', async () => {
  assert.ok((await other.visitor().visit('/')).all('.practice').length);
  const [{ samples }] = await server.sql(
    `SELECT count(*)::int AS samples FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 AND sample`, [other.slug]);
  assert.equal(samples, 2);
});
