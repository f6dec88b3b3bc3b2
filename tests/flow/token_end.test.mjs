// Before an API token ends, whoever made it and the owners hear of it: a week before and a day
// before, once each; not of one that was revoked, and not at another site.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';

const server = await startServer();
await server.time('set 2026-11-20T11:00:00Z');
const site = await server.createSite();
await server.createSite();
const mary = await staff(site);
const second = await hire(server, site, 'owner');
const make = async (visitor, name, days) => {
  const { status, json } = await visitor.postJson('/manage/tokens', { name, days, scopes: [{ key: 'orders_read', count: 1 }] });
  assert.equal(status, 201);
  return json.id;
};
const told = async (name) =>
  (await server.mails({ subject: name })).map(({ to, subject }) => `${to} ${subject}`).sort();

test('a week before and a day before, to the one who made it and to the owners', async () => {
  const id = await make(mary, 'Till', '30');
  const revoked = await make(mary, 'Gone', '30');
  await make(mary, 'Long', '365');
  assert.equal((await mary.postJson(`/manage/tokens/${revoked}/revoke`, {})).status, 200);
  // She looks after the programs, and owns nothing any more.
  await server.sql(`UPDATE staff SET role = 'manager' FROM site s WHERE s.tenant_id = staff.tenant_id AND s.slug = $1 AND email = $2`,
    [site.slug, site.manager.email]);

  await server.time('set 2026-12-13T10:00:00Z');
  await server.jobs();
  assert.deepEqual(await told('Till'), []);
  await server.time('set 2026-12-13T11:01:00Z');
  await server.jobs();
  await server.jobs();
  const week = [`${site.manager.email}`, 'hired-owner@abbey.example'].map((to) =>
    `${to} The API token “Till” of ${site.name} ends in 7 days`).sort();
  assert.deepEqual(await told('Till'), week);
  const mail = await server.mail({ subject: 'Till', to: site.manager.email });
  assert.match(mail.text, /\(vt_\w{5}…\)[^]*refused from then on/);
  assert.ok(mail.text.includes(`/manage/tokens/${id}`), mail.text);

  await server.time('set 2026-12-19T11:01:00Z');
  await server.jobs();
  assert.deepEqual(await told('Till'), [...week, ...week.map((line) => line.replace('in 7 days', 'tomorrow'))].sort());
  await server.time('set 2027-01-10T11:00:00Z');
  await server.jobs();
  assert.equal((await told('Till')).length, 4, 'never again');
  assert.deepEqual([...await told('Gone'), ...await told('Long')], []);
});

test('an owner who made it gets one mail each time', async () => {
  await server.time('set 2027-01-11T11:00:00Z');
  await make(await staff(site, second), 'Her own', '30');
  for (const at of ['2027-02-03T11:01:00Z', '2027-02-09T11:01:00Z']) {
    await server.time(`set ${at}`);
    await server.jobs();
  }
  assert.deepEqual(await told('Her own'), ['in 7 days', 'tomorrow'].map((when) =>
    `hired-owner@abbey.example The API token “Her own” of ${site.name} ends ${when}`));
});
