// Every form of the office and the console that something is typed into, found on the pages of the route
// table: sent with nothing in it, or with what can't be, it comes back with the errors on top, the
// focus on them, and the same words beside each field.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { glance } from '../lib/browser.mjs';
import { openAs, originOf, pagesOf } from '../lib/pages.mjs';
import { startVenue } from '../lib/venue.mjs';

// What is wrong, where nothing at all would be right.
const wrong = {
  '/manage/hours': { d1_from_1: '18:00', d1_to_1: '18:00' },
  '/manage/legal/data': { vat_number: '<b>' },
  '/console/changes': { site: 'nowhere' },
  '/manage/x/customer-categories/{id}/prices': { price: 'cheap' },
  '/manage/x/customer-categories/customers/{id}': { until: '2020-02-29' },
  '/manage/x/marketing-preferences/customers/{id}': { note: 'x'.repeat(201) },
};
// Where whatever is typed is right, or nothing.
const free = new Set([
  '/manage/features/{name}/on', '/manage/legal/pages/{page}', '/manage/orders/{code}/cancel', '/manage/branding',
  '/console/approvals/{slug}/{plugin}/approve',
  '/manage/x/recurring-bookings/{id}/notes', '/manage/x/recurring-bookings/{id}/cancel',
]);
// Forms that the venue's pages don't have as they are: where they are refused.
const elsewhere = {
  '/manage/uploads': 'a script’s question, no form', '/console/uploads': 'a script’s question, no form',
  '/manage/customers/invite': 'tests/flow/verified_person: one button, the address is carried unseen',
  '/manage/x/customer-import/files': 'a script’s question, no form',
  '/manage/account/second-factor/change': 'tests/browser/ownership', '/console/account/second-factor/change': 'tests/flow/console_factor',
  '/manage/customers/{id}/merge': 'tests/flow/customer_merge: with whom is carried unseen',
  '/manage/site/zone': 'tests/flow/office_site: only chosen, from what there is',
  '/manage/x/circle/{id}': 'tests/flow/customer_plugins: a feature of the tests, which no venue has',
  '/manage/x/purse/': 'tests/flow/ledger: as before', '/manage/x/purse/{id}/steps': 'tests/flow/ledger: as before',
  '/manage/x/customer-categories/customers/{id}/out': 'plugins/customer-categories/tests/office: one button, the category is carried unseen',
  '/console/sites/{slug}/invite': 'tests/flow/console_create', '/console/sites/{slug}/plan': 'only chosen, from what there is',
};

// What a form carries unseen.
const hidden = new Set(['do', 'version', 'seen_all', 'seen_will', 'seen', 'settings_version', 'back_minor', 'number']);

let venue, routes;
const met = new Set();
before(async () => {
  venue = await startVenue();
  const all = JSON.parse(await venue.server.vitrine('routes')).filter(({ method }) => method === 'POST');
  // An address that is spelled out goes before one with a parameter.
  routes = all.map(({ surface, path }) => ({ surface, path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
    .sort((a, b) => a.path.includes('{') - b.path.includes('{'));
});

const typed = 'input:not([type=hidden], [type=checkbox], [type=radio], [type=submit], [type=color]), textarea';

// Runs in the page: its forms that something can be typed into.
function readForms(typed) {
  return [...document.querySelectorAll('main form[method=post]')].flatMap((form, index) => {
    const has = [...form.elements].some((field) => field.matches(typed) && field.name);
    return has ? [{ index, action: new URL(form.action).pathname }] : [];
  });
}

// Runs in the page: empties the form, puts in what is wrong, and sends it with its first button.
function send([typed, index, values]) {
  const form = document.querySelectorAll('main form[method=post]')[index];
  for (const field of form.elements) {
    if (field.matches('[type=checkbox]')) field.checked = false;
    else if (field.matches(typed)) field.value = '';
  }
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  form.requestSubmit([...form.elements].find((field) => field.matches('button:not([type=button])')));
}

// Runs in the page: what is wrong about how it says what is wrong.
function readRefusal() {
  const squeeze = (text) => text.replace(/\s+/g, ' ').trim();
  const summary = document.querySelector('[data-errors]');
  if (!summary?.querySelector('li')) return ['no summary of the errors'];
  const findings = [];
  if (document.activeElement !== summary) findings.push(`the focus is on ${document.activeElement.outerHTML.slice(0, 80)}`);
  for (const link of summary.querySelectorAll('li')) {
    const words = squeeze(link.textContent);
    const field = document.getElementById(link.querySelector('a')?.hash.slice(1) ?? '');
    if (!field) {
      findings.push(`no field to go to: ${words}`);
    } else if (field.matches('input, select, textarea')) {
      const beside = (field.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
      if (!beside.some((text) => squeeze(text) === words)) findings.push(`not beside #${field.id}: ${words}`);
      if (field.getAttribute('aria-invalid') !== 'true') findings.push(`#${field.id} isn’t marked`);
    } else if (!squeeze(field.textContent).includes(words)) {
      findings.push(`not in #${field.id}: ${words}`);
    }
  }
  return findings;
}

async function tryForm(page, address, index, name) {
  await page.goto(address);
  const sent = page.waitForNavigation();
  await page.evaluate(send, [typed, index, wrong[name] ?? {}]);
  await sent;
  if (page.answer.status() !== 422) return [`answered ${page.answer.status()} at ${page.url()}`];
  return [...(await page.evaluate(readRefusal)), ...(await glance(page, `refused${name.replaceAll(/[{}]/g, '').replaceAll('/', '-')}`))]
    .filter((text) => !/: 422: /.test(text));
}

async function tryForms(surface) {
  const findings = [];
  const readers = new Map();
  for (const { path, who } of await pagesOf(surface, venue)) {
    if (!readers.has(who)) readers.set(who, await openAs(venue, who));
    const page = readers.get(who);
    const address = `${originOf(venue, who, path)}/${met.size % 2 ? 'fr' : 'es'}${path}`;
    await page.goto(address);
    for (const { index, action } of await page.evaluate(readForms, typed)) {
      const at = action.replace(/^\/(fr|es)\//, '/');
      const name = routes.find(({ pattern }) => pattern.test(at))?.path ?? at;
      if (met.has(name)) continue;
      met.add(name);
      if (free.has(name)) continue;
      findings.push(...(await tryForm(page, address, index, name)).map((text) => `POST ${name} (on ${path}): ${text}`));
    }
  }
  for (const page of readers.values()) await page.context().close();
  assert.deepEqual(findings, []);
}

for (const surface of ['office', 'console']) {
  test(`every form of the ${surface} says what is wrong, on top and beside its field`, () => tryForms(surface));
}

test('no form was left out: whatever asks for words was met, or is tried elsewhere', async () => {
  const left = [];
  for (const [surface, host] of [['office', venue.site], ['console', undefined]]) {
    const { paths } = (await venue.server.visitor(host).getJson('/api/openapi.json')).json;
    for (const { path } of routes.filter((route) => route.surface === surface)) {
      const body = paths[path]?.post.requestBody?.content['application/x-www-form-urlencoded']?.schema ?? {};
      if (elsewhere[path]) continue;
      if (!paths[path]) left.push(`POST ${path} isn’t described to the venue of tests/lib/venue.mjs: its feature is off there`);
      const asked = (body.required ?? []).filter((name) => !hidden.has(name) && !body.properties[name].enum);
      if (asked.length > 0 && !met.has(path)) left.push(`POST ${path} asks for ${asked}: no page of tests/lib/venue.mjs has its form`);
    }
  }
  assert.deepEqual(left, []);
});
