// P3: the look: saved once, it is everywhere within a second (storefront, mails); tried without
// being saved; in versions; colours that can't be read are corrected and said, wrong ones refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { startServer } from '../lib/index.mjs';
import { Buyer, slotsOf } from '../lib/sale.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const other = await server.createSite();

async function logIn(where) {
  const visitor = where.visitor();
  await visitor.postJson('/manage/login', { email: where.manager.email, password: where.manager.password });
  return visitor;
}
const mary = await logIn(site);
const css = async (where = site) => (await where.visitor().get('/site.css')).text;

test('P3: colours, letters, corners, header and words hold everywhere within a second', async () => {
  const strangers = await css(other);
  const page = await mary.visit('/manage/branding');
  const saved = await page.submit('Save', {
    brand: '#7c2d12', fonts: 'display', corners: 'sharp', header: 'brand', tagline_en: 'Come and see', tagline_fr: 'Venez voir' });
  assert.match(saved.words('.notice'), /Saved/);
  await eventually(async () => (await css()).includes('--brand:light-dark(#7c2d12'), true, 1000);
  const home = await site.visitor().visit('/');
  assert.equal(home.document.documentElement.dataset.fonts, 'display');
  assert.equal(home.document.documentElement.dataset.corners, 'sharp');
  assert.equal(home.document.documentElement.dataset.header, 'brand');
  assert.match(home.words('footer'), /Come and see/);
  assert.match((await site.visitor().visit('/fr')).words('footer'), /Venez voir/);
  assert.equal(await css(other), strangers);
  const buyer = new Buyer(site);
  const [slot] = await slotsOf(server, site, 'tour');
  await buyer.book('tour', slot, { adult: 1 });
  await buyer.buy();
  assert.match((await server.mail({ to: 'ann@buyer.example' })).html, /#7c2d12/);
});

test('P3: a look is tried on the real storefront without being saved', async () => {
  const page = await (await mary.visit('/manage/branding')).submit('Preview', { brand: '#1d4ed8', corners: 'soft' });
  assert.equal(page.status, 200);
  const frame = page.all('iframe')[0].getAttribute('src');
  const look = await mary.get(frame);
  assert.equal(look.status, 200);
  assert.equal(look.headers['x-frame-options'], 'SAMEORIGIN');
  assert.match(look.headers['content-security-policy'], /frame-ancestors 'self'/);
  assert.equal(look.document.documentElement.dataset.corners, 'soft');
  assert.match(look.words('main'), /Tour/);
  const sheet = look.all('link[rel=stylesheet]').map((link) => link.getAttribute('href')).find((url) => url.includes('preview.css'));
  assert.match((await mary.get(sheet)).text, /#1d4ed8/);
  assert.match(await css(), /#7c2d12/);
  assert.equal((await site.visitor().get(frame)).status, 302, 'for staff only');
  assert.equal((await mary.get('/manage/branding')).headers['x-frame-options'], 'DENY');
});

test('P3: a colour that can’t be read is corrected, and said; one that is none is refused', async () => {
  const wrong = await mary.postJson('/manage/branding', { do: 'save', brand: 'red' });
  assert.equal(wrong.status, 422);
  assert.equal(wrong.json.errors[0].code, 'colour');
  const forged = await mary.postJson('/manage/branding', { do: 'save', fonts: 'comic' });
  assert.equal(forged.status, 422);
  const saved = await (await mary.visit('/manage/branding')).submit('Save', { brand: '#22a05b' });
  assert.match(saved.words('.notices'), /#22a05b is too light.*#[0-9a-f]{6} is used/);
});

test('P3: versions: one goes back, two people see each other', async () => {
  const stale = await mary.visit('/manage/branding');
  const back = await stale.submit('Go back to it Version 1');
  assert.match(back.words('.notice'), /Saved/);
  await eventually(async () => (await css()).includes('#7c2d12'), true, 1000);
  const late = await stale.submit('Save', { brand: '#000080' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Mary Manager saved this/);
  assert.equal(late.form('Save').values?.brand ?? '#000080', '#000080');
  const first = await (await mary.visit('/manage/branding')).submit('Go back to it As it began');
  assert.match(first.words('.notice'), /Saved/);
  await eventually(async () => (await site.visitor().visit('/')).document.documentElement.dataset.fonts, 'humanist', 1000);
  const rows = await server.sql(`SELECT actor_name FROM audit WHERE action = 'branding.save'`);
  assert.equal(rows.length, 4);
});

test('P3: another site’s versions aren’t there', async () => {
  const stranger = await logIn(other);
  assert.equal((await stranger.postJson('/manage/branding/restore/1', {})).status, 404);
});
