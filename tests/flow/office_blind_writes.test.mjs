// A program that doesn't say which version it has read overwrites nothing: it is refused beside that
// field, everywhere, and the description says that the field is needed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { offerId, staff } from '../lib/office.mjs';

const server = await startServer({ env: { VITRINE_WEBHOOKS_TO_SELF: 'on' } });
const site = await server.createSite({ features: { 'pay-at-venue': {} } });
const mary = await staff(site);
const names = ['version', 'seen', 'settings_version'];
const get = async (path) => (await mary.getJson(path)).json;

const tour = `/manage/offers/${await offerId(server, site, 'tour')}`;
const [rate] = (await get(`${tour}/rates`)).rates;
const made = async (path, json) => {
  const answer = await mary.postJson(path, json);
  assert.ok(answer.status < 300, `${path} ${answer.text}`);
  return answer;
};
await made('/manage/offers/categories', { name: { en: 'Walks' } });
const [category] = (await get('/manage/offers/categories')).items;
const [channel] = (await get('/manage/channels')).items;
const { profiles } = await get(`/manage/channels/${channel.channel_id}`);
await made('/manage/legal/taxes/new', { name: { en: 'Levy' }, rate: '3', included: true });
const [{ id: tax }] = await server.sql(
  `SELECT tax_id::text AS id FROM tax JOIN site USING (tenant_id) WHERE slug = $1 AND tax.code = 'levy'`, [site.slug]);
const hook = await made('/manage/webhooks', { url: 'http://127.0.0.1:9009/hook', on: false, events: { 'order.placed': true } });
await made('/manage/hours/closures/new', { do: 'save', kind: 'closure', from_date: '2029-01-01', to_date: '2029-01-02' });
const [closure] = (await get('/manage/hours')).closures;
const [rule] = (await get('/manage/schedule/rules')).items;
const offer = {
  kind: 'event', tax: 'standard', duration_min: 60, capacity: 3, min_per_order: 1, max_per_order: 2, opens_days_before: 5,
};
const profile = { name: 'Blind', mode: 'sale', every_offer: true };

const changes = {
  [tour]: offer,
  [`${tour}/rates/${rate.id}`]: { price: '1' },
  [`/manage/offers/categories/${category.id}`]: { name: { en: 'Blind' } },
  [`/manage/channels/${channel.channel_id}/profiles/${profiles[0].profile_id}`]: profile,
  [`/manage/channels/${channel.channel_id}/profiles/${profiles[0].profile_id}/remove`]: {},
  [`/manage/legal/taxes/${tax}`]: { name: { en: 'Blind' }, rate: '4' },
  '/manage/legal/pages/terms': { body: { en: 'Blind' } },
  '/manage/legal/data': { company: 'Blind' },
  '/manage/branding': { brand: '#0f766e' },
  '/manage/features/pay-at-venue/settings': { setting: { text_en: 'Blind' } },
  [await notification()]: { do: 'save', enabled: false },
  [`/manage/webhooks/${hook.json.webhook.id}`]: { url: 'http://127.0.0.1:9009/blind', events: { 'order.placed': true } },
  '/manage/hours': { do: 'save', d1_from_1: '09:00', d1_to_1: '10:00' },
  [`/manage/hours/closures/${closure.id}`]: { do: 'save', kind: 'closure', from_date: '2029-01-01', to_date: '2029-01-03' },
  [`/manage/schedule/rules/${rule.id}`]: { do: 'save', day_1: true, times: '10:00' },
};

async function notification() {
  const page = await mary.visit('/manage/notifications');
  return page.all('a').map((a) => a.getAttribute('href')).find((href) => /\/notifications\//.test(href));
}

test('the description requires it in every change that knows versions', async () => {
  const { paths } = JSON.parse(await server.vitrine('openapi', 'site'));
  const changes = Object.entries(paths).filter(([path, { post }]) => path.startsWith('/manage/') && post?.requestBody)
    .map(([path, { post }]) => [path, post.requestBody.content['application/json']?.schema])
    // An action on times, which counts what it concerns itself; who looked at it first may say so.
    .filter(([path]) => path !== '/manage/schedule/changes/new')
    .filter(([, schema]) => names.some((name) => schema?.properties?.[name]));
  assert.ok(changes.length > 15, `${changes.length}`);
  const lax = changes.filter(([, { properties, required = [] }]) =>
    names.some((name) => properties[name] && !required.includes(name)));
  assert.deepEqual(lax.map(([path]) => path), []);
});

for (const [path, json] of Object.entries(changes)) {
  test(`nothing is overwritten blindly: ${path.replace(/\d{6,}/g, 'ID')}`, async () => {
    const before = await server.sql('SELECT count(*) FROM audit');
    const answer = await mary.postJson(path, json);
    assert.equal(answer.status, 422, answer.text);
    const beside = answer.json.errors.find(({ field }) => names.includes(field));
    assert.equal(beside?.code, 'required', answer.text);
    const named = await mary.postJson(path, { ...json, [beside.field]: 999_999 });
    assert.equal(named.status, 409, named.text);
    assert.deepEqual(await server.sql('SELECT count(*) FROM audit'), before);
  });
}
