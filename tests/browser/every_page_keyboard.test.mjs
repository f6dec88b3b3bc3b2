// Every page of the office and of the console by keyboard: Tab comes to each link, button and field
// that is to be seen, the focus shows wherever it stops, and it leaves the page again.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { openAs, originOf, pagesOf } from '../lib/pages.mjs';
import { startVenue } from '../lib/venue.mjs';

let venue;
before(async () => {
  venue = await startVenue();
});

// Runs in the page: writes down where the focus comes, and where it doesn't show.
function watchFocus() {
  const drawn = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  globalThis.walk = { reached: new Set(), unseen: [] };
  document.addEventListener('focusin', ({ target }) => {
    globalThis.walk.reached.add(target);
    const label = target.id && document.querySelector(`label[for="${CSS.escape(target.id)}"]`);
    const places = [target, target.closest('label'), label].filter(Boolean);
    const shown = places.some((e) => drawn(getComputedStyle(e)) || drawn(getComputedStyle(e, '::after')) || drawn(getComputedStyle(e, '::before')));
    if (!shown) globalThis.walk.unseen.push(target.outerHTML.slice(0, 160));
  });
}

// What Tab should have come to, and didn't. Of a radio group it comes to one.
function missed() {
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const groups = new Set();
  const left = [];
  for (const e of document.querySelectorAll(controls)) {
    if (e.disabled || e.closest('[inert], fieldset[disabled]') || e.tabIndex < 0) continue;
    if (!e.checkVisibility({ visibilityProperty: true }) || e.getClientRects().length === 0) continue;
    if (e.type === 'radio') {
      const group = `${e.form?.action} ${e.name}`;
      const all = [...document.querySelectorAll('input[type=radio]')].filter((r) => r.name === e.name && r.form === e.form);
      if (groups.has(group)) continue;
      groups.add(group);
      if (all.some((r) => globalThis.walk.reached.has(r))) continue;
    }
    if (!globalThis.walk.reached.has(e)) left.push(e.outerHTML.slice(0, 160));
  }
  return left;
}

// One after the other until the page is left, or begins anew.
async function walk(page) {
  for (let presses = 0; presses < 600; presses += 10) {
    for (let i = 0; i < 10; i++) await page.keyboard.press('Tab');
    const reached = await page.evaluate(() => globalThis.walk.reached.size);
    if (reached === page.reached) return true;
    page.reached = reached;
  }
  return false;
}

for (const surface of ['office', 'console']) {
  test(`P5: every page of the ${surface} is gone through by keyboard`, async () => {
    const readers = new Map();
    const findings = [];
    for (const { path, who } of await pagesOf(surface, venue)) {
      if (!readers.has(who)) readers.set(who, await openAs(venue, who));
      const page = readers.get(who);
      await page.goto(`${originOf(venue, who, path)}/fr${path}`);
      await page.evaluate(watchFocus);
      page.reached = 0;
      if (!(await walk(page))) findings.push(`${path}: Tab goes on for ever`);
      findings.push(...(await page.evaluate(() => globalThis.walk.unseen)).map((what) => `${path}: the focus can’t be seen: ${what}`));
      findings.push(...(await page.evaluate(missed)).map((what) => `${path}: Tab doesn’t come to ${what}`));
      if (page.reached < 1) findings.push(`${path}: nothing to come to`);
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
