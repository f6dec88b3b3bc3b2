// P2: the feature catalogue: what each feature does, needs and conflicts with; switch, settings and
// notifications in one place; effective at once, on one site only.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env, workers: 2 });
const site = await server.createSite({ features: {} });
const other = await server.createSite({ features: {} });

async function manager(of = site) {
  const visitor = of.visitor();
  const { email, password } = of.manager;
  await visitor.post('/manage/login', { form: { email, password } });
  return visitor;
}
const mary = await manager();
const open = (name = '') => mary.visit(`/manage/features${name && `/${name}`}`);
const state = async (name, of = site) => {
  const rows = await server.sql(
    'SELECT f.state FROM feature f JOIN site s USING (tenant_id) WHERE s.slug = $1 AND f.plugin = $2',
    [of.slug, name]);
  return rows[0]?.state ?? 'off';
};
// The switch is labelled by the feature's title, so its form is found by where it leads.
const flip = (page, name, to) => page.submit(`form[action$="/features/${name}/${to}"]`);

test('P2: sections with what each feature does, needs and conflicts with', async () => {
  const page = await open();
  assert.equal(page.status, 200);
  const headings = page.all('.catalogue h2').map((h) => h.textContent);
  assert.deepEqual(headings, ['Selling', 'Customers', 'Memberships', 'Business enhancements', 'At the door']);
  const row = (name) => page.document.getElementById(`title-${name}`).closest('li').textContent.replace(/\s+/g, ' ');
  assert.match(row('sampler'), /One setting of every kind.*Needs Greeter.*Not together with Tally.*Off/);
  assert.match(row('tally'), /Not together with Sampler/);
  assert.match(row('guarded'), /An account manager approves it/);
  assert.match(row('hungry'), /Needs teleport/);
});

test('P2: a switch takes effect at once on every worker, and on this site only', async () => {
  assert.equal((await site.visitor().get('/x/greeter/')).status, 404);
  const page = await flip(await open(), 'greeter', 'on');
  assert.match(page.words('.notice'), /Greeter is on/);
  const seen = [];
  for (let i = 0; i < 8; i++) {
    const visitor = site.visitor();
    seen.push((await visitor.get('/x/greeter/')).status);
    visitor.close();
  }
  const until = Date.now() + 1000;
  while (Date.now() < until && seen.at(-1) !== 200) seen.push((await site.visitor().get('/x/greeter/')).status);
  assert.equal(seen.at(-1), 200);
  assert.equal((await other.visitor().get('/x/greeter/')).status, 404);
  assert.equal(await state('greeter', other), 'off');

  const undone = await page.submit('Undo');
  assert.match(undone.words('.notice'), /Greeter is off/);
  assert.equal(await state('greeter'), 'off');
});

test('P2: what else turns on is shown first, and turns on with consent', async () => {
  const ask = await flip(await open(), 'sampler', 'on');
  assert.equal(ask.status, 409);
  assert.match(ask.words('main'), /Sampler brings something along.*Greeter/s);
  assert.equal(await state('sampler'), 'off');
  const done = await ask.submit('Switch all of them on');
  assert.equal(done.status, 200);
  assert.deepEqual([await state('sampler'), await state('greeter')], ['on', 'on']);
});

test('P2: a conflict, a missing capability and a dependant are named', async () => {
  const clash = await flip(await open(), 'tally', 'on');
  assert.equal(clash.status, 409);
  assert.match(clash.words('main'), /clashes.*Sampler/s);
  const lacks = await flip(await open(), 'hungry', 'on');
  assert.match(lacks.words('main'), /can’t start here.*teleport/s);
  const needed = await flip(await open(), 'greeter', 'off');
  assert.match(needed.words('main'), /Others need Greeter.*Sampler/s);
  assert.deepEqual([await state('tally'), await state('hungry'), await state('greeter')], ['off', 'off', 'on']);
});

test('P2: as JSON a refused switch is a problem document that names the others', async () => {
  const turn = (name, to) => mary.postJson(`/manage/features/${name}/${to}`, {});
  for (const [name, to, code, others] of [
    ['tally', 'on', 'feature_conflicts', ['sampler']],
    ['hungry', 'on', 'feature_lacks', []],
    ['greeter', 'off', 'feature_needed', ['sampler']],
  ]) {
    const { status, headers, json } = await turn(name, to);
    assert.equal(status, 409, name);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.deepEqual([json.type, json.status, json.code], [`urn:vitrine:problem:${code}`, 409, code]);
    assert.ok(json.title.length > 10 && json.request_id);
    assert.deepEqual(json.others.map((other) => other.name), others);
  }
});

test('P2: a gated feature waits for approval', async () => {
  const page = await flip(await open(), 'guarded', 'on');
  assert.match(page.words('.notice'), /account manager/);
  assert.equal(await state('guarded'), 'waiting');
  assert.match((await open('guarded')).words('main'), /Waiting for approval/);
  await page.submit('Withdraw');
  assert.equal(await state('guarded'), 'off');
});

test('P2: settings are a form made from the schema, refused beside their field', async () => {
  const page = await open('sampler');
  const labels = page.all('form[action$="/settings"] label').map((l) => l.textContent);
  assert.deepEqual(labels, ['Motto', 'Story', 'Seats', 'Deposit', 'Quiet hours', 'Colour']);
  const wrong = await page.submit('Save', { Motto: '', Seats: '13', Deposit: 'much', Story: '<b>long</b>' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.setting_motto, /Fill this in/);
  assert.match(wrong.errors.setting_seats, /12 at most/);
  assert.match(wrong.errors.setting_deposit, /amount/);
  assert.equal(wrong.all('[data-errors] a[href="#setting_seats"]').length, 1);
  assert.match(wrong.text, /&lt;b&gt;long/);
  assert.match(wrong.text, /value="13"/);

  const saved = await wrong.submit('Save', {
    Motto: 'Welcome', Seats: '6', Deposit: '20.50', 'Quiet hours': false, Colour: 'blue',
  });
  assert.match(saved.words('.notice'), /Saved/);
  const { values } = (await mary.getJson('/manage/features/sampler')).json;
  assert.deepEqual(values, {
    motto: 'Welcome', story: '<b>long</b>', seats: 6, deposit: 2050, quiet: false, colour: 'blue',
  });
});

test('as JSON: the catalogue, a switch, a refusal', async () => {
  const { json } = await mary.getJson('/manage/features');
  const all = json.sections.flatMap(({ features }) => features);
  assert.equal(all.find(({ name }) => name === 'sampler').state, 'on');
  const off = await mary.postJson('/manage/features/sampler/off', {});
  assert.equal(off.status, 200);
  const again = await mary.postJson('/manage/features/sampler/on', {});
  assert.equal(again.json.result, 'on');
  const bad = await mary.postJson('/manage/features/sampler/settings', { settings_version: 1, setting: { seats: 99 } });
  assert.equal(bad.status, 422);
  assert.equal(bad.json.errors[0].field, 'setting.seats');
  assert.equal((await mary.postJson('/manage/features/nothing/on', {})).status, 404);
});

test('P2: closing says what is still owed, and off now wants the typed name', async () => {
  await mary.postJson('/manage/features/sampler/off', {});
  const guest = await site.visitor().visit('/x/greeter/');
  await guest.submit('Sign', { Name: 'Ann' });
  const closing = await flip(await open('greeter'), 'greeter', 'off');
  assert.match(closing.words('.notice'), /is closing/);
  assert.equal(await state('greeter'), 'closing');
  assert.equal(closing.words('.owed strong'), '1');
  const wrong = await closing.submit('Switch off now', { typed: 'greet' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.typed, /Type greeter/);
  const kept = await flip(wrong, 'greeter', 'on');
  assert.equal(kept.status, 200);
  assert.equal(await state('greeter'), 'on');
  await flip(await open('greeter'), 'greeter', 'off');
  await (await open('greeter')).submit('Switch off now', { typed: 'greeter' });
  assert.equal(await state('greeter'), 'off');
});

test('every change is on record with who, before and after', async () => {
  const rows = await server.sql(
    `SELECT a.actor_kind, a.actor_name, a.action, a.before::text, a.after::text
       FROM audit a JOIN site s USING (tenant_id)
      WHERE s.slug = $1 AND a.object_id = 'sampler' ORDER BY audit_id`, [site.slug]);
  assert.deepEqual(rows.slice(0, 2).map(({ action }) => action), ['feature.switch_on', 'feature.settings']);
  assert.deepEqual(rows.map(({ actor_kind, actor_name }) => `${actor_kind} ${actor_name}`)[0], 'staff Mary Manager');
  assert.match(rows[1].before, /"seats": 4/);
  assert.match(rows[1].after, /"seats": 6/);
});

test('off → on → off → on by the switch, while the other site stays as it was', async () => {
  const before = await server.sql(
    'SELECT r.revision FROM site_revision r JOIN site s USING (tenant_id) WHERE s.slug = $1', [other.slug]);
  for (const to of ['on', 'off', 'on']) {
    const page = await flip(await open(), 'coupons', to);
    assert.equal(await state('coupons'), to);
    // With it comes its entry in the menu and its page, without it both are gone.
    assert.equal(page.all('.rail a[href="/manage/x/coupons/"]').length, to === 'on' ? 1 : 0);
    assert.equal((await mary.get('/manage/x/coupons/')).status, to === 'on' ? 200 : 404);
  }
  const after = await server.sql(
    'SELECT r.revision FROM site_revision r JOIN site s USING (tenant_id) WHERE s.slug = $1', [other.slug]);
  assert.deepEqual(after, before);
});

test("another site's manager and a forged form change nothing", async () => {
  const theirs = await manager(other);
  const { value } = theirs.cookies().get('__Host-vt-office');
  const page = await site.visitor().post('/manage/features/coupons/off', {
    json: {}, headers: { cookie: `__Host-vt-office=${value}`, accept: 'application/json' },
  });
  assert.equal(page.status, 403);
  const forged = await mary.post('/manage/features/coupons/off', { form: { csrf: 'x' } });
  assert.equal(forged.status, 403);
  assert.equal(await state('coupons'), 'on');
});
