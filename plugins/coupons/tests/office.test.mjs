// Coupons in the back office: list, form with refusals beside the fields, archive, report.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer } from '../../../tests/lib/index.mjs';

const server = await startServer();
const site = await server.createSite({ features: { coupons: {}, 'pay-at-venue': {} } });
const other = await server.createSite({ features: { coupons: {} } });
await server.jobs();

async function staff(where) {
  const visitor = where.visitor();
  const { email, password } = where.manager;
  await visitor.post('/manage/login', { form: { email, password } });
  return visitor;
}
const mary = await staff(site);
const good = { Code: 'SPRING-10', kind: 'percent', 'How much': '12.5', applies: 'all' };
const form = async (path = '/manage/x/coupons/new') => mary.visit(path);

test('only staff who may see plugins’ pages', async () => {
  assert.equal((await site.visitor().get('/manage/x/coupons/')).status, 302);
  const foreign = await staff(other);
  foreign.jars.set(site.visitor().host, foreign.cookies());
  assert.equal((await foreign.visit('/manage/x/coupons/')).status, 200);
});

test('ux 21: an empty list says what to do next', async () => {
  const page = await mary.visit('/manage/x/coupons/');
  assert.match(page.words('main'), /No coupons yet/);
  assert.equal((await page.click('New coupon')).url.pathname, '/manage/x/coupons/new');
  assert.match((await page.click('Archived')).words('main'), /Nothing is archived/);
});

test('what is wrong is said beside its field, and nothing typed is lost', async () => {
  const wrong = [
    [{ Code: '' }, 'code'],
    [{ Code: 'ab' }, 'code'],
    [{ Code: '<b>10</b>' }, 'code'],
    [{ 'How much': '' }, 'value'],
    [{ 'How much': '0' }, 'value'],
    [{ 'How much': '100.01' }, 'value'],
    [{ 'How much': '-5' }, 'value'],
    [{ 'How much': '1e3' }, 'value'],
    [{ kind: 'amount', 'How much': '12,345' }, 'value'],
    [{ kind: 'amount', 'How much': '0' }, 'value'],
    [{ from: '2026-12-24', to: '2026-12-23' }, 'to'],
    [{ to: '2027-02-30' }, 'to'],
    [{ 'Number of uses': '0' }, 'uses'],
    [{ 'Number of uses': '1000000000' }, 'uses'],
    [{ 'Uses for each buyer': '-1' }, 'per_buyer'],
  ];
  for (const [change, field] of wrong) {
    const page = await (await form()).submit('Create', { ...good, Note: 'for <friends>', ...change });
    assert.equal(page.status, 422, JSON.stringify(change));
    assert.ok(page.errors[field], `${JSON.stringify(change)}: ${JSON.stringify(page.errors)}`);
    assert.equal(page.document.querySelector('#note').getAttribute('value'), 'for <friends>');
    assert.ok(page.all(`.errors a[href="#${field}"]`).length, field);
  }
  const nowhere = await (await form()).submit('Create', { ...good, applies: 'some' });
  assert.equal(nowhere.status, 422);
  assert.match(nowhere.words('#applies-error'), /Choose at least one offer/);
  assert.deepEqual(await server.sql('SELECT 1 FROM plugin_coupons.coupon'), []);
});

test('made, found again in its form, changed, and both are audited', async () => {
  const page = await form();
  const list = await page.submit('Create', {
    ...good, from: '2026-11-01', to: '2027-01-31', 'Number of uses': '40', 'Uses for each buyer': '2',
    applies: 'some', Tour: true,
  });
  assert.equal(list.url.pathname, '/manage/x/coupons/');
  assert.match(list.words('tbody'), /SPRING-10 −12.5%Some offers .*1 November 2026 to .*0 of 40 in use/);

  const edit = await list.click('SPRING-10');
  const value = (id) => edit.document.querySelector(`#${id}`).getAttribute('value');
  assert.deepEqual(
    ['code', 'value', 'from', 'to', 'uses', 'per_buyer'].map(value),
    ['SPRING-10', '12.5', '2026-11-01', '2027-01-31', '40', '2'],
  );
  assert.ok(edit.document.querySelector('#offer-tour').hasAttribute('checked'));
  const saved = await edit.submit('Save', { kind: 'amount', 'How much': '3,50', applies: 'all' });
  assert.match(saved.words('tbody'), /SPRING-10 −€3.50/);
  const [coupon] = await server.sql(
    'SELECT kind, value::int, every_offer, (SELECT count(*)::int FROM plugin_coupons.coupon_offer) AS offers FROM plugin_coupons.coupon',
  );
  assert.deepEqual(coupon, { kind: 'amount', value: 350, every_offer: true, offers: 0 });
  const audit = await server.sql(
    `SELECT action, actor_name, object_id = coupon_id::text AS its_own, before->>'value_ppm' AS before,
            coalesce(after->>'value_ppm', after->>'value_minor') AS after
       FROM audit JOIN plugin_coupons.coupon USING (tenant_id) WHERE action LIKE 'coupons.%' ORDER BY audit_id`,
  );
  assert.deepEqual(audit, [
    { action: 'coupons.create', actor_name: 'Mary Manager', its_own: true, before: null, after: '125000' },
    { action: 'coupons.change', actor_name: 'Mary Manager', its_own: true, before: '125000', after: '350' },
  ]);
});

test('a code is one coupon’s, however it is written', async () => {
  for (const Code of ['spring10', 'Spring 10', 'SPRING-10']) {
    const page = await (await form()).submit('Create', { ...good, Code });
    assert.equal(page.status, 422);
    assert.match(page.errors.code, /Another coupon has this code/);
  }
});

test('ux 31: two people editing: the later one sees it, nothing is lost', async () => {
  const list = await mary.visit('/manage/x/coupons/');
  const [first, second] = [await list.click('SPRING-10'), await list.click('SPRING-10')];
  await first.submit('Save', { 'How much': '4' });
  const late = await second.submit('Save', { 'How much': '5' });
  assert.equal(late.status, 422);
  assert.match(late.errors.code, /Somebody else changed this coupon/);
  assert.deepEqual(await server.sql('SELECT value::int FROM plugin_coupons.coupon'), [{ value: 400 }]);
});

test('archived, it can be used no more, and it can be put back', async () => {
  const buyer = new Buyer(site);
  await buyer.book('tour', (await slotsOf(server, site, 'tour'))[0], { adult: 1 });
  const apply = async () => (await buyer.visitor.postJson('/basket/codes', { code: 'spring10' })).status;
  assert.equal(await apply(), 200);
  const edit = await (await mary.visit('/manage/x/coupons/')).click('SPRING-10');
  const list = await edit.submit('Archive');
  assert.match(list.words('main'), /No coupons yet/);
  assert.equal(await apply(), 422);
  await buyer.details();
  assert.match((await buyer.pay('pay-at-venue')).text, /can be used no more/);
  const archived = await list.click('Archived');
  const back = await (await archived.click('SPRING-10')).submit('Put back in use');
  assert.match(back.words('tbody'), /SPRING-10/);
  assert.equal((await buyer.pay('pay-at-venue')).status, 201);
});

test('who changed what stands on the coupon’s page, in the reader’s words', async () => {
  await (await form()).submit('Create', { ...good, Code: 'TOLD', applies: 'some', Tour: true });
  const edit = await (await mary.visit('/manage/x/coupons/')).click('TOLD');
  await edit.submit('Save', { Code: 'TOLD-2', kind: 'amount', 'How much': '5', 'Number of uses': '3' });
  const path = edit.url.pathname;
  await (await mary.visit(path)).submit('Archive');
  const { entries } = (await mary.getJson(`/fr${path}`)).json.history;
  assert.deepEqual(entries.map(({ who, action_text }) => `${who} ${action_text}`), [
    'Mary Manager a archivé le code', 'Mary Manager a modifié le code', 'Mary Manager a créé le code']);
  const said = entries.map(({ changes }) => changes.map((c) => [c.field, c.before, c.after].join('|').replace(/\s/g, ' ')));
  assert.deepEqual(said[1], ['Code|TOLD|TOLD-2', 'Réduction en pourcentage|12,5 %|rien', 'Réduction en montant|rien|5,00 €', 'Nombre d’utilisations|rien|3']);
  assert.deepEqual(said[2], ['Code||TOLD', 'Réduction en pourcentage||12,5 %', 'Offres||Tour']);
  assert.match((await mary.visit(path)).words('#history'), /Mary Manager archived the coupon.*TOLD-2/);
  const another = await (await mary.visit('/manage/x/coupons/')).click('SPRING-10');
  assert.doesNotMatch(another.words('#history'), /TOLD/);
});

test('the report says what coupons did', async () => {
  const report = await (await mary.visit('/manage/x/coupons/')).click('Report');
  assert.match(report.words('tbody'), /SPRING-10 1 1 €4.00 €8.00/);
  assert.match(report.words('tfoot'), /1 €4.00 €8.00/);
  const json = (await mary.getJson('/manage/x/coupons/report')).json;
  assert.deepEqual([json.items[0].discount.minor, json.sum.total.minor], [400, 800]);
  const before = await mary.visit('/manage/x/coupons/report?from=2020-01-01&to=2020-12-31');
  assert.match(before.words('main'), /No order with a coupon/);
  assert.equal((await mary.get('/manage/x/coupons/report?from=nonsense')).status, 422);
});

test('nothing of another site is found or changed', async () => {
  const foreign = await staff(other);
  assert.match((await foreign.visit('/manage/x/coupons/')).words('main'), /No coupons yet/);
  const [{ id }] = await server.sql('SELECT coupon_id AS id FROM plugin_coupons.coupon');
  for (const path of [id, '0', 'x', '99999999999999999999', `${id}/archive`]) {
    assert.equal((await foreign.get(`/manage/x/coupons/${path}`)).status === 200, false, path);
  }
  const own = await foreign.visit('/manage/x/coupons/new');
  const csrf = own.document.querySelector('[name=csrf]').getAttribute('value');
  for (const path of ['', '/archive']) {
    const form_ = { csrf, version: 1, code: 'TAKEN', kind: 'percent', value: '1', applies: 'all' };
    const page = await foreign.post(`/manage/x/coupons/${id}${path}`, { form: path ? { csrf } : form_ });
    assert.equal(page.status, 404, path);
  }
  assert.equal((await server.sql('SELECT archived FROM plugin_coupons.coupon'))[0].archived, false);
});

test('a long list comes in pages', async () => {
  await server.sql(
    `INSERT INTO plugin_coupons.coupon (tenant_id, code, code_folded, kind, value, created_at)
     SELECT tenant_id, 'BULK' || n, 'bulk' || n, 'percent', 10000, now()
       FROM site, generate_series(1, 60) n WHERE slug = $1`,
    [site.slug],
  );
  const first = (await mary.getJson('/manage/x/coupons/')).json;
  assert.equal(first.items.length, 50);
  const second = (await mary.getJson(first.next)).json;
  assert.equal(second.items.length, 11);
  assert.equal(second.next, null);
  assert.equal(new Set([...first.items, ...second.items].map((c) => c.code)).size, 61);
});
