// P5: who works at a site: invitations, roles, removal, sessions, passwords, second factors, each
// change on record; another site's staff is never met.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { codeAt } from '../lib/totp.mjs';

const server = await startServer();
const site = await server.createSite();
const other = await server.createSite();
const password = 'lighthouse at noon';

async function logIn(email, secret = password, where = site) {
  const visitor = where.visitor();
  await (await visitor.visit('/manage/login')).submit('Log in', { 'E-mail': email, Password: secret });
  return visitor;
}
// The page of a member, by name.
async function memberPage(name) {
  const { items: members } = (await owner.getJson('/manage/staff')).json;
  return owner.visit(`/manage/staff/${members.find((m) => m.name === name).staff_id}`);
}
const owner = await logIn(site.manager.email, site.manager.password);

// The link in the newest mail to somebody.
async function linkTo(email) {
  const mail = await server.mail({ to: email });
  const { pathname, search } = new URL(mail.text.match(/http:\S+/)[0]);
  return pathname + search;
}

async function invite(email, role = 'box_office') {
  const page = await (await owner.visit('/manage/staff')).submit('Send the invitation', { 'E-mail': email, role });
  assert.match(page.words('.notice'), /on its way/);
  return linkTo(email);
}

async function join(email, name, role) {
  const visitor = site.visitor();
  const page = await visitor.visit(await invite(email, role));
  const home = await page.submit('Start', { 'Your name': name, 'New password': password });
  assert.equal(home.url.pathname, '/manage');
  return visitor;
}

test('P5: an invitation by mail leads to a name, a password and the office', async () => {
  const bea = await join('bea@house.example', 'Bea Box', 'box_office');
  assert.match((await bea.visit('/manage')).words('.rail__who'), /Bea Box\s*Box office/);
  assert.equal((await bea.get('/manage/staff')).status, 403);
  const list = (await owner.getJson('/manage/staff')).json;
  assert.deepEqual(list.items.map(({ name, role }) => [name, role]), [['Bea Box', 'box_office'], ['Mary Manager', 'owner']]);
  assert.deepEqual(list.invitations, []);
});

test('P5: the link works once, not after its time, not on another site, not once withdrawn or sent again', async () => {
  const used = await invite('once@house.example');
  const form = { name: 'Once', password, id: new URLSearchParams(used).get('id') };
  await (await site.visitor().visit(used)).submit('Start', { 'Your name': 'Once', 'New password': password });
  assert.equal((await site.visitor().get(used)).status, 410);
  assert.ok(form);

  const late = await invite('late@house.example');
  assert.equal((await other.visitor().get(late)).status, 410);
  await server.time(`+${8 * 86400}`);
  assert.equal((await site.visitor().get(late)).status, 410);
  await server.time('real');

  const old = await invite('again@house.example');
  const again = await (await owner.visit('/manage/staff')).submit('Send again again@house.example');
  assert.match(again.words('.notice'), /on its way/);
  assert.equal((await site.visitor().get(old)).status, 410);
  const fresh = await linkTo('again@house.example');
  assert.equal((await site.visitor().get(fresh)).status, 200);
  await (await owner.visit('/manage/staff')).submit('Withdraw again@house.example');
  assert.equal((await site.visitor().get(fresh)).status, 410);
});

test('P5: who works here or is invited isn’t invited again; a wrong address is told beside its field', async () => {
  for (const email of ['BEA@house.example', 'late@house.example']) {
    const page = await (await owner.visit('/manage/staff')).submit('Send the invitation', { 'E-mail': email });
    assert.equal(page.status, 422);
    assert.match(page.errors.email, /already/);
  }
  const page = await (await owner.visit('/manage/staff')).submit('Send the invitation', { 'E-mail': 'nobody' });
  assert.equal(page.status, 422);
  assert.ok(page.errors.email);
});

test('P5: a role changes at once; two owners editing see each other; the last owner stays', async () => {
  const bea = await logIn('bea@house.example');
  const page = await (await owner.visit('/manage/staff')).click('Bea Box');
  const stale = await owner.visit(page.url.pathname);
  const changed = await page.submit('Save', { role: 'manager' });
  assert.match(changed.words('.notice'), /Bea Box has the new role/);
  assert.match(changed.words('#history'), /Mary Manager changed the role/);
  assert.equal((await bea.get('/manage/features')).status, 200);
  const late = await stale.submit('Save', { role: 'owner' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Manager\s*Owner/);
  const mary = await memberPage('Mary Manager');
  const kept = await mary.submit('Save', { role: 'manager' });
  assert.equal(kept.status, 409);
  assert.match(kept.words('main'), /only owner/);
  const removed = await owner.postJson(`${mary.url.pathname}/remove`, { typed: 'Mary Manager' });
  assert.equal(removed.status, 409);
});

test('P5: of two owners who demote each other at the same moment one stays owner', async () => {
  const second = await join('second@house.example', 'Second Owner', 'owner');
  const { items: members } = (await owner.getJson('/manage/staff')).json;
  const [mary, two] = ['Mary Manager', 'Second Owner'].map((name) => members.find((m) => m.name === name));
  const answers = await Promise.all([
    owner.postJson(`/manage/staff/${two.staff_id}/role`, { role: 'box_office', version: two.version }),
    second.postJson(`/manage/staff/${mary.staff_id}/role`, { role: 'box_office', version: mary.version }),
  ]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.equal(statuses[0], 200);
  assert.ok([403, 409].includes(statuses[1]), 'the later one is an owner no more, or the last');
  const rows = await server.sql(
    `SELECT staff.name FROM staff JOIN site USING (tenant_id) WHERE slug = $1 AND role = 'owner'`, [site.slug]);
  assert.equal(rows.length, 1);
  await server.sql(`UPDATE staff SET role = 'owner' WHERE staff.name = 'Mary Manager'`);
});

test('P5: removal asks for the name, ends every session, and stays on record', async () => {
  const gone = await join('gone@house.example', 'Gone Soon', 'manager');
  const member = await (await owner.visit('/manage/staff')).click('Gone Soon');
  const ask = await member.click('Remove this person');
  const wrong = await ask.submit('Remove this person', { typed: 'Gone' });
  assert.equal(wrong.status, 422);
  const done = await wrong.submit('Remove this person', { typed: 'Gone Soon' });
  assert.match(done.words('.notice'), /Every session has ended/);
  assert.equal((await gone.get('/manage')).status, 302);
  const [row] = await server.sql(`SELECT actor_name, before FROM audit WHERE action = 'staff.remove'`);
  assert.equal(row.actor_name, 'Mary Manager');
  assert.equal(row.before.email, 'gone@house.example');
});

test('P5: sessions are listed, and end here, one by one, or everywhere', async () => {
  const [here, there, third] = [await logIn('bea@house.example'), await logIn('bea@house.example'), await logIn('bea@house.example')];
  const { sessions } = (await here.getJson('/manage/account')).json;
  assert.ok(sessions.length >= 3);
  const page = await here.visit('/manage/account');
  assert.equal(page.all('#sessions .state--on').length, 1);
  await page.submit('Log out everywhere All other devices');
  for (const visitor of [there, third]) assert.equal((await visitor.get('/manage')).status, 302);
  assert.equal((await here.get('/manage')).status, 200);
  const foreign = (await owner.getJson('/manage/account')).json.sessions[0].session_id;
  assert.equal((await here.postJson(`/manage/account/sessions/${foreign}/end`, {})).status, 404);
  assert.equal((await owner.get('/manage')).status, 200);
});

test('P5: the password changes with the old one; other sessions end and a mail says so', async () => {
  const [here, there] = [await logIn('bea@house.example'), await logIn('bea@house.example')];
  const wrong = await (await here.visit('/manage/account')).submit('Change the password', {
    'Password of now': 'not this one at all', 'New password': 'another long evening' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.current, /isn’t your password/);
  const weak = await wrong.submit('Change the password', { 'Password of now': password, 'New password': 'aaaaaaaaaaaa' });
  assert.ok(weak.errors.password);
  const done = await weak.submit('Change the password', { 'Password of now': password, 'New password': 'another long evening' });
  assert.match(done.words('.notice'), /password is changed/);
  assert.equal((await here.get('/manage')).status, 200);
  assert.equal((await there.get('/manage')).status, 302);
  assert.match((await server.mail({ to: 'bea@house.example' })).subject, /was changed/);
});

test('P5: a new password by mail tells nobody who works here; the link works once', async () => {
  const ask = async (email) => {
    const page = await (await site.visitor().visit('/manage/login/forgot')).submit('Send the link', { 'E-mail': email });
    return page.words('main');
  };
  assert.equal(await ask('bea@house.example'), await ask('nobody@house.example'));
  const link = await linkTo('bea@house.example');
  assert.equal((await server.mails({ to: 'nobody@house.example' })).length, 0);
  assert.equal((await other.visitor().get(link)).status, 410);
  const page = await site.visitor().visit(link);
  const done = await page.submit('Save the password', { 'New password': password });
  assert.equal(done.url.pathname, '/manage/login');
  assert.equal((await site.visitor().get(link)).status, 410);
  assert.equal((await (await logIn('bea@house.example')).get('/manage')).status, 200);
  const [{ count }] = await server.sql(`SELECT count(*)::int FROM audit WHERE action = 'staff.password'`);
  assert.equal(count, 2);
  await ask('bea@house.example');
  const late = await linkTo('bea@house.example');
  await server.time('+3700');
  assert.equal((await site.visitor().get(late)).status, 410);
  await server.time('real');
});

test('P5: the second factor: set up, asked for, a code works once, recovery codes, limited tries', async () => {
  const now = Date.parse('2026-12-01T10:00:00Z');
  await server.time('set 2026-12-01T10:00:00Z');
  const bea = await logIn('bea@house.example');
  const page = await bea.visit('/manage/account/second-factor');
  const secret = page.words('#setup').match(/key into it: ([A-Z2-7 ]+)\./)[1].replaceAll(' ', '');
  assert.equal(secret.length, 32);
  assert.ok(page.all('#setup svg').length);
  const wrong = await page.submit('Turn it on', { Code: '000000' });
  assert.equal(wrong.status, 422);
  assert.ok(wrong.words('#setup').replaceAll(' ', '').includes(secret), 'the same secret again');
  const codes = await wrong.submit('Turn it on', { Code: codeAt(secret, now) });
  const recovery = [...codes.all('#codes .item__title')].map((e) => e.textContent);
  assert.equal(recovery.length, 10);
  const stored = await server.sql('SELECT totp_sealed FROM staff WHERE totp_sealed IS NOT NULL');
  assert.ok(!stored[0].totp_sealed.includes(secret));

  const visitor = await logIn('bea@house.example');
  assert.equal((await visitor.get('/manage')).headers.location, '/manage/login/code');
  assert.equal((await visitor.getJson('/manage')).json.code, 'second_factor_asked');
  const ask = await visitor.visit('/manage/login/code');
  assert.equal((await ask.submit('Log in', { Code: codeAt(secret, now) })).status, 422, 'it worked once');
  await server.time('+30');
  const home = await (await visitor.visit('/manage/login/code')).submit('Log in', { Code: codeAt(secret, now + 30_000) });
  assert.equal(home.url.pathname, '/manage');

  const lost = await logIn('bea@house.example');
  const inside = await (await lost.visit('/manage/login/code')).submit('Log in', { Code: recovery[0].toLowerCase() });
  assert.equal(inside.url.pathname, '/manage');
  const twice = await logIn('bea@house.example');
  assert.equal((await (await twice.visit('/manage/login/code')).submit('Log in', { Code: recovery[0] })).status, 422);
  const guesser = await logIn('bea@house.example');
  let answer;
  for (let i = 0; i < 12 && answer?.status !== 429; i++) answer = await guesser.postJson('/manage/login/code', { code: '123456' });
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  await server.time('real');
});

test('P5: a site may ask everybody for a second factor; an owner helps who lost it', async () => {
  const { items: members } = (await owner.getJson('/manage/staff')).json;
  const bea = members.find(({ name }) => name === 'Bea Box');
  assert.equal((await owner.postJson(`/manage/staff/${bea.staff_id}/second-factor-off`, {})).status, 200);
  assert.match((await server.mail({ to: 'bea@house.example', subject: 'removed' })).subject, /was removed/);
  await (await owner.visit('/manage/staff')).submit('Save', { 'Everybody needs a second factor': true });
  const asked = await owner.get('/manage');
  assert.equal(asked.headers.location, '/manage/login/second-factor');
  const page = await owner.visit('/manage/login/second-factor');
  const secret = page.words('main').match(/key into it: ([A-Z2-7 ]+)\./)[1].replaceAll(' ', '');
  const codes = await page.submit('Turn it on', { Code: codeAt(secret, Date.now()) });
  assert.equal(codes.all('.codes li').length, 10);
  assert.equal((await owner.get('/manage')).status, 200);
  assert.equal((await (await logIn(other.manager.email, other.manager.password, other)).get('/manage')).status, 200);
});

test('P5: another site’s staff and invitations aren’t there', async () => {
  const stranger = await logIn(other.manager.email, other.manager.password, other);
  const { items: members } = (await owner.getJson('/manage/staff')).json;
  for (const { staff_id } of members) {
    assert.equal((await stranger.get(`/manage/staff/${staff_id}`)).status, 404);
    assert.equal((await stranger.postJson(`/manage/staff/${staff_id}/role`, { role: 'owner', version: 1 })).status, 404);
    assert.equal((await stranger.postJson(`/manage/staff/${staff_id}/remove`, { typed: 'x' })).status, 404);
  }
});
