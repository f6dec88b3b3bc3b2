// Rates of an offer, in the site's currency and typed as the reader writes amounts, currencies
// without decimals too; L13's rule for boxes: what isn't an amount is refused beside its field.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer, tour } from '../lib/index.mjs';
import { eventually } from '../lib/feature.mjs';
import { offerId, staff } from '../lib/office.mjs';

const server = await startServer();
const priceOf = async (id, code) =>
  Number((await server.sql('SELECT price_minor FROM rate WHERE offer_id = $1 AND code = $2', [id, code]))[0]?.price_minor);

test('a price typed in French is read in French, and shown so again', async () => {
  const site = await server.createSite({ languages: ['fr', 'en', 'es'] });
  const mary = await staff(site);
  const id = await offerId(server, site, 'tour');
  const page = await mary.visit(`/manage/offers/${id}/rates/new`);
  const done = await page.submit('Enregistrer', { price: '1 250,50 €', name_fr: 'Groupe', note_fr: 'dès 20 personnes', name_en: 'Group' });
  assert.match(done.words('.notice'), /prix est enregistré/);
  assert.match(done.words('tbody'), /Groupe ?dès 20 personnes ?1 250,50 €/);
  assert.equal(await priceOf(id, 'groupe'), 125_050);
  const again = await done.click('Groupe');
  assert.equal(again.document.querySelector('#price').getAttribute('value'), '1250,50');
  const english = await (await mary.visit(`/en${again.url.pathname}`)).submit('Save', { price: '1,300.25' });
  assert.equal(english.status, 200);
  assert.equal(await priceOf(id, 'groupe'), 130_025);
  await eventually(async () => /1\s300,25/.test((await mary.visit('/offers/tour')).words('.prices')), true, 1000);
});

test('yen have no decimals', async () => {
  const site = await server.createSite({ currency: 'JPY', languages: ['en'] });
  const mary = await staff(site);
  const id = await offerId(server, site, 'tour');
  const page = await mary.visit(`/manage/offers/${id}/rates/new`);
  const refused = await page.submit('Save', { price: '12.50', name_en: 'Odd' });
  assert.equal(refused.status, 422);
  assert.match(refused.errors.price, /Write an amount such as 1250\./);
  await refused.submit('Save', { price: '¥1,400', name_en: 'Evening' });
  assert.equal(await priceOf(id, 'evening'), 1400);
});

test('what is no amount is refused beside the field, and nothing typed is lost', async () => {
  const site = await server.createSite();
  const mary = await staff(site);
  const id = await offerId(server, site, 'tour');
  for (const price of ['-1', 'abc', '1.2.3', '12.505', '1,23,4', '9999999999999999', '', '1e3', '１２']) {
    const page = await (await mary.visit(`/manage/offers/${id}/rates/new`)).submit('Save', { price, name_en: 'Kept' });
    assert.equal(page.status, 422, price);
    assert.ok(page.errors.price, price);
    assert.equal(page.document.querySelector('#name_en').getAttribute('value'), 'Kept');
  }
  assert.equal((await server.sql('SELECT 1 FROM rate WHERE offer_id = $1', [id])).length, 2);
});

test('a price that is no longer sold leaves the storefront; two people see both versions', async () => {
  const site = await server.createSite({ offers: [tour()] });
  const mary = await staff(site);
  const id = await offerId(server, site, 'tour');
  const open = async () => (await mary.visit(`/manage/offers/${id}/rates`)).click('Child');
  const [first, second] = [await open(), await open()];
  await first.submit('Save', { archived: true });
  await eventually(async () => /Child/.test((await site.visitor().get('/offers/tour')).words('.prices')), false, 1000);
  const late = await second.submit('Save', { price: '7.00' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Price.*€6\.00.*€7\.00.*Not sold any more.*yes.*no/);
  assert.match((await mary.visit(`/manage/offers/${id}`)).words('#history'), /Mary Manager changed a price/);
});

test('categories: add, rename, order, and deletion refused by the offers in them', async () => {
  const site = await server.createSite();
  const mary = await staff(site);
  const page = await mary.visit('/manage/offers/categories');
  const added = await page.submit('Add', { name_en: 'Evenings', name_fr: 'Soirées' });
  assert.match(added.words('.notice'), /category is saved/);
  const empty = await added.submit('Add', { name_en: '' });
  assert.equal(empty.status, 422);
  const renamed = await (await added.click('Evenings')).submit('Save', { name_en: 'Nights' });
  assert.match(renamed.words('tbody'), /Visits.*Nights/);
  const moved = await renamed.submit('Move up');
  assert.match(moved.words('tbody'), /Nights.*Visits/);
  const [{ id }] = await server.sql(
    "SELECT category_id::text AS id FROM category JOIN site USING (tenant_id) WHERE site.slug = $1 AND category.slug = 'visits'", [site.slug]);
  const used = await mary.postJson(`/manage/offers/categories/${id}/delete`, {});
  assert.equal(used.status, 409);
  assert.equal(used.json.code, 'category_in_use');
  const one = await moved.click('Nights');
  assert.match(one.words('#history'), /Mary Manager moved the category up.*Mary Manager changed the category.*Mary Manager added the category/);
  assert.doesNotMatch(one.words('#history'), /Visits/);
  const gone = await moved.submit('Delete');
  assert.doesNotMatch(gone.words('tbody'), /Nights/);
  // A category that is gone has no page: what happened to it stands on the list.
  assert.match(gone.words('#history'), /Mary Manager deleted the category Nights.*moved the category up Nights/);
});

test('P5: the prices, one price and the picture have their part of the offer’s history', async () => {
  const site = await server.createSite();
  const mary = await staff(site);
  const id = await offerId(server, site, 'tour');
  const rates = `/manage/offers/${id}/rates`;
  await (await mary.visit(`${rates}/new`)).submit('Save', { price: '20', name_en: 'Evening' });
  const listed = await (await (await mary.visit(rates)).click('Evening')).submit('Save', { price: '25' });
  await (await mary.visit(`/manage/offers/${id}`)).submit('Save', { slug: 'grand-tour' });
  const said = (page) => page.words('#history');
  assert.match(said(await mary.visit(rates)), /Mary Manager changed a price Evening.*Mary Manager added a price Evening/s);
  assert.doesNotMatch(said(await mary.visit(rates)), /grand-tour/);
  assert.match(said(await mary.visit(`/manage/offers/${id}`)), /grand-tour.*changed a price Evening/s);
  const evening = await listed.click('Evening');
  assert.match(said(evening), /changed a price.*20\.00.*25\.00.*added a price/s);
  const adult = await listed.click('Adult');
  assert.doesNotMatch(said(adult), /Evening|changed a price/, 'another price has its own');
  assert.match(said(await mary.visit(`/manage/offers/${id}/picture`)), /Nothing has been changed|History/);
  await mary.postJson(`/manage/offers/${id}/picture/remove`, {});
  assert.match(said(await mary.visit(`/manage/offers/${id}/picture`)), /Mary Manager removed the picture/);
  const { json } = await mary.getJson(`${evening.url.pathname}`);
  assert.deepEqual(json.history.entries.map(({ action }) => action), ['offer.rate_change', 'offer.rate_add']);
  assert.equal((await mary.getJson(`${rates}/new`)).json.history, null);
});
