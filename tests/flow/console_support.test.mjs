// P4: support opens a site's back office with a reason, for thirty minutes, renewable up to four
// hours; announced, on record, seen by the site, and over when it is over.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { consoleVisitor } from '../lib/console.mjs';

const server = await startServer();
const site = await server.createSite({ name: 'Harbour House', features: { 'pay-at-venue': {} } });
const other = await server.createSite();
await server.time('set 2026-12-01T10:00:00Z');
const { visitor: olga } = await consoleVisitor(server);
const reason = 'Coupons do not apply, ticket 4711.';
const office = (path) => `http://${site.slug}.vitrine.localhost:${server.port}${path}`;

test('P4: no reason, no way in', async () => {
  const page = await (await olga.visit(`/console/sites/${site.slug}`)).submit('Open the back office', { why: ' ' });
  assert.equal(page.status, 422);
  assert.ok(page.errors.why);
  assert.deepEqual(await server.sql('SELECT 1 FROM support_access'), []);
});

let entered;
test('P4: with a reason the back office opens, and every page says on whose behalf one acts', async () => {
  entered = await (await olga.visit(`/console/sites/${site.slug}`)).submit('Open the back office', { why: reason });
  assert.equal(entered.url.pathname, '/manage');
  for (const path of ['/manage', '/manage/features', '/manage/features/coupons', '/manage/nothing', '/manage/support']) {
    const page = await olga.visit(office(path));
    assert.match(page.words('.on-behalf'), /Olga, you act for Harbour House as support.*30 minutes left/, path);
  }
  const mail = await server.mail({ to: site.manager.email, subject: 'Support is in' });
  assert.match(mail.text, new RegExp(`Olga.*${reason.replace('.', '\\.')}`, 's'));
});

test('P4: the way in is good once, and for a minute', async () => {
  const enter = entered.redirects.find((to) => to.includes('ticket='));
  assert.equal((await server.visitor(site).get(enter)).status, 403);
  const { json } = await olga.postJson(`/console/sites/${site.slug}/support`, { why: reason });
  assert.equal((await server.visitor(other).get(json.enter_url.replace(site.slug, other.slug))).status, 403, 'of another site');
  await server.time('+61');
  assert.equal((await server.visitor(site).get(json.enter_url)).status, 403, 'too late');
  assert.equal((await server.visitor(site).get(office('/manage/support/enter'))).status, 403, 'none');
});

test('P4: support works like a manager, under its own name, and not on another site', async () => {
  const page = await olga.visit(office('/manage/features'));
  const done = await page.submit('form[action$="/coupons/on"]');
  assert.match(done.words('.notices'), /is on/);
  const [row] = await server.sql(
    `SELECT actor_kind, actor_name FROM audit JOIN site USING (tenant_id) WHERE slug = $1 AND object_id = 'coupons' ORDER BY audit_id DESC LIMIT 1`, [site.slug]);
  assert.deepEqual(row, { actor_kind: 'support', actor_name: 'Olga' });
  const there = await olga.get(`http://${other.slug}.vitrine.localhost:${server.port}/manage`);
  assert.equal(there.status, 302);
});

test('P4: the site sees who was here, why, until when and how much was changed', async () => {
  const mary = site.visitor();
  await mary.post('/manage/login', { form: site.manager });
  const page = await mary.visit('/manage/support');
  assert.match(page.words('main'), /Olga\s*Coupons do not apply, ticket 4711\..*Did not come in0.*Here now\s*1/);
  assert.equal((await mary.post('/manage/support/renew', { json: {}, headers: { accept: 'application/json' } })).status, 404);
  const otto = other.visitor();
  await otto.post('/manage/login', { form: other.manager });
  assert.match((await otto.visit('/manage/support')).words('main'), /Nobody was here/);
});

test('P4: renewed it lasts thirty minutes from then, and four hours in all', async () => {
  await server.time('+1200');
  let page = await (await olga.visit(office('/manage'))).submit('30 minutes more');
  assert.match(page.words('.on-behalf'), /30 minutes left/);
  for (let i = 0; i < 7; i++) {
    await server.time('+1740');
    page = await olga.visit(office('/manage'));
    if (page.words('.on-behalf').includes('30 minutes more')) page = await page.submit('30 minutes more');
  }
  assert.doesNotMatch(page.words('.on-behalf'), /30 minutes more/, 'the longest');
  const [{ hours }] = await server.sql(
    `SELECT max(extract(epoch FROM ends_at - started_at)) / 3600 AS hours FROM support_access WHERE token_hash IS NOT NULL`);
  assert.equal(Number(hours), 4);
  const more = await olga.post(office('/manage/support/renew'), { json: {}, headers: { accept: 'application/json' } });
  assert.equal(more.status, 409);
});

test('P4: used after its end it is refused, whatever is asked', async () => {
  await server.time('+1800');
  for (const path of ['/manage', '/manage/features', '/manage/support']) {
    const page = await olga.get(office(path));
    assert.equal(page.status, 403, path);
    assert.match(page.words('main'), /from the console, with a reason/);
  }
  const before = await server.sql(`SELECT count(*)::int AS n FROM audit WHERE action LIKE 'feature.%'`);
  const late = await olga.post(office('/manage/features/coupons/off'), { json: {}, headers: { accept: 'application/json' } });
  assert.equal(late.status, 403);
  assert.equal(late.json.code, 'support_over');
  assert.deepEqual(await server.sql(`SELECT count(*)::int AS n FROM audit WHERE action LIKE 'feature.%'`), before);
});

test('P4: leaving ends it at once', async () => {
  const page = await (await olga.visit(`/console/sites/${site.slug}`)).submit('Open the back office', { why: reason });
  assert.equal(page.url.pathname, '/manage');
  await page.submit('Leave');
  assert.equal((await olga.get(office('/manage'))).status, 302, 'and one is asked to log in');
  const rows = await server.sql(`SELECT action FROM audit WHERE object_kind = 'support' ORDER BY audit_id`);
  assert.deepEqual([...new Set(rows.map(({ action }) => action))], ['support.open', 'support.renew', 'support.end']);
});
