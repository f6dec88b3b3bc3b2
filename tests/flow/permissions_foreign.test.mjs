// P5: nothing of a site is reached from another one. Every address with something in it that a
// full venue has (orders, customers, rules, closures, files, deliveries …), as pages and as the
// forms that those pages hold, is asked for by people of another site: there with their own login,
// and in their own office with the venue's numbers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, eventually } from '../lib/index.mjs';
import { hire, staff } from '../lib/office.mjs';
import { pagesOf } from '../lib/pages.mjs';
import { startVenue } from '../lib/venue.mjs';
import { startWitness } from '../lib/witness.mjs';

const venue = await startVenue();
const { server, site, plain: other, mary } = venue;
const routes = JSON.parse(await server.vitrine('routes'));
const isParameter = (part) => part.startsWith('{');
const partsOf = (path) => new URL(path, 'http://any').pathname.replace(/^\/(en|fr|es)(?=\/)/, '').split('/');

// The venue's forms, by where they are sent: their fields as the page has them.
const forms = new Map();
for (const { path, who } of await pagesOf('office', venue)) {
  if (who === 'owner') collectForms(await mary.visit(path));
}

function collectForms(page) {
  for (const form of page.all('form[method=post]')) {
    const targets = [form, ...form.querySelectorAll('[formaction]')]
      .map((e) => e.getAttribute('formaction') ?? e.getAttribute('action') ?? page.url.pathname);
    form.setAttribute('data-looked-at', '');
    const { values } = page.form('form[data-looked-at]');
    form.removeAttribute('data-looked-at');
    for (const target of targets) {
      const path = partsOf(new URL(target, page.url).pathname).join('/');
      if (!forms.has(path)) forms.set(path, values);
    }
  }
}

// What the venue's things are called, by the part of the address they stand in.
const known = new Map();

function learn(route, path) {
  const [pattern, parts] = [route.split('/'), partsOf(path)];
  if (pattern.length !== parts.length || pattern.some((part, i) => !isParameter(part) && part !== parts[i])) return;
  pattern.forEach((part, i) => {
    const place = pattern.slice(0, i + 1).join('/');
    if (isParameter(part) && !known.has(place)) known.set(place, parts[i]);
  });
}

const buyer = new Buyer(site);
const [slot] = await server.sql(
  `SELECT slot_id AS id FROM slot JOIN offer USING (tenant_id, offer_id) JOIN site USING (tenant_id)
    WHERE site.slug = $1 AND offer.slug = 'tour' AND starts_at > now() + interval '5 days' ORDER BY starts_at LIMIT 1`, [site.slug]);
await buyer.book('tour', slot, { adult: 2 });
const order = (await buyer.buy()).match(/orders\/(\w+)/)[1];
assert.equal((await mary.postJson('/manage/uploads', { size: 1000, name: 'large.png' })).status, 201);
const idOf = async (what, table) => (await server.sql(
  `SELECT max(${what})::text AS id FROM ${table} JOIN site USING (tenant_id) WHERE site.slug = $1`, [site.slug]))[0].id;

for (const [route, paths] of Object.entries(venue.addresses)) for (const path of paths) learn(route, [path].flat()[0]);
for (const { path } of routes) for (const target of forms.keys()) learn(path, target);
for (const [place, value] of Object.entries({
  '/orders/{code}': order,
  '/orders/{code}/tickets/{file}': `${await idOf('ticket.code', 'ticket')}.pdf`,
  '/x/self-cancel/{code}': order,
  '/x/recurring-bookings/{id}': known.get('/manage/x/recurring-bookings/{id}'),
  '/manage/x/customer-import/files/{id}': known.get('/manage/x/customer-import/{id}'),
  '/basket/lines/{line}': await idOf('line_id', 'order_line'),
  '/manage/orders/{code}/lines/{line}': await idOf('line_id', 'order_line'),
  '/manage/orders/{code}/refunds/{id}': await idOf('payment_id', 'payment'),
  '/manage/customers/{id}/apart/{other}': await idOf('customer_id', 'customer'),
  // Nobody was made one with somebody else here: the number of another of the venue's things.
  '/manage/customers/{id}/merges/{merge}': await idOf('customer_id', 'customer'),
  '/manage/uploads/{id}': await idOf('upload_id', 'upload'),
  '/manage/account/sessions/{id}': await idOf('session_id', 'session'),
  '/manage/features/{name}/notifications/{key}/restore/{version}': await idOf('audit_id', 'audit'),
})) {
  assert.ok(value, place);
  known.set(place, value);
}

function addressOf(path) {
  const pattern = path.split('/');
  const parts = pattern.map((part, i) => (isParameter(part) ? known.get(pattern.slice(0, i + 1).join('/')) : part));
  return parts.includes(undefined) ? null : parts.join('/');
}

await server.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
await server.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
const witness = await startWitness(server);

// What stands in an address and is called the same on every site, or is signed.
const shared = new Set(['{token}', '{name}', '{key}', '{page}', '{kind}', '{slug}', '{plugin}', '{how}', '{what}']);
const theirs = routes
  .filter(({ surface, path }) => ['office', 'storefront'].includes(surface) && path.split('/').some((part) => isParameter(part) && !shared.has(part)))
  // The account's own pages know nobody else's, and a test's plugin has nothing there.
  .filter(({ path }) => !/^\/account\/|^\/manage\/x\/(circle|purse)\//.test(path));

const office = routes.filter((route) => route.surface === 'office' && route.permission !== 'PUBLIC' && !theirs.includes(route) && addressOf(route.path));

test('every address with something of the venue in it is known', () => {
  assert.deepEqual(theirs.filter(({ path }) => !addressOf(path)).map(({ path }) => path), []);
  assert.ok(theirs.length > 110, `${theirs.length}`);
});

const people = {
  owner: () => staff(other),
  manager: async () => staff(other, await hire(server, other, 'manager')),
  'box office': async () => staff(other, await hire(server, other, 'box_office')),
  customer: customerOf,
  guest: async () => {
    const guest = new Buyer(other);
    await guest.book('tour', (await server.sql(
      `SELECT slot_id AS id FROM slot JOIN offer USING (tenant_id, offer_id) JOIN site USING (tenant_id)
        WHERE site.slug = $1 AND starts_at > now() + interval '5 days' LIMIT 1`, [other.slug]))[0], { adult: 1 });
    return guest.visitor;
  },
};

async function customerOf() {
  const visitor = other.visitor();
  await eventually(async () => (await visitor.get('/account/login')).status, 200, 1000);
  const answer = await visitor.postJson('/account/register', {
    first_name: 'Eve', last_name: 'Else', email: 'eve@buyer.example', password: 'analytical engine 1843' });
  assert.equal(answer.status, 200, answer.text);
  return visitor;
}

const cookieOf = (visitor) => [...visitor.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');

// Forms that stand on nobody's page here.
const fieldsOf = { '/basket/lines/{line}': [['quantity', '3']] };

// A form's fields with the asker's own token instead of the venue's.
async function asked(visitor, { method, path }, headers) {
  const target = addressOf(path);
  if (method === 'GET') return visitor.getJson(target, { headers });
  if (path === '/manage/uploads/{id}') {
    const part = { accept: 'application/json', 'content-type': 'application/octet-stream', ...headers };
    return visitor.post(`${target}?at=0`, { body: Buffer.alloc(1000), headers: part });
  }
  const fields = (forms.get(target) ?? fieldsOf[path] ?? []).filter(([name]) => name !== 'csrf');
  const token = headers ? 'x' : visitor.csrf;
  return visitor.post(target, { form: [...fields, ['csrf', token]], headers: { accept: 'application/json', ...headers } });
}

const inside = new Map();

async function visitorOf(who) {
  if (!inside.has(who)) inside.set(who, await people[who]());
  await server.jobs();
  await witness.seen();
  return inside.get(who);
}

// What isn't in somebody's basket leads back to it; a transfer that is over is answered like none, and
// two who weren't told apart, whoever they are, like two who aren't any more.
const nothingThere = ({ status, headers }, { path }) =>
  status === 403 || status === 404
  || (path.startsWith('/basket/') && status < 400 && headers.location.endsWith('/basket'))
  || (path.startsWith('/manage/ownership/') && status === 409)
  || (path.endsWith('/apart/{other}/undo') && status === 200);

async function lookAt(those, ask) {
  const findings = [];
  for (const route of those) {
    const page = await ask(route);
    const seen = await witness.seen();
    if (!nothingThere(page, route)) findings.push(`${route.method} ${route.path} → ${page.status} ${page.text.slice(0, 200)}`);
    if (seen.length > 0) findings.push(`${route.method} ${route.path} wrote ${seen.join(', ')}`);
  }
  assert.deepEqual(findings, []);
}

for (const who of Object.keys(people)) {
  test(`P5: ${who} of another site is nobody at the venue`, async () => {
    const cookie = cookieOf(await visitorOf(who));
    const visitor = site.visitor();
    await lookAt([...theirs, ...office], (route) => asked(visitor, route, { cookie }));
  });

  test(`P5: ${who} of another site finds nothing of the venue at home`, async () => {
    const visitor = await visitorOf(who);
    const page = await visitor.visit(/customer|guest/.test(who) ? '/' : '/manage/account');
    visitor.csrf = page.document.querySelector('input[name=csrf]')?.getAttribute('value');
    await lookAt(theirs, (route) => asked(visitor, route));
  });
}

// Written without a word in the log, and why.
const unrecorded = {
  '/manage/uploads/{id}': 'a part of a file on its way in; the change that uses the file is on record',
};

// A raised revision and a counted try are no change of their own.
test('P5: whatever a form of the office writes, it writes who asked for it beside it', async () => {
  const mary = await staff(site);
  const page = await mary.visit('/manage/account');
  mary.csrf = page.document.querySelector('input[name=csrf]').getAttribute('value');
  await server.jobs();
  await witness.seen();
  const posts = routes.filter(({ method, surface, permission, path }) =>
    method === 'POST' && surface === 'office' && permission !== 'PUBLIC' && addressOf(path));
  const last = ({ path }) => /logout|\/account\/|\/(delete|remove|merge)$|go-live/.test(path);
  const [silent, recorded] = [[], []];
  for (const route of posts.sort((a, b) => last(a) - last(b))) {
    await asked(mary, route);
    const seen = (await witness.seen()).filter((line) => !/UPDATE site_revision$|(INSERT|UPDATE) attempt$/.test(line));
    await server.jobs();
    await witness.seen();
    if (seen.length === 0) continue;
    (seen.some((line) => /INSERT audit$/.test(line)) ? recorded : silent).push(`${route.path}: ${seen.join(', ')}`);
  }
  assert.deepEqual(silent.filter((line) => !unrecorded[line.split(':')[0]]), []);
  assert.ok(recorded.length > 30, `${recorded.length} forms wrote something`);
});
