// P4, P5: a new owner for a site whose owner left: asked for with reason and proof, confirmed by the new
// owner, told to the owners of now, who object or consent; and an owner who hands over by hand. A
// site never is without an owner.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
await server.time('set 2026-12-01T10:00:00Z');
const password = 'lighthouse at noon';
const day = 86400;
const words = { reason: 'Mary left the venue in October.', proof: 'Extract of the commercial register, seen on 1 December.' };

async function newSite() {
  const site = await server.createSite();
  return { ...site, site, host: site.slug, owner: await logIn(site.slug, site.manager.email, site.manager.password) };
}
async function logIn(slug, email, secret = password) {
  const visitor = server.visitor(slug);
  await visitor.post('/manage/login', { form: { email, password: secret } });
  return visitor;
}
async function consoleOf(email = 'olga@platform.example', role) {
  return (await consoleVisitor(server, email, role)).visitor;
}
const linkOf = (mail) => {
  const { pathname, search } = new URL(mail.text.match(/http:\S+/)[0]);
  return pathname + search;
};
const owners = async ({ slug }) => (await server.sql(
  `SELECT staff.email FROM staff JOIN site USING (tenant_id) WHERE slug = $1 AND role = 'owner' ORDER BY email`, [slug])).map((r) => r.email);
const ask = async (olga, site, fields = {}) =>
  olga.postJson(`/console/sites/${site.slug}/owner`, { owner_email: 'nora@new.example', former: 'leave', ...words, ...fields });
const stateOf = async ({ slug }) => (await server.sql(
  `SELECT t.state FROM ownership_transfer t JOIN site USING (tenant_id) WHERE slug = $1 ORDER BY transfer_id DESC LIMIT 1`, [slug]))[0]?.state;

async function join(site, email, role) {
  assert.equal((await site.owner.postJson('/manage/staff/invite', { email, role })).status, 200);
  const visitor = server.visitor(site.slug);
  const page = await visitor.visit(linkOf(await server.mail({ to: email })));
  await page.submit('Start', { 'Your name': email.split('@')[0], 'New password': password });
  return visitor;
}
async function confirm(site, email = 'nora@new.example') {
  const page = await server.visitor(site.slug).visit(linkOf(await server.mail({ to: email, subject: 'You are to own' })));
  return page.submit('Confirm', { 'Your name': 'Nora', 'New password': 'a very long evening' });
}

test('P4: an owner left: asked for in the console, confirmed by mail, and after three days it is so', async () => {
  const site = await newSite();
  const olga = await consoleOf();
  const page = await (await olga.visit(`/console/sites/${site.slug}`)).click('Owner');
  const empty = await page.submit('Ask for the transfer', { owner_email: 'nobody', reason: 'short', proof: '' });
  assert.equal(empty.status, 422);
  assert.deepEqual(Object.keys(empty.errors), ['owner_email', 'reason', 'proof']);
  const asked = await empty.submit('Ask for the transfer', { owner_email: 'nora@new.example', ...words });
  assert.match(asked.words('.notices'), /Asked for/);
  assert.match(asked.words('main'), /nora@new\.example.*Mary left the venue.*Extract of the commercial register.*Lose access/);
  const told = await server.mail({ to: site.manager.email });
  assert.match(told.subject, /you can object/);
  assert.match(told.text, /Olga of the platform.*nora@new\.example.*no access any more/s);

  const done = await confirm(site);
  assert.equal(done.url.pathname, '/manage/login/ownership/confirmed');
  assert.deepEqual(await owners(site), [site.manager.email], 'not before its time');
  assert.equal((await logIn(site.slug, 'nora@new.example', 'a very long evening')).cookies().size, 0, 'and cannot come in yet');
  await server.time(`+${3 * day - 60}`);
  await server.jobs();
  assert.deepEqual(await owners(site), [site.manager.email]);
  await server.time('+120');
  await server.jobs();
  assert.deepEqual(await owners(site), ['nora@new.example']);
  assert.equal((await site.owner.get('/manage')).status, 302, 'the old owner’s sessions have ended');
  const nora = await logIn(site.slug, 'nora@new.example', 'a very long evening');
  assert.equal((await nora.get('/manage/staff')).status, 200);
  assert.match((await server.mail({ to: 'nora@new.example', subject: 'is yours' })).text, /You own/);
  assert.match((await server.mail({ to: site.manager.email, subject: 'new owner' })).text, /Your access has ended/);

  const seen = await nora.visit('/manage/ownership');
  assert.match(seen.words('main'), /Olga asked for it.*Done/);
  assert.match(seen.words('#history'), /gave the site its new owner.*confirmed as the new owner.*asked for a new owner/);
  const again = await consoleOf();
  assert.match((await again.visit(`/console/sites/${site.slug}/owner`)).words('#history'), /Nora confirmed.*Olga asked/);
  const [{ password_hash }] = await server.sql('SELECT password_hash FROM ownership_transfer');
  assert.equal(password_hash, null, 'the transfer keeps no password');
});

test('P4: an owner of now objects by the mailed link, without logging in, and it ends at once', async () => {
  const site = await newSite();
  const olga = await consoleOf();
  assert.equal((await ask(olga, site)).status, 200);
  await confirm(site);
  const link = linkOf(await server.mail({ to: site.manager.email, subject: 'you can object' }));
  const visitor = server.visitor(site.slug);
  const page = await visitor.visit(link);
  assert.match(page.words('main'), /Olga of the platform asks that nora@new\.example/);
  assert.equal(await stateOf(site), 'open', 'looking changes nothing');
  const noted = await page.submit('Object', {});
  assert.equal(noted.url.pathname, '/manage/login/objection/noted');
  assert.equal(await stateOf(site), 'objected');
  assert.equal((await visitor.get(link)).status, 410);
  assert.match((await server.mail({ to: 'olga@platform.example', subject: 'keeps its owners' })).text, /has objected/);
  assert.match((await server.mail({ to: 'nora@new.example', subject: 'keeps its owners' })).text, /has objected/);
  await server.time(`+${4 * day}`);
  await server.jobs();
  assert.deepEqual(await owners(site), [site.manager.email]);
});

test('P4: with an owner’s consent it happens at once; the office shows it to owners only', async () => {
  const site = await newSite();
  const box = await join(site, 'box@house.example', 'manager');
  const olga = await consoleOf();
  await ask(olga, site, { former: 'manager' });
  const home = await site.owner.visit('/manage');
  assert.match(home.words('main'), /Somebody else is to own this site/);
  assert.doesNotMatch((await box.visit('/manage')).words('main'), /Somebody else is to own/);
  assert.equal((await box.get('/manage/ownership')).status, 403);
  const page = await (await site.owner.visit('/manage/ownership')).submit('Consent nora@new.example');
  assert.match(page.words('.notice'), /as soon as the new owner has confirmed/);
  assert.deepEqual(await owners(site), [site.manager.email]);
  await confirm(site);
  assert.deepEqual(await owners(site), ['nora@new.example']);
  assert.equal((await site.owner.get('/manage/staff')).status, 403, 'a manager from now on');
  assert.equal((await site.owner.get('/manage')).status, 200);
});

test('P4: who works there already confirms logged in; nobody else can, support neither', async () => {
  const site = await newSite();
  const other = await newSite();
  const max = await join(site, 'max@house.example', 'manager');
  const bea = await join(site, 'bea@house.example', 'box_office');
  const olga = await consoleOf();
  await ask(olga, site, { owner_email: 'MAX@house.example', former: 'owner' });
  const link = linkOf(await server.mail({ to: 'MAX@house.example', subject: 'You are to own' }));
  const page = await server.visitor(site.slug).visit(link);
  assert.match(page.words('main'), /You work here already/);
  assert.equal(page.all('input[type=password]').length, 0);
  const fields = Object.fromEntries(new URL(link, 'http://x').searchParams);
  const forged = await server.visitor(site.slug).postJson('/manage/login/ownership', { ...fields, name: 'Mallory', password });
  assert.equal(forged.status, 403);
  const confirmPath = `/manage/ownership/confirm${new URL(link, 'http://x').search}`;
  assert.equal((await bea.get(confirmPath)).status, 403);
  assert.equal((await bea.postJson('/manage/ownership/confirm', fields)).json.code, 'link_of_another');
  assert.equal((await other.owner.get(confirmPath)).status, 410, 'of another site');
  await (await olga.visit(`/console/sites/${site.slug}`)).submit('Open the back office', { why: 'Ticket 4711.' });
  const office = `http://${site.slug}.vitrine.localhost:${server.port}`;
  const json = { headers: { accept: 'application/json' } };
  assert.equal((await olga.post(`${office}/manage/ownership/confirm`, { json: fields, ...json })).status, 403);
  assert.equal((await olga.get(`${office}/manage/ownership`)).status, 403);

  // Logging in leads back to it, query and all.
  const login = await server.visitor(site.slug).visit(page.document.querySelector('a[href^="/manage/login?next"]').getAttribute('href'));
  const shown = await login.submit('Log in', { 'E-mail': 'max@house.example', Password: password });
  assert.equal(shown.url.pathname, '/manage/ownership/confirm');
  await shown.submit('Confirm', {});
  await server.time(`+${3 * day + 60}`);
  await server.jobs();
  assert.deepEqual(await owners(site), ['max@house.example', site.manager.email].sort());
  const fresh = await logIn(site.slug, 'max@house.example');
  assert.equal((await fresh.get('/manage/staff')).status, 200);
  assert.ok(max);
});

test('P4: the link works once, not after its end, not once sent again or withdrawn, not on another site', async () => {
  const site = await newSite();
  const other = await newSite();
  let olga = await consoleOf();
  await ask(olga, site);
  const first = linkOf(await server.mail({ to: 'nora@new.example', subject: 'You are to own' }));
  assert.equal((await server.visitor(other.slug).get(first)).status, 410);
  const { id } = (await olga.getJson(`/console/sites/${site.slug}/owner`)).json.transfer;
  await server.time('+60');
  assert.equal((await olga.postJson(`/console/sites/${site.slug}/owner/${id}/again`, {})).status, 200);
  const visitor = server.visitor(site.slug);
  assert.equal((await visitor.get(first)).status, 410, 'replaced');
  const second = linkOf(await server.mail({ to: 'nora@new.example', subject: 'You are to own' }));
  for (const bad of [second.replace(/t=.{4}/, 't=AAAA'), second.replace(/id=\d+/, 'id=1'), '/manage/login/ownership']) {
    assert.equal((await visitor.get(bad)).status, 410, bad);
  }
  assert.equal((await visitor.get(second)).status, 200);
  await server.time(`+${8 * day}`);
  assert.equal((await visitor.get(second)).status, 410, 'too late');
  await server.jobs();
  assert.equal(await stateOf(site), 'expired');

  olga = await consoleOf();
  await ask(olga, site);
  const third = linkOf(await server.mail({ to: 'nora@new.example', subject: 'You are to own' }));
  await confirm(site);
  assert.equal((await visitor.get(third)).status, 410, 'used');
  const page = await olga.visit(`/console/sites/${site.slug}/owner`);
  const withdrawn = await page.submit('Withdraw', {});
  assert.match(withdrawn.words('.notices'), /Nothing has changed/);
  await server.time(`+${4 * day}`);
  await server.jobs();
  assert.deepEqual(await owners(site), [site.manager.email]);
});

test('P4: of two transfers at once one is told; an owner’s address and an ownerless site need none', async () => {
  const site = await newSite();
  const olga = await consoleOf();
  const otto = await consoleOf('otto@platform.example', 'operator');
  const answers = await Promise.all([ask(olga, site), ask(otto, site, { owner_email: 'mallory@new.example' })]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  assert.equal(answers.find(({ status }) => status === 409).json.code, 'ownership_begun');
  const { json: { transfer } } = await olga.getJson(`/console/sites/${site.slug}/owner`);
  await olga.postJson(`/console/sites/${site.slug}/owner/${transfer.id}/withdraw`, {});
  const own = await ask(olga, site, { owner_email: site.manager.email.toUpperCase() });
  assert.equal(own.status, 422);
  assert.equal(own.json.errors[0].field, 'owner_email');
  await server.sql('DELETE FROM staff USING site WHERE staff.tenant_id = site.tenant_id AND slug = $1', [site.slug]);
  assert.equal((await ask(olga, site)).status, 409);
});

test('P4: whoever asks learns nothing of who works there; another site’s transfer isn’t there', async () => {
  const [site, other] = [await newSite(), await newSite()];
  await join(site, 'known@house.example', 'box_office');
  const olga = await consoleOf();
  const known = await ask(olga, site, { owner_email: 'known@house.example' });
  const unknown = await ask(olga, other, { owner_email: 'unknown@house.example' });
  assert.deepEqual([known.status, known.text.replace(/\d+/g, '')], [unknown.status, unknown.text.replace(/\d+/g, '')]);
  const { transfer } = (await olga.getJson(`/console/sites/${site.slug}/owner`)).json;
  for (const way of ['again', 'withdraw']) {
    assert.equal((await olga.postJson(`/console/sites/${other.slug}/owner/${transfer.id}/${way}`, {})).status, 409);
  }
  for (const way of ['object', 'consent']) {
    assert.equal((await other.owner.postJson(`/manage/ownership/${transfer.id}/${way}`, {})).status, 409);
  }
  assert.equal(await stateOf(site), 'open');
});

test('P4: objection and consent at the same moment: one of them counts, and an owner remains', async () => {
  const site = await newSite();
  const olga = await consoleOf();
  await ask(olga, site);
  await confirm(site);
  const { transfer } = (await olga.getJson(`/console/sites/${site.slug}/owner`)).json;
  const ways = await Promise.all(['object', 'consent'].map((way) => site.owner.postJson(`/manage/ownership/${transfer.id}/${way}`, {})));
  assert.ok(ways.some(({ status }) => status === 200));
  const state = await stateOf(site);
  assert.deepEqual(await owners(site), state === 'done' ? ['nora@new.example'] : [site.manager.email]);
});

test('P4: the new owner is gone when it is due: nothing changes and everybody is told', async () => {
  const site = await newSite();
  await join(site, 'max@house.example', 'manager');
  const olga = await consoleOf();
  await ask(olga, site, { owner_email: 'max@house.example' });
  const link = linkOf(await server.mail({ to: 'max@house.example', subject: 'You are to own' }));
  const max = await logIn(site.slug, 'max@house.example');
  const fields = Object.fromEntries(new URL(link, 'http://x').searchParams);
  assert.equal((await max.postJson('/manage/ownership/confirm', fields)).status, 200);
  await server.sql('DELETE FROM staff USING site WHERE staff.tenant_id = site.tenant_id AND slug = $1 AND email = $2', [site.slug, 'max@house.example']);
  await server.time(`+${3 * day + 60}`);
  await server.jobs();
  assert.equal(await stateOf(site), 'expired');
  assert.deepEqual(await owners(site), [site.manager.email]);
});

test('P5: an owner hands over by hand, with the password, and is a manager or an owner too', async () => {
  const site = await newSite();
  await join(site, 'bea@house.example', 'box_office');
  const dora = await join(site, 'dora@house.example', 'manager');
  const page = await (await (await site.owner.visit('/manage/staff')).click('dora')).click('Hand over ownership');
  const wrong = await page.submit('Hand over ownership', { confirm: 'not this one at all', stays: 'owner' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.confirm, /isn’t your password/);
  const both = await wrong.submit('Hand over ownership', { confirm: site.manager.password, stays: 'owner' });
  assert.match(both.words('.notice'), /one owner more/);
  assert.deepEqual(await owners(site), ['dora@house.example', site.manager.email].sort());
  for (const to of ['dora@house.example', site.manager.email]) {
    assert.match((await server.mail({ to, subject: 'handed over' })).text, /owner of/);
  }
  const { items: members } = (await dora.getJson('/manage/staff')).json;
  const of = (email) => members.find((m) => m.email === email);
  const bea = of('bea@house.example');
  const path = `/manage/staff/${bea.staff_id}/hand-over`;
  const stale = { confirm: password, stays: 'manager', version: Number(bea.version) + 1 };
  assert.equal((await dora.postJson(path, stale)).status, 409, 'changed meanwhile');
  assert.equal((await dora.postJson(`/manage/staff/${of(site.manager.email).staff_id}/hand-over`, { ...stale, version: 1 })).status, 409, 'an owner already');
  assert.equal((await dora.postJson(path, { ...stale, version: Number(bea.version) })).status, 200);
  assert.deepEqual(await owners(site), ['bea@house.example', site.manager.email].sort());
  assert.equal((await dora.get('/manage/staff')).status, 403);
  const rows = await server.sql(`SELECT action FROM audit JOIN site USING (tenant_id) WHERE slug = $1 AND action IN ('staff.hand_over', 'staff.role')`, [site.slug]);
  assert.equal(rows.length, 3);
});

test('P5: two owners who hand over at the same moment leave an owner', async () => {
  const site = await newSite();
  const eve = await join(site, 'eve@house.example', 'owner');
  const fay = await join(site, 'fay@house.example', 'manager');
  assert.match((await server.mail({ to: site.manager.email, subject: 'one owner more' })).text, /eve@house\.example/);
  const { items: members } = (await eve.getJson('/manage/staff')).json;
  const target = members.find(({ email }) => email === 'fay@house.example');
  const body = { stays: 'manager', version: Number(target.version) };
  const answers = await Promise.all([
    eve.postJson(`/manage/staff/${target.staff_id}/hand-over`, { ...body, confirm: password }),
    site.owner.postJson(`/manage/staff/${target.staff_id}/hand-over`, { ...body, confirm: site.manager.password }),
  ]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  assert.ok((await owners(site)).includes('fay@house.example'));
  assert.equal((await fay.get('/manage/staff')).status, 200);
});
