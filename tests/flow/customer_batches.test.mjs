// C4, C9, C10: many customers at once. Those chosen or all that match; who would change is shown
// before, with who wouldn't and why; a job does it, each customer once, also when it is killed in the
// middle; all of it can be taken back; nobody chosen is nobody.
import assert from 'node:assert/strict';
import test from 'node:test';
import { manyCustomers } from '../lib/customers.mjs';
import { eventually, startServer, tour, turnFeature } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({ offers: [tour()], languages: ['en', 'fr', 'es'], features: { 'customer-categories': {} } });
const other = await server.createSite({ features: { 'customer-categories': {} } });
const mary = await staff(site);
const box = await staff(site, await hire(server, site, 'box_office'));
const stranger = await staff(other);
const many = '/manage/customers/many';
await manyCustomers(server, site, 230);
const ids = (await server.sql('SELECT customer_id::text AS id FROM customer ORDER BY customer_id DESC LIMIT 3')).map(({ id }) => id);
const tagged = async (tag) => Number((await server.sql('SELECT count(*) AS n FROM customer_tag WHERE tag_folded = $1', [tag]))[0].n);
const count = async (sql, values = []) => Number((await server.sql(`SELECT count(*) AS n FROM ${sql}`, values))[0].n);
const idOf = (page) => page.url.pathname.split('/').pop();
const look = async (query, who = mary) => (await who.getJson(`${many}?${query}`)).json.many;
const chosen = ids.map((id) => ({ key: id, text: '1' }));

test('C9: chosen in the list, previewed with who wouldn’t change and why, done by a job with its progress', async () => {
  const list = await mary.visit('/manage/customers');
  assert.equal(list.all('input[type=checkbox][name^=chosen_]').length, 50);
  const [first] = await server.sql('SELECT version FROM customer WHERE customer_id = $1', [ids[0]]);
  const query = ids.map((id) => `chosen_${id}=1`).join('&');
  await server.sql(
    `INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded) SELECT tenant_id, customer_id, 'VIP', 'vip' FROM customer WHERE customer_id = $1`, [ids[2]]);
  const page = await mary.visit(`${many}?${query}`);
  assert.match(page.words('h1'), /3 customers/);
  const preview = await page.submit('See what would change: Add a tag', { add_tag: 'vip' });
  assert.match(preview.words('main'), /2 customers will change\. 1 stays as it is:.*1: already has the tag/s);
  assert.equal(await tagged('vip'), 1, 'a look changes nothing');
  const batch = await preview.submit('Change 2 customers');
  assert.match(batch.url.pathname, /\/many\/\d+$/);
  assert.equal(batch.all('#progress[data-progress]').length, 1);
  await server.jobs();
  const done = await mary.visit(batch.url.pathname);
  assert.match(done.words('#progress'), /2 customers were changed\. 1 stayed as it was/);
  assert.match(done.words('main'), /already has the tag/);
  assert.equal(await tagged('vip'), 3);
  const [after] = await server.sql('SELECT version FROM customer WHERE customer_id = $1', [ids[0]]);
  assert.equal(Number(after.version), Number(first.version) + 1, 'whoever has the form open sees that it changed');
  assert.match((await mary.visit(`/manage/customers/${ids[0]}`)).words('.history'), /Mary Manager changed.*vip/s);
  const undone = await done.submit('Take it back');
  await server.jobs();
  assert.match((await mary.visit(undone.url.pathname)).words('#progress'), /Taken back/);
  assert.equal(await tagged('vip'), 1, 'whoever had it before keeps it');
  assert.equal((await mary.postJson(`${batch.url.pathname}/undo`, {})).status, 409);
});

test('C9: all that match the filter, not who comes later; as many as were looked at, or it is asked again', async () => {
  const page = await mary.visit('/manage/customers?tag=Member');
  const all = await page.submit('With all that match');
  assert.match(all.words('h1'), /23 customers/);
  const preview = await all.submit('See what would change: Remove a tag', { remove_tag: 'member' });
  assert.match(preview.words('main'), /23 customers will change/);
  await server.sql(
    `INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded) SELECT tenant_id, customer_id, 'Member', 'member' FROM customer WHERE customer_id = $1
     ON CONFLICT DO NOTHING`, [ids[2]]);
  const again = await preview.submit('Change 23 customers');
  assert.equal(again.status, 409);
  assert.match(again.words('main'), /numbers of now.*24 customers will change/s);
  const batch = await again.submit('Change 24 customers');
  await server.sql(
    `INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, language, created_at)
     SELECT tenant_id, 9000000000000000000, 'Late', 'Comer', 'late@buyer.example', 'late@buyer.example', 'en', now() FROM site WHERE slug = $1`, [site.slug]);
  await server.sql(
    `INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded) SELECT tenant_id, customer_id, 'Member', 'member' FROM customer WHERE customer_id = 9000000000000000000`);
  await server.jobs();
  assert.equal(await tagged('member'), 1, 'who came later isn’t meant');
  await server.sql('DELETE FROM customer WHERE customer_id = 9000000000000000000');
  await (await mary.visit(batch.url.pathname)).submit('Take it back');
  await server.jobs();
  assert.equal(await tagged('member'), 24);
});

test('C9: a job that is done twice changes nobody twice; two clicks are one batch', async () => {
  const seen = await look('all=true&do=tag&add_tag=twice');
  const body = { all: true, do: 'tag', add_tag: 'twice', seen_all: seen.count, seen_will: seen.preview.will, number: '77' };
  const answers = await Promise.all([mary.postJson(many, body), mary.postJson(many, body)]);
  assert.deepEqual(answers.map(({ status, json }) => [status, json.id]), [[201, '77'], [201, '77']]);
  await server.jobs();
  assert.equal(await tagged('twice'), 230);
  const audits = () => count("audit WHERE action = 'customer.change'");
  const before = await audits();
  // The second half again, as after a worker that died before it could say how far it was.
  await server.sql("UPDATE customer_batch SET state = 'running' WHERE batch_id = 77");
  await server.sql("UPDATE job SET state = 'waiting', finished_at = NULL, lease_until = NULL, run_at = created_at WHERE kind = 'customers.batch' AND payload->>'batch_id' = '77'");
  await server.jobs();
  assert.equal(await audits(), before);
  const { json } = await mary.getJson(`${many}/77`);
  assert.deepEqual([json.batch.state, json.batch.changed, json.batch.kept], ['done', 230, 0]);
});

test('C4: into a category and out of it by the feature’s own hook; with the feature off there is no such action', async () => {
  const prices = '/manage/x/customer-categories';
  const { id } = (await mary.postJson(`${prices}/new`, { name_en: 'Members', kind: 'percent', value: '10', applies: 'all' })).json;
  await mary.postJson(`${prices}/customers/${ids[1]}`, { category: id, until: '2035-06-30' });
  const members = async () => server.sql('SELECT customer_id::text AS id, until_date::text AS day FROM plugin_customer_categories.member ORDER BY 1 DESC');
  const page = await mary.visit(`${many}?${ids.map((one) => `chosen_${one}=1`).join('&')}`);
  const preview = await page.submit('See what would change: Put into a category', { choice: id, day: '2035-06-30' });
  assert.match(preview.words('main'), /Put into a category: Members.*2 customers will change.*1: already in it/s);
  const batch = await preview.submit('Change 2 customers');
  await server.jobs();
  assert.deepEqual((await members()).map(({ day }) => day), ['2035-06-30', '2035-06-30', '2035-06-30']);
  const past = await look(`chosen_${ids[0]}=1&do=customer-categories.put&choice=${id}&day=2020-01-01`);
  assert.deepEqual([past.preview.will, past.preview.whys[0].why], [0, 'past']);
  const history = await mary.visit(`${prices}/customers/${ids[0]}`);
  assert.match(history.words('main'), /Mary Manager put the customer into the category/);
  await (await mary.visit(batch.url.pathname)).submit('Take it back');
  await server.jobs();
  assert.deepEqual(await members(), [{ id: ids[1], day: '2035-06-30' }], 'as it was');
  const out = await look(`all=true&do=customer-categories.out&choice=${id}`);
  assert.deepEqual([out.preview.will, out.preview.wont], [1, 229]);
  await mary.postJson(many, { all: true, do: 'customer-categories.out', choice: id, seen_all: 230, seen_will: 1, number: '78' });
  await server.jobs();
  assert.deepEqual(await members(), []);
  await mary.postJson(`${many}/78/undo`, {});
  await server.jobs();
  assert.deepEqual(await members(), [{ id: ids[1], day: '2035-06-30' }]);
  assert.equal((await stranger.getJson(`${many}?all=true&do=customer-categories.put&choice=${id}`)).status, 422, 'another site’s category');
  await turnFeature(server, site, 'customer-categories', 'off');
  await eventually(async () => (await mary.getJson(`${many}?all=true&do=customer-categories.put&choice=${id}`)).status, 422);
  assert.deepEqual((await look('all=true')).actions, []);
  await turnFeature(server, site, 'customer-categories', 'on');
  await eventually(async () => (await look('all=true')).actions.length, 2);
});

test('C9: nobody chosen is nobody; what can’t be is refused; without having looked nothing is done', async () => {
  const nobody = await mary.visit(many);
  assert.equal(nobody.status, 422);
  assert.match(nobody.words('main'), /Choose somebody first/);
  assert.equal((await mary.getJson(`${many}?tag=Member`)).status, 422, 'a filter alone chooses nobody');
  assert.equal((await look('chosen_abc=1')).count, 0);
  for (const bad of ['', 'a,b', 'x'.repeat(41)]) {
    const refused = await mary.postJson(many, { chosen, do: 'tag', add_tag: bad, seen_all: 3, seen_will: 3 });
    assert.deepEqual([refused.status, refused.json.errors[0].field], [422, 'add_tag'], bad);
  }
  assert.equal((await mary.postJson(many, { chosen, do: 'erase', choice: '1', seen_all: 3, seen_will: 3 })).status, 422);
  const blind = await mary.postJson(many, { chosen, do: 'tag', add_tag: 'blind' });
  assert.deepEqual(blind.json.errors.map(({ field }) => field).sort(), ['seen_all', 'seen_will']);
  assert.equal((await mary.postJson(many, { do: 'tag', add_tag: 'blind', seen_all: 0, seen_will: 0 })).status, 422);
  assert.equal(await tagged('blind'), 0);
});

test('C9: the chosen as a file hold exactly them; the box office works here too but takes no files', async () => {
  const page = await mary.visit(`${many}?chosen_${ids[0]}=1&chosen_${ids[2]}=1`);
  const file = await page.click('Export');
  assert.match(file.words('main'), /2 customers/);
  const csv = await mary.get(`/manage/customers/export.csv?chosen_${ids[0]}=1&chosen_${ids[2]}=1`);
  assert.deepEqual(csv.text.trim().split('\r\n').slice(1).map((line) => line.split(',')[0].replace(/\D/g, '')), [ids[0], ids[2]]);
  const desk = await box.visit(`${many}?chosen_${ids[0]}=1`);
  assert.doesNotMatch(desk.words('main'), /As a file/);
  assert.equal((await box.get(`/manage/customers/export.csv?chosen_${ids[0]}=1`)).status, 403);
});

test('C9: another site’s customers are nobody, its batches aren’t there', async () => {
  assert.equal((await look(`chosen_${ids[0]}=1`, stranger)).count, 0);
  assert.equal((await stranger.getJson(`${many}/77`)).status, 404);
  assert.equal((await stranger.postJson(`${many}/77/undo`, {})).status, 404);
  assert.deepEqual((await look('all=true', stranger)).latest, []);
});
