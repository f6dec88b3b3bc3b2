// C5: thousands of rows: in batches that go on behind the last one that was committed, one import of
// a site at a time (with a control), paged.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';
import { apply, base, csv, customers, look, name, people, preview, undo } from './lib.mjs';

const server = await startServer();
const site = await server.createSite({ features: { [name]: {} } });
const mary = await staff(site);
const state = async (id) => (await server.sql(`SELECT state, step FROM plugin_customer_import.import WHERE import_id = $1`, [id]))[0];

test('C5: interrupted in the middle it goes on behind the last batch, nothing twice', async () => {
  const page = await preview(server, mary, csv(people(1700)));
  assert.equal(page.new, 1700);
  assert.equal(page.items.length, 50);
  const second = await look(mary, page.id, page.next.slice(page.next.indexOf('?')));
  assert.equal(second.items[0].number, 51);
  await server.sql(`CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.email = 'p1234@people.example' THEN RAISE EXCEPTION 'broken off'; END IF; RETURN NEW; END $$`);
  await server.sql(`CREATE TRIGGER break_off BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION break_off()`);
  assert.equal((await mary.postJson(`${base}/${page.id}/apply`, { version: page.version })).status, 200);
  await server.jobs();
  assert.deepEqual(await state(page.id), { state: 'applying', step: 1000 });
  assert.equal((await customers(server, site)).length, 1000);
  const working = await look(mary, page.id);
  assert.match(working.progress.so_far, /1,000 of 1,700/);
  await server.sql('DROP TRIGGER break_off ON customer');
  await server.time('+3600');
  await server.jobs();
  assert.equal((await state(page.id)).state, 'done');
  const all = await customers(server, site);
  assert.equal(all.length, 1700);
  assert.equal(new Set(all.map((c) => c.email)).size, 1700);
  const undone = await undo(server, mary, await look(mary, page.id));
  assert.equal(undone.left, 0);
  assert.equal((await customers(server, site)).length, 0);
  assert.equal((await server.sql(`SELECT count(*)::int AS n FROM search_term WHERE kind = 'customer'`))[0].n, 0);
});

// Nothing that is applied comes to its end, until `goOn`.
async function holdUp() {
  await server.sql(`CREATE OR REPLACE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$`);
  await server.sql('CREATE TRIGGER break_off BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION break_off()');
}
async function goOn() {
  await server.sql('DROP TRIGGER break_off ON customer');
  await server.time('+3600');
  await server.jobs();
}

test('C5: while one is applied, the page of another says so and leads to it', async () => {
  const [first, second] = [await preview(server, mary, csv(people(20, 3000))), await preview(server, mary, csv(people(20, 4000)))];
  await holdUp();
  assert.equal((await mary.postJson(`${base}/${first.id}/apply`, { version: first.version })).status, 200);
  const refused = await (await mary.visit(`${base}/${second.id}`)).submit('form[action$="/apply"]', {});
  assert.equal(refused.status, 409);
  assert.match(refused.words('main'), /Another import/);
  assert.ok(refused.document.querySelector(`[role=alert] a[href$="${base}/${first.id}"]`));
  assert.ok(refused.document.querySelector('form[action$="/apply"]'), 'it can be tried again');
  await goOn();
  assert.equal((await apply(server, mary, await look(mary, second.id))).left, 0);
  for (const { id } of [second, first]) await undo(server, mary, await look(mary, id));
});

test('C5: one import of a site at a time; without the guard both would run', async () => {
  const race = async (from) => {
    const pages = [await preview(server, mary, csv(people(20, from))), await preview(server, mary, csv(people(20, from)))];
    await holdUp();
    const answers = await Promise.all(pages.map((p) => mary.postJson(`${base}/${p.id}/apply`, { version: p.version })));
    await goOn();
    return { pages, statuses: answers.map((a) => a.status).sort() };
  };
  const guarded = await race(5000);
  assert.deepEqual(guarded.statuses, [200, 409]);
  assert.equal((await customers(server, site)).length, 20);
  for (const { id } of guarded.pages) {
    const page = await look(mary, id);
    if (page.state === 'preview') {
      // Previewed before the other one was applied: those addresses are somebody's by now.
      const late = await apply(server, mary, page);
      assert.equal(late.left, 20);
    }
  }
  assert.equal((await customers(server, site)).length, 20);
  await server.sql('DROP INDEX plugin_customer_import.import_busy');
  const free = await race(6000);
  assert.deepEqual(free.statuses, [200, 200]);
  // Even then no address becomes two customers.
  assert.equal((await customers(server, site)).length, 40);
});
