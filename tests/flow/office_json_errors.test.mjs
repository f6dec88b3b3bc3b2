// What is refused in JSON stands beside the field as it was sent, also inside an object; a field that
// is chosen names what it may be, and nothing happens without it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { offerId, staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ features: { 'pay-at-venue': {} } });
const mary = await staff(site);
const tour = await offerId(server, site, 'tour');
const [{ id: slot }] = await server.sql(
  `SELECT slot_id::text AS id FROM slot JOIN site USING (tenant_id) WHERE slug = $1 ORDER BY starts_at LIMIT 1`, [site.slug]);
const described = JSON.parse(await server.vitrine('openapi', 'site')).paths;
const fields = (page) => page.json.errors.map(({ field }) => field);

test('inside an object: title.en, name.en, setting.text_en; a form keeps its own names', async () => {
  const lines = 'two\nlines';
  const offer = await mary.postJson(`/manage/offers/${tour}`, {
    version: 1, kind: 'event', tax: 'standard', duration_min: 60, capacity: 3, min_per_order: 1, max_per_order: 2,
    opens_days_before: 5, title: { en: lines }, line: { fr: lines } });
  assert.deepEqual(fields(offer), ['title.en', 'line.fr']);
  assert.deepEqual(offer.json.errors.map(({ id }) => id), ['title_en', 'line_fr'], 'the page’s own');
  assert.deepEqual(fields(await mary.postJson('/manage/offers/categories', { name: {} })), ['name.en']);
  assert.deepEqual(fields(await mary.postJson('/manage/legal/taxes/new', { rate: '3' })), ['name.en']);
  assert.deepEqual(fields(await mary.postJson('/manage/webhooks', { url: 'https://hook.example/', events: {} })), ['events']);
  const setting = await mary.postJson('/manage/features/pay-at-venue/settings', {
    settings_version: 1, setting: { text_en: 'x'.repeat(300) } });
  assert.deepEqual(fields(setting), ['setting.text_en']);
  const typed = await (await mary.visit('/manage/offers/categories')).submit('Add', { name_en: '' });
  assert.ok(typed.errors.name_en);
});

const path = '/manage/features/core/notifications/order_confirmed';
const addresses = [path, '/manage/hours', '/manage/hours/closures/new', '/manage/schedule/rules/new', '/manage/schedule/slots/new',
  '/manage/schedule/changes/new', '/manage/schedule/changes/outage'];

for (const address of addresses) {
  test(`${address} says what it can do`, async () => {
    const template = address === path ? '/manage/features/{name}/notifications/{key}' : address;
    const { properties, required } = described[template].post.requestBody.content['application/json'].schema;
    assert.ok(properties.do.enum.length > 1);
    assert.ok(required.includes('do'));
    const before = await server.sql('SELECT count(*) FROM audit');
    for (const wish of [{}, { do: 'zzz' }]) {
      const refused = await mary.postJson(address, address.endsWith('changes/new') ? { slot, ...wish } : wish);
      assert.equal(refused.status, 422, refused.text);
      const beside = refused.json.errors.find(({ field }) => field === 'do');
      assert.equal(beside?.code, wish.do ? 'choice' : 'required');
      assert.deepEqual(beside.allowed, properties.do.enum);
    }
    assert.deepEqual(await server.sql('SELECT count(*) FROM audit'), before);
  });
}
