// P7: the manager of a site and the account manager see what a plugin does wrong; other sites
// notice nothing.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, startServer } from '../lib/index.mjs';

const env = { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') };
const server = await startServer({ env });
const site = await server.createSite({ features: { greeter: {} }, greeter: [] });
const other = await server.createSite({ features: { greeter: {} }, greeter: [] });
await server.vitrine('operator', 'create', 'op@platform.example', { input: 'lighthouse at noon\n' });

async function manager(of) {
  const visitor = of.visitor();
  await visitor.post('/manage/login', { form: { email: of.manager.email, password: of.manager.password } });
  return visitor;
}
const op = server.visitor();
await op.post('/console/login', { form: { email: 'op@platform.example', password: 'lighthouse at noon' } });
const [mary, otto] = [await manager(site), await manager(other)];

const fail = () => site.visitor().get('/x/greeter/raise/raise');
// Failures are written a moment after the page that met them.
async function until(look) {
  for (let i = 0; i < 50; i++) {
    const found = await look();
    if (found) return found;
    await sleep(100);
  }
  throw new Error('nothing of it was written');
}

test('P7: without a failure both say so', async () => {
  assert.match((await op.visit('/console/errors')).words('main'), /Nothing has failed/);
  assert.doesNotMatch((await mary.visit('/manage/features/greeter')).words('main'), /It failed here/);
});

test('P7: a failure is seen with its place, its words and how often, by whom it concerns', async () => {
  for (let i = 0; i < 3; i++) assert.equal((await fail()).status, 503);
  const page = await until(async () => {
    const found = await op.visit('/console/errors');
    return /3 times/.test(found.words('main')) && found;
  });
  assert.match(page.words('main'), new RegExp(`${site.name}.*greeter · .*on purpose`));
  const mine = (await mary.visit('/manage/features/greeter')).words('main');
  assert.match(mine, /It failed here.*on purpose.*3 times/s);
  const theirs = (await otto.visit('/manage/features/greeter')).words('main');
  assert.doesNotMatch(theirs, /on purpose/);
  assert.equal((await other.visitor().get('/x/greeter/')).status, 200);

  const home = await op.visit('/console');
  assert.match(home.words('main'), /1 error/);
  const only = await home.click('1 error');
  assert.equal(only.url.search, `?site=${site.slug}`);
  assert.match((await op.visit(`/console/errors?site=${other.slug}`)).words('main'), /Nothing has failed/);
  const { json } = await op.getJson('/console/errors');
  assert.equal(json.items[0].site, site.slug);
  assert.equal(json.items[0].happened, 3);
});

test('P7: one that keeps failing is paused for this site, and both are told until when', async () => {
  for (let i = 0; i < 25; i++) await fail();
  const page = await until(async () => {
    const found = await op.visit('/console/errors');
    return /Paused until/.test(found.words('main')) && found;
  });
  assert.match(page.words('main'), new RegExp(site.name));
  assert.match((await mary.visit('/manage/features/greeter')).words('main'), /Paused until/);
  assert.equal((await site.visitor().get('/x/greeter/')).status, 503);
  assert.equal((await site.visitor().get('/')).status, 200);
  assert.equal((await other.visitor().get('/x/greeter/')).status, 200);
});

test('P7: the list of failures goes on page by page, newest first, each of them once', async () => {
  await server.sql(
    `INSERT INTO plugin_error (tenant_id, plugin, place, message, first_at, last_at)
     SELECT tenant_id, 'greeter', 'page', 'many ' || n, now() - interval '2 days', now() - interval '1 day' - (n / 3) * interval '1 second'
       FROM site, generate_series(1, 230) n WHERE slug = $1`, [other.slug]);
  const seen = [];
  let path = `/console/errors?site=${other.slug}`, pages = 0;
  for (let after = ''; after !== null && pages < 10; pages++) {
    const { json } = await op.getJson(`${path}&after=${encodeURIComponent(after)}`);
    seen.push(...json.items.map(({ message }) => message));
    after = json.next;
  }
  assert.equal(pages, 5);
  assert.equal(new Set(seen).size, 230, 'none is missing');
  assert.equal(seen.length, 230, 'none comes twice');
  assert.deepEqual(seen.slice(0, 2).sort(), ['many 1', 'many 2'], 'three have happened at the same moment');
  let page = await op.visit(path);
  assert.match(page.words('.faults'), /many 1/);
  for (let i = 0; i < 4; i++) page = await page.click('Next');
  assert.match(page.words('.faults'), /many 230/);
  assert.match((await page.click('Back to the start')).words('.faults'), /many 1/);
  assert.equal((await op.getJson('/console/errors?after=nonsense')).status, 422);

  const paused = await op.getJson('/console/errors?state=paused');
  assert.deepEqual(paused.json.items.map((one) => one.site), [site.slug]);
  const home = await op.visit('/console');
  const listed = await home.click('1 feature paused');
  assert.match(listed.words('.faults'), /Paused until.*on purpose/s);
});
