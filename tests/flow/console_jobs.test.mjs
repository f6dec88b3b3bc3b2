// P4: failed jobs with what they carry, their last error and their next try, run again now, per site
// and in all.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { consoleVisitor } from '../lib/console.mjs';

const server = await startServer();
const site = await server.createSite();
const other = await server.createSite();
const { visitor: olga } = await consoleVisitor(server);

const fail = (slug, kind, error, payload = {}) => server.sql(
  `INSERT INTO job (tenant_id, kind, state, attempt, payload, run_at, created_at, finished_at, last_error)
   SELECT tenant_id, $2, 'failed', 12, $4::jsonb, now(), now(), now(), $3 FROM site WHERE slug = $1`,
  [slug, kind, error, JSON.stringify(payload)]);
await fail(site.slug, 'mail.order', 'the mail server said no', { order_id: '77', note: '<script>alert(1)</script>' });
await fail(other.slug, 'payment.check', 'no answer');

const kinds = async (query) => (await olga.getJson(`/console/jobs${query}`)).json.items.map(({ kind }) => kind);

test('P4: all that failed, of all sites or one, by kind', async () => {
  assert.deepEqual((await kinds('')).sort(), ['mail.order', 'payment.check']);
  assert.deepEqual(await kinds(`?site=${site.slug}`), ['mail.order']);
  assert.deepEqual(await kinds('?kind=payment.check'), ['payment.check']);
  assert.deepEqual(await kinds('?site=nothing-here'), []);
  assert.ok((await kinds('?state=waiting')).includes('site.day'));
  assert.deepEqual(await kinds(`?state=waiting&site=${site.slug}&kind=site.day`), ['site.day']);
});

test('P4: a job shows its payload, its last error and its tries', async () => {
  const list = await olga.visit('/console/jobs');
  const page = await list.click('mail.order');
  assert.match(page.words('main'), /the mail server said no.*order_id 77.*12 tries|12 tries.*the mail server said no.*77/);
  assert.doesNotMatch(page.text, /<script>alert/);
  const waiting = await olga.getJson('/console/jobs?state=waiting');
  assert.ok(waiting.json.items.every(({ next }) => next.at));
});

test('P4: run again now, it is done and leaves the list; the step is on record', async () => {
  const [{ retry_url }] = (await olga.getJson('/console/jobs?kind=payment.check')).json.items;
  assert.equal((await olga.post(retry_url, { json: {}, headers: { accept: 'application/json' } })).status, 200);
  await server.jobs();
  assert.deepEqual((await kinds('?kind=payment.check')), []);
  const [row] = await server.sql(`SELECT actor_name, after FROM audit WHERE action = 'job.retry'`);
  assert.deepEqual(row, { actor_name: 'Olga', after: { kind: 'payment.check' } });
  const path = retry_url.replace(/.*\/console/, '/console').replace('/retry', '');
  const { json: { history } } = await olga.getJson(path);
  assert.deepEqual(history.entries.map(({ who, action_text, changes }) => [who, action_text, changes.map(({ field, after }) => [field, after])]),
    [['Olga', 'had a job run again', [['Kind of job', 'payment.check']]]]);
  assert.match((await olga.visit(path)).words('.history'), /had a job run again/);
  const [another] = (await olga.getJson('/console/jobs?kind=mail.order')).json.items;
  assert.deepEqual((await olga.getJson(another.page_url.replace(/.*\/console/, '/console'))).json.history.entries, [], 'of this job alone');
  assert.equal((await olga.post(retry_url, { json: {}, headers: { accept: 'application/json' } })).status, 409, 'it is done');
});

test('P4: hundreds of them come page by page, each once', async () => {
  await server.sql(
    `INSERT INTO job (tenant_id, kind, state, run_at, created_at, finished_at)
     SELECT tenant_id, 'mail.order', 'failed', now(), now(), now() - (n || ' seconds')::interval
       FROM site, generate_series(1, 120) n WHERE slug = $1`, [site.slug]);
  for (const query of ['kind=mail.order', `kind=mail.order&site=${site.slug}`]) {
    const seen = new Set();
    for (let after = ''; after !== null;) {
      const { json } = await olga.getJson(`/console/jobs?${query}${after && `&after=${encodeURIComponent(after)}`}`);
      for (const { id } of json.items) {
        assert.ok(!seen.has(id), 'once');
        seen.add(id);
      }
      after = json.next;
    }
    assert.equal(seen.size, 121, query);
  }
});

test('addresses that lead to no job', async () => {
  for (const path of ['/console/jobs/1/2', '/console/jobs/x/y', '/console/jobs/-1/2', '/console/jobs/99999999999999999999/1']) {
    assert.equal((await olga.get(path)).status, 404, path);
  }
});
