// P10: legal data on every receipt, legal pages in versions, the tick at checkout, taxes of several
// rates that can't go while an offer uses them; another site's stay apart.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { startServer, tour } from '../lib/index.mjs';
import { Buyer } from '../lib/sale.mjs';
import { addSlots } from '../lib/stock.mjs';

const server = await startServer();
const site = await server.createSite({ offers: [tour()], features: { 'pay-at-venue': {} } });
const other = await server.createSite();

async function logIn(where) {
  const visitor = where.visitor();
  const { email, password } = where.manager;
  await visitor.postJson('/manage/login', { email, password });
  return visitor;
}
const mary = await logIn(site);
const [slot] = await addSlots(server, site.slug, 'tour', [new Date(Date.now() + 5 * 86_400_000).toISOString()]);

const data = {
  Company: 'Maison Test SARL', 'Register and number': 'RCS Paris 123 456 789', 'VAT number': 'FR12345678901',
  'Registered address': '2 rue du Siège\n75002 Paris',
};

test('P10: legal data are saved, refused beside the field, and on record', async () => {
  const page = await mary.visit('/manage/legal');
  const wrong = await page.submit('Save', { ...data, 'VAT number': '<b>' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.vat_number, /letters and digits/);
  assert.match(wrong.text, /Maison Test SARL/);
  const saved = await wrong.submit('Save', data);
  assert.match(saved.words('.notice'), /Saved/);
  assert.match(saved.words('#history'), /Mary Manager changed the company’s data/);
  const late = await page.submit('Save', { ...data, Company: 'Somebody Else' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Maison Test SARL\s*Somebody Else/);
});

test('P10: pages in each language, in versions, linked from the footer, gone when emptied', async () => {
  assert.equal((await site.visitor().get('/legal/terms')).status, 404);
  const page = await (await mary.visit('/manage/legal')).click('Terms');
  const look = await page.submit('Preview', { body_en: '# Rules\n\n**Be kind.** <script>alert(1)</script>' });
  assert.match(look.words('#look-en'), /Rules\s*Be kind\./);
  assert.ok(!look.text.includes('<script>alert'));
  const saved = await look.submit('Save', { body_fr: 'Soyez **aimables**.' });
  assert.match(saved.words('.notice'), /Saved/);
  await eventually(async () => (await site.visitor().get('/legal/terms')).status, 200);
  const terms = await (await site.visitor().visit('/')).click('Terms');
  assert.match(terms.words('main'), /Be kind/);
  assert.match((await site.visitor().visit('/fr/legal/terms')).words('main'), /Soyez aimables/);
  assert.match((await site.visitor().visit('/es/legal/terms')).words('main'), /Be kind/);
  assert.equal((await site.visitor().getJson('/legal/terms')).json.page.version, 1);

  const second = await (await mary.visit('/manage/legal/pages/terms')).submit('Save', { body_en: 'Be very kind.' });
  const stale = await page.submit('Save', { body_en: 'Mine' });
  assert.equal(stale.status, 409);
  assert.match(stale.text, /Mine/);
  const back = await second.submit('Go back to it Version 1');
  assert.match(back.words('#versions'), /Version 3/);
  assert.match(back.words('#history'), /Mary Manager changed the page.*Be very kind.*Be kind/s);
  assert.doesNotMatch((await mary.visit('/manage/legal/pages/privacy')).words('#history'), /changed the page/);
  await eventually(async () => (await site.visitor().visit('/legal/terms')).words('main').includes('very'), false);
  assert.equal((await other.visitor().get('/legal/terms')).status, 404);
});

test('P10: the tick at checkout: required, the order keeps which version, receipts say who sells', async () => {
  const ask = async (visitor) => (await visitor.visit('/checkout')).all('#terms').length;
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 1 });
  assert.equal(await ask(buyer.visitor), 0);
  assert.equal((await mary.postJson('/manage/legal/ask-terms', { ask_terms: true })).status, 200);
  await eventually(() => ask(buyer.visitor), 1);
  assert.match((await mary.visit('/manage/legal')).words('#history'), /changed whether terms are agreed to/);
  const without = await (await buyer.visitor.visit('/checkout')).submit('Continue to payment', {
    'Full name': 'Ann Buyer', 'E-mail': 'ann@buyer.example' });
  assert.equal(without.status, 422);
  assert.ok(without.errors.terms);
  const paying = await without.submit('Continue to payment', { terms: true });
  assert.equal(paying.url.pathname, '/checkout/pay');
  const [{ terms_version }] = await server.sql(`SELECT terms_version FROM orders WHERE email = 'ann@buyer.example'`);
  assert.equal(Number(terms_version), 3);
  const order = await buyer.visitor.visit((await buyer.pay('pay-at-venue')).json.location);
  assert.match(order.words('.receipt'), /Maison Test SARL.*FR12345678901/);
  const mail = await server.mail({ to: 'ann@buyer.example' });
  for (const face of [mail.text, mail.html]) assert.match(face, /Maison Test SARL[\s\S]*FR12345678901/);
  const file = join(mkdtempSync('/tmp/vt-receipt-'), 'tickets.pdf');
  writeFileSync(file, mail.attachments.find(({ name }) => name.endsWith('.pdf')).bytes);
  const paper = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  rmSync(dirname(file), { recursive: true });
  assert.match(paper, /Maison Test SARL[\s\S]*FR12345678901/);
});

test('P10: taxes: added and changed; one in use stays, and the page says by what', async () => {
  const list = async () => (await mary.getJson('/manage/legal')).json.taxes;
  const page = await mary.visit('/manage/legal/taxes/new');
  const wrong = await page.submit('Save', { 'Name, English': 'Reduced', 'Rate in per cent': '5.5 %' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.rate, /0 to 100/);
  const saved = await wrong.submit('Save', { 'Name, English': 'Reduced', 'Rate in per cent': '5,5', 'Included in prices': false });
  assert.match(saved.words('#taxes'), /Reduced\s*5.5\s?%, added to prices · no offer/);
  const reduced = (await list()).find(({ code }) => code === 'reduced');
  assert.equal(reduced.rate_ppm, 55_000);
  const twice = await (await mary.visit('/manage/legal/taxes/new')).submit('Save', { 'Name, English': 'Reduced', 'Rate in per cent': '7' });
  assert.equal(twice.status, 422);

  const stale = await mary.visit(`/manage/legal/taxes/${reduced.tax_id}`);
  await (await mary.visit(`/manage/legal/taxes/${reduced.tax_id}`)).submit('Save', { 'Rate in per cent': '6' });
  const late = await stale.submit('Save', { 'Rate in per cent': '8' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /6\s?%\s*8\s?%/);

  const used = (await list()).find(({ code }) => code === 'standard');
  const refused = await mary.visit(`/manage/legal/taxes/${used.tax_id}/remove`);
  assert.equal(refused.status, 409);
  assert.match(refused.words('.notice'), /in use by: Tour/);
  assert.equal((await mary.postJson(`/manage/legal/taxes/${used.tax_id}/remove`, {})).status, 422);
  await server.sql(
    `INSERT INTO offer SELECT (jsonb_populate_record(o, jsonb_build_object('offer_id', o.offer_id + n, 'slug', 'copy-' || n))).*
       FROM offer o JOIN site s USING (tenant_id), generate_series(1, 16) n WHERE s.slug = $1 AND o.slug = 'tour'`, [site.slug]);
  const many = await mary.visit(`/manage/legal/taxes/${used.tax_id}/remove`);
  assert.match(many.words('.notice'), /in use by: Tour, Tour, Tour,? and 14 others\./);
  await server.sql(`DELETE FROM offer WHERE slug LIKE 'copy-%'`);
  const gone = await (await mary.visit(`/manage/legal/taxes/${reduced.tax_id}/remove`)).submit('Remove this tax');
  assert.match(gone.words('.notice'), /Saved/);
  assert.match(gone.words('#history'), /removed the tax Reduced/, 'what is gone is found where it was listed');
  assert.equal((await list()).length, 1);
  const stranger = await logIn(other);
  assert.equal((await stranger.get(`/manage/legal/taxes/${used.tax_id}`)).status, 404);
  assert.equal((await stranger.postJson(`/manage/legal/taxes/${used.tax_id}/remove`, {})).status, 404);
});

test('P10: a changed rate holds for what is sold from then on', async () => {
  const [tax] = (await mary.getJson('/manage/legal')).json.taxes;
  const before = await server.sql(`SELECT DISTINCT tax_ppm::int FROM order_line WHERE state = 'confirmed'`);
  assert.deepEqual(before, [{ tax_ppm: 200_000 }]);
  assert.equal((await mary.postJson(`/manage/legal/taxes/${tax.tax_id}`, {
    name: { en: 'VAT' }, rate: '10', included: true, version: tax.version })).status, 200);
  const after = await server.sql(`SELECT DISTINCT tax_ppm::int FROM order_line WHERE state = 'confirmed'`);
  assert.deepEqual(after, before);
});
