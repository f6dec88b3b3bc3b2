// P5: courts, rooms and people in the office: added, put on an offer, renamed, ordered, put away
// and restored, removed when never used; what is in use stays and says by what; two people at one,
// history, permission, another site.
import assert from 'node:assert/strict';
import test from 'node:test';
import { court, startServer, tour } from '../lib/index.mjs';
import { hire, offerId, staff } from '../lib/office.mjs';
import { Buyer, slotsOf } from '../lib/sale.mjs';

const server = await startServer();
const site = await server.createSite({ offers: [tour(), court()] });
const other = await server.createSite();
const mary = await staff(site);
const list = async () => (await mary.getJson('/manage/resources')).json.items;
const named = async (name) => (await list()).find((one) => one.name === name);

test('P5: one is added by its name, with a kind; the page says what is wrong with it', async () => {
  const page = await (await mary.visit('/manage/resources')).click('Add one');
  const empty = await page.submit('Add', { Name: '' });
  assert.equal(empty.status, 422);
  assert.ok(empty.errors.name);
  const twice = await page.submit('Add', { Name: 'Court 1' });
  assert.equal(twice.status, 422);
  assert.match(twice.errors.name, /Another one has this name/);
  const made = await twice.submit('Add', { Name: 'Court 2' });
  assert.match(made.words('.notice'), /Saved/);
  assert.match(made.words('#history'), /Mary Manager added it/);
  const hall = await mary.postJson('/manage/resources/new', { name: 'Salle Étoile', kind: 'room' });
  assert.equal(hall.status, 201);
  assert.deepEqual((await list()).map(({ code, name, kind }) => [code, name, kind]), [
    ['court-1', 'Court 1', 'court'], ['court-2', 'Court 2', 'court'], ['salle-etoile', 'Salle Étoile', 'room']]);
  assert.equal((await mary.postJson('/manage/resources/new', { name: 'X', kind: 'spaceship' })).status, 422);
});

test('P5: it is put on an offer in the offer’s form, and can be booked', async () => {
  const offer = await offerId(server, site, 'court');
  const page = await mary.visit(`/manage/offers/${offer}`);
  assert.match((await page.submit('Save', { 'Court 2': true })).words('.notice'), /Saved/);
  const [slot] = await slotsOf(server, site, 'court');
  for (const status of [201, 201, 409]) assert.equal((await new Buyer(site).book('court', slot, { court: 1 })).status, status);
  const uses = await server.sql(
    `SELECT e.name FROM allocation a JOIN resource e USING (tenant_id, resource_id) WHERE a.line_id IS NOT NULL ORDER BY 1`);
  assert.deepEqual(uses.map(({ name }) => name), ['Court 1', 'Court 2']);
});

test('P5: renamed and of another kind; the later of two sees both; the history says it', async () => {
  const { id } = await named('Court 2');
  const [hers, his] = [await mary.visit(`/manage/resources/${id}`), await mary.visit(`/manage/resources/${id}`)];
  const saved = await hers.submit('Save', { Name: 'Centre court', Kind: 'stage' });
  assert.match(saved.words('#history'), /Court 2.*Centre court.*Court.*Stage/s);
  const late = await his.submit('Save', { Name: 'Court Two' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Centre court\s*Court Two/);
  assert.equal((await named('Centre court')).kind, 'stage');
  const decided = await late.submit('Save', { Kind: 'court' });
  assert.match(decided.words('.notice'), /Saved/);
  const blind = await mary.postJson(`/manage/resources/${id}`, { name: 'Blind', kind: 'court' });
  assert.equal(blind.status, 422);
  assert.deepEqual(blind.json.errors.map(({ field }) => field), ['version']);
  assert.equal((await mary.postJson(`/manage/resources/${id}`, { name: 'Blind', kind: 'court', version: 1 })).status, 409);
});

test('P5: in use it is neither put away nor removed, and the page says by what', async () => {
  const { id } = await named('Court Two');
  const page = await (await mary.visit(`/manage/resources/${id}`)).submit('Archive');
  assert.equal(page.status, 409);
  assert.match(page.words('.notice'), /in use by: Court and 1 booking to come/);
  const asked = await mary.visit(`/manage/resources/${id}/remove`);
  assert.equal(asked.status, 409);
  assert.match(asked.words('.notice'), /can’t be removed.*Court and 1 time it was taken/);
  const refused = await mary.postJson(`/manage/resources/${id}/remove`, {});
  assert.equal(refused.status, 422);
  assert.match(refused.json.errors[0].text, /Court and 1 time it was taken/);

  const offer = await offerId(server, site, 'court');
  await (await mary.visit(`/manage/offers/${offer}`)).submit('Save', { 'Court Two': false });
  assert.match((await (await mary.visit(`/manage/resources/${id}`)).submit('Archive')).words('.notice'), /by: 1 booking to come/);
});

test('P5: put away it shows in no form; restored it does; an offer with it isn’t published', async () => {
  const { id } = await named('Court Two');
  const offer = await offerId(server, site, 'court');
  await server.control('time +3600');
  await server.jobs();
  await server.sql(`DELETE FROM allocation WHERE resource_id = $1`, [id]);
  await (await mary.visit(`/manage/offers/${offer}`)).submit('Save', { 'Court Two': true });
  await mary.postJson(`/manage/offers/${offer}/archive`, {});
  const page = await (await mary.visit(`/manage/resources/${id}`)).submit('Archive');
  assert.match(page.words('.notice'), /Court Two is put away/);
  assert.match(page.words('#history'), /put it away/);
  assert.match((await mary.visit('/manage/resources')).words('#archived'), /Court Two/);
  const places = { '/manage/hours': '.page', '/manage/hours/closures/new': '.page', '/manage/schedule': '.page', [`/manage/offers/${offer}`]: '.tick-list' };
  for (const [path, where] of Object.entries(places)) {
    const words = (await mary.visit(path)).words(where);
    assert.match(words, /Court 1|Schedule/, path);
    assert.doesNotMatch(words, /Court Two/, path);
  }
  await mary.postJson(`/manage/offers/${offer}/restore`, {});
  const unpublished = await mary.postJson(`/manage/offers/${offer}/publish`, {});
  assert.equal(unpublished.status, 409);
  assert.equal(unpublished.json.code, 'offer_resource_archived');
  const back = await (await mary.visit(`/manage/resources/${id}`)).submit('Restore');
  assert.match(back.words('.notice'), /Court Two is back/);
  assert.equal((await mary.postJson(`/manage/offers/${offer}/publish`, {})).status, 200);
});

test('P5: never used it is removed for good, with its closures; the list’s history keeps its name', async () => {
  const { id } = await named('Salle Étoile');
  const hours = { do: 'save', kind: 'closure', resource: id, from_date: '2031-01-01', to_date: '2031-01-01', reason: { en: 'Paint' }, agreed: true };
  assert.equal((await mary.postJson('/manage/hours/closures/new', hours)).status, 201);
  const ask = await (await mary.visit(`/manage/resources/${id}`)).click('Remove for good');
  assert.match(ask.words('main'), /Remove Salle Étoile\?.*closures go with it/s);
  const gone = await ask.submit('Remove for good');
  assert.match(gone.words('.notice'), /Removed for good/);
  assert.match(gone.words('#history'), /removed it for good.*Salle Étoile/s);
  assert.equal((await mary.get(`/manage/resources/${id}`)).status, 404);
  assert.deepEqual(await server.sql('SELECT 1 FROM closure WHERE resource_id = $1', [id]), []);
});

test('P5: put on an offer that many share, it is taken at the times that exist; those that find it taken are told before they go', async () => {
  const uses = async () => Number((await server.sql(
    `SELECT count(*) AS n FROM allocation a JOIN slot s ON s.tenant_id = a.tenant_id AND s.slot_id = a.slot_id
       JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id WHERE o.slug = 'tour'`))[0].n);
  const at = (slot) => String(slot.starts_at?.at ?? slot.starts_at ?? slot.starts);
  const tours = await slotsOf(server, site, 'tour'), courts = await slotsOf(server, site, 'court');
  const met = courts.find((one) => tours.some((slot) => at(slot) === at(one)) && courts.indexOf(one) > 30);
  assert.equal((await new Buyer(site).book('court', met, { court: 1 })).status, 201);
  const [{ name }] = await server.sql(
    `SELECT e.name FROM allocation a JOIN resource e USING (tenant_id, resource_id) ORDER BY allocation_id DESC LIMIT 1`);
  const offer = await offerId(server, site, 'tour');
  const asked = await (await mary.visit(`/manage/offers/${offer}`)).submit('Save', { [name]: true });
  assert.equal(asked.status, 409);
  assert.match(asked.words('.effect'), /1 time that nobody has booked goes.*1 time can’t be made/s);
  assert.match(asked.words('main'), new RegExp(`${name} is in use: .*\\d–\\d`));
  assert.equal((await slotsOf(server, site, 'tour')).length, tours.length, 'not saved yet');
  const saved = await asked.submit('Save all the same');
  assert.match(saved.words('.notice'), /Saved.*1 time that nobody has booked goes.*1 time can’t be made/s);
  const left = await slotsOf(server, site, 'tour');
  assert.equal(left.length, tours.length - 1);
  assert.ok(!left.some((slot) => at(slot) === at(met)), 'the one that found it taken is gone');
  assert.equal(await uses(), left.length);
  const [{ id: rule }] = await server.sql('SELECT rule_id::text AS id FROM schedule_rule WHERE offer_id = $1', [offer]);
  const page = await mary.visit(`/manage/schedule/rules/${rule}`);
  assert.match(page.words('main'), /1 time is missing/);
  assert.match(page.words('main'), new RegExp(`${name} is in use`));
  await (await mary.visit(`/manage/offers/${offer}`)).submit('Save', { [name]: false });
  assert.equal(await uses(), 0);
});

test('P5: the order is theirs', async () => {
  const { id } = await named('Court Two');
  await mary.postJson(`/manage/resources/${id}/up`, {});
  assert.deepEqual((await list()).map(({ name }) => name), ['Court Two', 'Court 1']);
  const [moved] = await server.sql(`SELECT before, after FROM audit WHERE action = 'resource.move' AND object_id = $1`, [String(id)]);
  assert.deepEqual(moved, { before: { position: 2 }, after: { position: 1 } });
  const { json } = await mary.getJson('/manage/schedule');
  assert.deepEqual(json.resources.map(({ label }) => label).filter((label) => /Court/.test(label)), ['Court Two', 'Court 1']);
});

test('P5: the box office may not; another site’s are not there', async () => {
  const box = await staff(site, await hire(server, site, 'box_office'));
  assert.equal((await box.getJson('/manage/resources')).status, 403);
  assert.equal((await box.postJson('/manage/resources/new', { name: 'Mine', kind: 'court' })).status, 403);
  const stranger = await staff(other);
  const { id } = await named('Court 1');
  for (const path of ['', '/archive', '/restore', '/remove', '/up']) {
    const answer = await stranger.postJson(`/manage/resources/${id}${path}`, path ? {} : { name: 'Theirs', kind: 'court', version: 1 });
    assert.equal(answer.status, 404, path);
  }
  assert.deepEqual((await stranger.getJson('/manage/resources')).json.items.map(({ name, offers }) => [name, offers]), [['Court 1', 1]]);
});
