// P9, P5: what a channel sells, and for which dates: the storefront follows within a second; two
// people see each other; another site's channels aren't there.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite({ offers: [tour(), court()] });
const other = await server.createSite();
async function logIn(where) {
  const visitor = where.visitor();
  await visitor.postJson('/manage/login', { email: where.manager.email, password: where.manager.password });
  return visitor;
}
const mary = await logIn(site);
const { items: channels } = (await mary.getJson('/manage/channels')).json;
const web = channels.find(({ kind }) => kind === 'web');
const channel = `/manage/channels/${web.channel_id}`;
const profiles = async () => (await mary.getJson(channel)).json.profiles;
const [first] = await profiles();
const profile = `${channel}/profiles/${first.profile_id}`;
const onSale = async (where = site) =>
  (await where.visitor().getJson('/')).json.offers.map(({ title }) => title).sort();

test('a profile narrowed to one offer takes the others off sale at once', async () => {
  assert.deepEqual(await onSale(), ['Court', 'Tour']);
  const page = await (await (await mary.visit('/manage/channels')).click('Web')).click('Everything on sale');
  const saved = await page.submit('Save', { Name: 'Tours only', every_offer: false, Tour: true });
  assert.match(saved.words('.notice'), /Saved/);
  assert.match(saved.words('#profiles'), /Tours only\s*1 offer · all dates/);
  assert.match(saved.words('#history'), /Mary Manager saved a sales profile/);
  await eventually(onSale, ['Tour'], 1500);
  assert.deepEqual(await onSale(other), ['Court', 'Tour']);
});

test('refused beside the field: no offer, an end before the beginning, a date that is none', async () => {
  const page = await mary.visit(profile);
  const none = await page.submit('Save', { Tour: false });
  assert.equal(none.status, 422);
  assert.match(none.errors.every_offer, /at least one/);
  const turned = await page.submit('Save', { From: '2027-02-01', To: '2027-01-01' });
  assert.match(turned.errors.to, /before it begins/);
  assert.ok((await page.submit('Save', { From: '2027-02-30' })).errors.from);
});

test('dates; a second profile adds to the first; removed again', async () => {
  const made = await (await mary.visit(`${channel}/profiles/new`)).submit('Save', {
    Name: 'Courts in 2040', every_offer: false, Court: true, From: '2040-01-01', To: '2040-12-31' });
  assert.match(made.words('#profiles'), /Courts in 2040\s*1 offer · .*2040/);
  const second = (await profiles()).find(({ name }) => name === 'Courts in 2040');
  const page = await mary.visit(`${channel}/profiles/${second.profile_id}`);
  await page.submit('Remove this profile');
  assert.equal((await profiles()).length, 1);
});

test('two people: the later one sees both; another site’s profiles and offers are not there', async () => {
  const stale = await mary.visit(profile);
  await (await mary.visit(profile)).submit('Save', { Name: 'Theirs' });
  const late = await stale.submit('Save', { Name: 'Mine' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Theirs\s*Mine/);
  const stranger = await logIn(other);
  assert.equal((await stranger.get(profile)).status, 404);
  assert.equal((await stranger.postJson(`${profile}/remove`, {})).status, 404);
  const [{ id }] = await server.sql(
    `SELECT offer_id::text AS id FROM offer JOIN site USING (tenant_id) WHERE site.slug = $1 LIMIT 1`, [other.slug]);
  const { version } = (await mary.getJson(profile)).json;
  const forged = await mary.postJson(profile, { version, name: 'x', mode: 'sale', every_offer: false, offer: [{ key: id, count: 1 }] });
  assert.equal(forged.status, 404);
});
