// Every page of the office and of the console, from the route table, in French and in Spanish: axe,
// html-validate and Nu, 360 px in the light, 1280 px in the dark, no words missing or of another language.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { glance } from '../lib/browser.mjs';
import { openAs, originOf, pagesOf } from '../lib/pages.mjs';
import { startVenue } from '../lib/venue.mjs';
import { wordFindings } from '../lib/words.mjs';

let venue;
before(async () => {
  venue = await startVenue();
});

async function look(surface, language) {
  const readers = new Map();
  const findings = [];
  for (const { path, who } of await pagesOf(surface, venue)) {
    if (!readers.has(who)) readers.set(who, await openAs(venue, who));
    const page = readers.get(who);
    const wanted = `/${language}${path}`;
    const answer = await page.goto(originOf(venue, who, path) + wanted);
    if (answer.status() !== 200 || !page.url().endsWith(wanted)) findings.push(`${wanted} → ${answer.status()} ${page.url()}`);
    const name = language === 'fr' && path.split('?')[0].slice(1).replaceAll(/\d{5,}/g, 'n').replaceAll('/', '-');
    const words = await wordFindings(page, language, venue.names);
    findings.push(...(await glance(page, name)), ...words.map((text) => `${wanted}: ${text}`));
  }
  for (const page of readers.values()) await page.context().close();
  assert.deepEqual(findings, []);
}

for (const surface of ['office', 'console']) {
  test(`every page of the ${surface} is sound, in French and in Spanish`, { concurrency: 2 }, async (t) => {
    await Promise.all(['fr', 'es'].map((language) => t.test(language, () => look(surface, language))));
  });
}
