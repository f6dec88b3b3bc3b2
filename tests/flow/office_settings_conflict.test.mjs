// P2: two people edit a feature's settings: the later sees the conflict and both
// versions, nothing is lost; amounts stand and are read as the reader writes them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { root, startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const site = await server.createSite({ features: { sampler: {}, greeter: {} }, languages: ['fr', 'en', 'es'] });
const mary = await staff(site);
const open = () => mary.visit('/manage/features/sampler');
const value = (page, id) => page.document.querySelector(`#setting_${id}`).getAttribute('value');
const stored = async () => (await server.sql(
  "SELECT feature.settings FROM feature JOIN site USING (tenant_id) WHERE slug = $1 AND plugin = 'sampler'", [site.slug]))[0].settings;

test('P2: an amount stands in French, and is read in French', async () => {
  const saved = await (await open()).submit('form[action$="/settings"]', { setting_deposit: '250,50' });
  assert.equal(saved.status, 200);
  assert.equal((await stored()).deposit, 25_050);
  assert.equal(value(await open(), 'deposit'), '250,50');
  assert.equal(value(await mary.visit('/en/manage/features/sampler'), 'deposit'), '250.50');
  const refused = await (await open()).submit('form[action$="/settings"]', { setting_deposit: 'beaucoup' });
  assert.equal(refused.status, 422);
  assert.match(refused.errors.setting_deposit, /un montant comme 12,50/);
});

test('two people edit the settings of one feature', async () => {
  const [hers, his] = [await open(), await open()];
  await hers.submit('form[action$="/settings"]', { setting_seats: '5' });
  const late = await his.submit('form[action$="/settings"]', { setting_seats: '6' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /5.*6/);
  assert.equal(value(late, 'seats'), '6');
  assert.equal((await stored()).seats, 5);
  const decided = await late.submit('form[action$="/settings"]');
  assert.equal(decided.status, 200);
  assert.equal((await stored()).seats, 6);
});
