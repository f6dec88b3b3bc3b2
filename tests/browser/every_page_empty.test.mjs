// The pages of the office and the console that need no number, on a platform without sites and on a site
// that has nothing yet: sound, and each list says what can be done next.
import assert from 'node:assert/strict';
import test from 'node:test';
import { glance } from '../lib/browser.mjs';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';
import { openAs, originOf, pagesOf } from '../lib/pages.mjs';
import { wordFindings } from '../lib/words.mjs';

const server = await startServer();
const { visitor, ...operator } = await consoleVisitor(server, 'olga@platform.example', 'operator');
const venue = { server, people: { operator } };

// What there is nothing to say about without a query or before its time.
const refused = { '/manage/schedule/changes/new': 404, '/manage/ownership/confirm': 410, '/manage/customers/many': 422 };
// The ways in have no lists (every_page.test.mjs).
const isInside = ({ path }) => !/\/login(\/|$)/.test(path);

async function look(surface, language) {
  const findings = [];
  const who = surface === 'office' ? 'owner' : 'operator';
  const page = await openAs(venue, who);
  for (const { path } of (await pagesOf(surface, venue)).filter(isInside)) {
    const answer = await page.goto(`${originOf(venue, who)}/${language}${path}`);
    if (answer.status() !== (refused[path] ?? 200)) findings.push(`${path} → ${answer.status()}`);
    const words = await wordFindings(page, language, ['Vitrine', 'Standard', 'Web', 'Box office', 'Phone']);
    findings.push(...(await glance(page, `empty${path.replaceAll('/', '-')}`)), ...words.map((text) => `${path}: ${text}`));
  }
  await page.context().close();
  assert.deepEqual(findings, []);
}

test('the console before there is a site', () => look('console', 'es'));

test('P4: the plan that every new site gets stays, though no site has it', async () => {
  assert.equal((await visitor.postJson('/console/plans/standard/remove', {})).status, 409);
});

test('the office of a site with nothing in it', async () => {
  venue.site = await server.createSite({ offers: [], categories: [], resources: [], taxes: [], features: {}, texts: {}, contact: {} });
  venue.people.owner = venue.site.manager;
  await look('office', 'fr');
});
