// P4: the account manager finds a site among all, sees how it does, suspends, resumes and closes it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, startServer, eventually as until } from '../lib/index.mjs';
import { checkInvariants, slotsOf } from '../lib/sale.mjs';
import { consoleVisitor } from '../lib/console.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'sandbox-pay': {} };
const site = await server.createSite({ name: 'Harbour House', features });
const other = await server.createSite({ name: 'Thermes du Lac', features });
const { visitor: olga } = await consoleVisitor(server);

const sites = async (query) => (await olga.getJson(`/console${query}`)).json.items.map(({ slug }) => slug);

test('P4: sites are found by words of their name and by address, and narrowed down', async () => {
  assert.deepEqual(await sites(''), [site.slug, other.slug].sort());
  assert.deepEqual(await sites('?q=therm'), [other.slug]);
  assert.deepEqual(await sites(`?q=${site.slug.slice(0, 4)}`), [site.slug]);
  assert.deepEqual(await sites('?q=lac%20the'), [other.slug]);
  assert.deepEqual(await sites('?q=%27%28%21%26'), [site.slug, other.slug].sort(), 'no word, no filter');
  assert.deepEqual(await sites('?q=nothing-like-it'), []);
  assert.deepEqual(await sites('?state=suspended'), []);
  assert.deepEqual((await sites('?state=practice')).length, 2);
  assert.deepEqual((await sites('?plan=standard')).length, 2);
  assert.deepEqual((await sites('?feature=sandbox-pay')).length, 2);
  assert.deepEqual(await sites('?feature=coupons'), []);
  const page = await olga.visit('/console?q=nothing-like-it');
  assert.match(page.words('main'), /Nothing fits|No/i);
});

test('P4: each figure of a site leads to its list', async () => {
  const [slot] = await slotsOf(server, site, 'tour');
  const buy = async () => {
    const buyer = new Buyer(site);
    await buyer.book('tour', slot, { adult: 2 });
    await buyer.buy();
  };
  // What was rehearsed before going live is no sale, here as in the site's own office.
  await buy();
  await server.sql('UPDATE orders SET practice = true WHERE placed_at IS NOT NULL');
  await buy();
  await server.sql(
    `INSERT INTO job (tenant_id, kind, state, run_at, created_at, finished_at, last_error)
     SELECT tenant_id, 'mail.order', 'failed', now(), now(), now(), 'no answer' FROM site WHERE slug = $1`, [site.slug]);
  await server.sql(
    `INSERT INTO mail (tenant_id, job_id, plugin, key, recipient, subject, state, at)
     SELECT tenant_id, n, 'core', 'order', 'ann@buyer.example', 'Your booking', 'refused', now() - (n - 1) * interval '40 days'
       FROM site, generate_series(1, 2) n WHERE slug = $1`, [site.slug]);
  const { json } = await olga.getJson('/console');
  const mine = json.items.find(({ slug }) => slug === site.slug);
  assert.equal(mine.sales.orders, 1);
  assert.equal(mine.jobs.count, 1);
  assert.equal(mine.bounces.count, 1);
  assert.equal(json.items.find(({ slug }) => slug === other.slug).jobs, null);
  for (const { list_url } of [mine.sales, mine.jobs, mine.bounces]) {
    assert.equal((await olga.visit(list_url)).status, 200, list_url);
  }
  const mails = await olga.visit(mine.bounces.list_url);
  assert.match(mails.words('main'), /Your booking.*a…@buyer\.example/);
  assert.equal((await olga.getJson(mine.bounces.list_url)).json.items.length, 1, 'as many as the figure says');
  const minor = mine.sales.amount.minor;
  await server.sql('UPDATE orders SET returned_minor = 700 WHERE placed_at IS NOT NULL AND NOT practice');
  const less = (await olga.getJson('/console')).json.items.find(({ slug }) => slug === site.slug).sales;
  assert.equal(less.amount.minor, minor - 700, 'less what came back, as in the site’s own office');
  assert.match((await olga.visit(less.list_url)).words('main'), new RegExp(less.amount.text.replace(/[.$]/g, '\\$&')));
  await server.sql('UPDATE orders SET returned_minor = 0');
  const sales = await olga.visit(mine.sales.list_url);
  assert.match(sales.words('main'), new RegExp(mine.sales.amount.text.replace(/[.$]/g, '\\$&')));
  assert.deepEqual(await sites('?attention=jobs'), [site.slug]);
  await server.sql("DELETE FROM job WHERE state = 'failed'");
  // Mails that came back are enough to be found by.
  assert.deepEqual(await sites('?attention=bounces'), [site.slug]);
  assert.deepEqual(await sites('?attention=any'), [site.slug]);
});

test('P4: each figure of the health counts what the list behind it has, of every kind; the totals too', async () => {
  await server.sql(
    `INSERT INTO job (tenant_id, kind, state, run_at, created_at, finished_at, last_error)
     SELECT tenant_id, 'mail.order', 'failed', now(), now(), now(), 'no answer' FROM site, generate_series(1, 2) WHERE slug = $1`, [other.slug]);
  await server.sql(
    `INSERT INTO plugin_error (tenant_id, plugin, place, message, detail, happened, first_at, last_at, tripped_until)
     SELECT tenant_id, 'coupons', 'place ' || n, 'broke', '', 1, now(), now(), CASE n WHEN 3 THEN now() + interval '1 hour' END
       FROM site, generate_series(1, 3) n WHERE slug = $1`, [other.slug]);
  await server.sql(
    `INSERT INTO approval (tenant_id, plugin, state, asked_by, asked_at)
     SELECT tenant_id, p, 'asked', 'Mary', now() FROM site, unnest(ARRAY['guest-login', 'loyalty']) p WHERE slug = $1`, [other.slug]);
  await server.sql(
    `INSERT INTO mail (tenant_id, job_id, plugin, key, recipient, subject, state, at)
     SELECT tenant_id, n, 'core', 'order', 'bo@buyer.example', 'Your booking', 'refused', now()
       FROM site, generate_series(1, 4) n WHERE slug = $1`, [other.slug]);
  const theirs = (await olga.getJson('/console')).json.items.find(({ slug }) => slug === other.slug);
  const figures = { errors: 3, tripped: 1, jobs: 2, approvals: 2, bounces: 4 };
  for (const [kind, count] of Object.entries(figures)) {
    assert.equal(theirs[kind].count, count, kind);
    const { json } = await olga.getJson(theirs[kind].list_url);
    assert.equal(json.items.length, count, `${kind}: ${theirs[kind].list_url}`);
    assert.ok((await sites(`?attention=${kind}`)).includes(other.slug), kind);
  }
  const totals = Object.fromEntries((await olga.visit('/console')).all('.figures-row a').map((a) =>
    [a.querySelector('.figure__text').textContent.trim(), [Number(a.querySelector('.figure__number').textContent), a.getAttribute('href')]]));
  const listed = ['sites', 'on sale', 'suspended', 'requests waiting', 'failed jobs', 'plugin errors', 'features paused', 'sites with mails that came back'];
  assert.deepEqual(Object.keys(totals), listed);
  for (const [name, [count, url]] of Object.entries(totals)) {
    assert.equal((await olga.getJson(url)).json.items.length, count, `${name}: ${url}`);
  }
  for (const table of ['plugin_error', 'approval']) await server.sql(`DELETE FROM ${table}`);
  await server.sql("DELETE FROM job WHERE state = 'failed'");
});

test('P4: a suspended site shows a plain closed page and sells nothing, held places neither', async () => {
  const [slot] = await slotsOf(server, site, 'tour');
  const [venue, card] = [new Buyer(site), new Buyer(site)];
  for (const buyer of [venue, card]) {
    await buyer.book('tour', slot, { adult: 1 });
    await buyer.details();
  }
  const started = await card.pay('sandbox-pay');
  assert.equal(started.status, 201, started.text);

  const rows = async () => (await server.sql(
    `SELECT (SELECT count(*)::int FROM orders o WHERE o.tenant_id = s.tenant_id) AS orders,
            (SELECT count(placed_at)::int FROM orders o WHERE o.tenant_id = s.tenant_id) AS placed,
            (SELECT count(*)::int FROM order_line l WHERE l.tenant_id = s.tenant_id) AS lines
       FROM site s WHERE slug = $1`, [site.slug]))[0];
  const before = await rows();

  const page = await olga.visit(`/console/sites/${site.slug}`);
  const refused = await page.submit('Suspend the site', { reason: '' });
  assert.equal(refused.status, 422);
  assert.match(refused.errors.reason, /Fill|characters/);
  const done = await refused.submit('Suspend the site', { reason: 'Unpaid since March.' });
  assert.match(done.words('.notices'), /is suspended/);
  assert.match(done.words('main'), /Unpaid since March/);

  await until(async () => (await site.visitor().get('/')).status, 503);
  assert.match((await site.visitor().get('/')).words(), /closed/i);
  assert.equal((await venue.pay('pay-at-venue')).status, 503);
  assert.deepEqual(await rows(), before, 'nothing was placed, nothing began');
  const mail = await server.mail({ to: site.manager.email, subject: 'suspended' });
  assert.match(mail.text, /Unpaid since March/);
  assert.equal((await other.visitor().get('/')).status, 200);

  // Its staff still comes in, and is told.
  const mary = site.visitor();
  await mary.post('/manage/login', { form: site.manager });
  assert.match((await mary.visit('/manage')).words(), /does not sell at the moment/);
  const staffed = await mary.postJson('/manage/orders/new', { slot: String(slot.id), quantity: [{ key: 'adult', count: 1 }], name: 'Ann' });
  assert.ok(staffed.status >= 400 && staffed.status < 500, `${staffed.status} ${staffed.text}`);
  assert.deepEqual(await rows(), before, 'staff sell nothing either');
});

test('P4: resumed it sells again; two account managers do not overrule each other unseen', async () => {
  const { visitor: otto } = await consoleVisitor(server, 'otto@platform.example');
  const [hers, his] = [await olga.visit(`/console/sites/${site.slug}`), await otto.visit(`/console/sites/${site.slug}`)];
  assert.match((await hers.submit('Resume the site')).words('.notices'), /open again/);
  assert.equal((await his.submit('Resume the site')).status, 409);
  await until(async () => (await site.visitor().get('/')).status, 200);
  await checkInvariants(server);
});

test('P4: closing asks for the address of the site, and the address then says so for good', async () => {
  const page = await (await olga.visit(`/console/sites/${other.slug}`)).click('Close the site');
  const wrong = await page.submit('Close it', { typed: site.slug });
  assert.equal(wrong.status, 422);
  assert.equal((await other.visitor().get('/')).status, 200);
  const done = await wrong.submit('Close it', { typed: other.slug });
  assert.match(done.words('.notices'), /is closed/);
  await until(async () => (await other.visitor().get('/')).status, 410);
  assert.match((await (await olga.visit(`/console/sites/${other.slug}`)).submit('Resume the site')).words('.notices'), /open again/);
  await until(async () => (await other.visitor().get('/')).status, 200);
});

test('P5: each step says who, what, before and after', async () => {
  const rows = await server.sql(
    `SELECT actor_kind, action, before, after FROM audit JOIN site USING (tenant_id)
      WHERE slug = $1 AND object_kind = 'site' ORDER BY audit_id`, [site.slug]);
  assert.deepEqual(rows.map(({ actor_kind, action }) => [actor_kind, action]),
    [['operator', 'site.suspend'], ['operator', 'site.resume']]);
  assert.equal(rows[0].before.state, 'open');
  assert.deepEqual(rows[0].after, { state: 'suspended', reason: 'Unpaid since March.' });
  const page = await olga.visit(`/console/sites/${site.slug}`);
  assert.match(page.words('#history'), /suspended the site.*State|opened the site again/);
});

test('P4: what is not a site, and addresses that are none', async () => {
  assert.equal((await olga.get('/console/sites/nothing-here')).status, 404);
  assert.equal((await olga.post('/console/sites/nothing-here/suspend', { json: { reason: 'long enough' }, headers: { accept: 'application/json' } })).status, 404);
  assert.equal((await olga.get('/console?after=%27%22%3C')).status, 200);
  assert.equal((await olga.get('/console?state=bogus')).headers.location, '/console');
});
