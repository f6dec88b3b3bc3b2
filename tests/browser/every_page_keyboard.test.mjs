// Every page of the office and of the console by keyboard: Tab comes to each link, button and field
// that is to be seen, the focus shows wherever it stops, and it leaves the page again.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { missed, walk, walkPage, watchFocus } from '../lib/keyboard.mjs';
import { openAs, originOf, pagesOf } from '../lib/pages.mjs';
import { startVenue } from '../lib/venue.mjs';

let venue;
before(async () => {
  venue = await startVenue();
});

for (const surface of ['office', 'console']) {
  test(`P5: every page of the ${surface} is gone through by keyboard`, async () => {
    const readers = new Map();
    const findings = [];
    for (const { path, who } of await pagesOf(surface, venue)) {
      if (!readers.has(who)) readers.set(who, await openAs(venue, who));
      const page = readers.get(who);
      await page.goto(`${originOf(venue, who, path)}/fr${path}`);
      findings.push(...(await walkPage(page)).map((what) => `${path}: ${what}`));
    }
    for (const page of readers.values()) await page.context().close();
    assert.deepEqual(findings, []);
  });
}

test('control: a page that takes the focus away, or hides it, is found', async () => {
  const page = await openAs(venue, 'nobody');
  await page.goto(`${originOf(venue, 'nobody')}/fr/manage/login`);
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*, ::after, ::before { outline: none !important; box-shadow: none !important }');
    document.adoptedStyleSheets.push(sheet);
  });
  await page.evaluate(watchFocus);
  await page.evaluate(() => document.addEventListener('keydown', (event) => {
    if (event.key === 'Tab' && globalThis.walk.reached.size >= 2) event.preventDefault();
  }));
  await walk(page);
  assert.ok((await page.evaluate(() => globalThis.walk.unseen)).length > 0);
  assert.match((await page.evaluate(missed)).join(), /<button/);
  await page.context().close();
});
