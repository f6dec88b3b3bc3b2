// Pages by keyboard alone: Tab, Enter, Space and arrows from where the focus is, and wherever it stops
// it can be seen.
import assert from 'node:assert/strict';

// Runs in the page: where the focus is, and whether it shows.
function readFocus(wanted) {
  const at = document.activeElement;
  const drawn = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const shown = drawn(getComputedStyle(at)) || drawn(getComputedStyle(at, '::after'));
  return { there: at.matches(wanted), shown: at === document.body || shown, what: at.outerHTML.slice(0, 120) };
}

// Tab (or Shift+Tab) until the focus is on what matches.
export async function tabTo(page, selector, { key = 'Tab', most = 150 } = {}) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press(key);
    const { there, shown, what } = await page.evaluate(readFocus, selector);
    assert.ok(shown, `the focus can’t be seen: ${what}`);
    if (there) return;
  }
  assert.fail(`${page.url()}: Tab doesn’t come to ${selector}`);
}

// Tab to a field, and type over what is in it.
export async function typeInto(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

// Tab to a link or a button, press it, and wait for the page that it leads to.
export async function press(page, selector, key = 'Enter') {
  await tabTo(page, selector);
  const led = page.waitForNavigation();
  await page.keyboard.press(key);
  await led;
}

// Runs in the page: writes down where the focus comes, and where it doesn't show.
export function watchFocus() {
  const outlined = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const drawn = (style) => outlined(style) || style.boxShadow !== 'none';
  globalThis.walk = { reached: new Set(), unseen: [] };
  document.addEventListener('focusin', ({ target }) => {
    globalThis.walk.reached.add(target);
    const label = target.id && document.querySelector(`label[for="${CSS.escape(target.id)}"]`);
    const places = [target, target.closest('label'), label].filter(Boolean);
    const shown = places.some((e) => drawn(getComputedStyle(e)) || drawn(getComputedStyle(e, '::after')) || drawn(getComputedStyle(e, '::before')));
    // A box around the field shows it by an outline; a shadow it may have anyway.
    if (!shown && !outlined(getComputedStyle(target.parentElement))) globalThis.walk.unseen.push(target.outerHTML.slice(0, 160));
  });
}

// What Tab should have come to, and didn't. Of a radio group it comes to one.
export function missed() {
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
export async function walk(page) {
  for (let presses = 0; presses < 600; presses += 10) {
    for (let i = 0; i < 10; i++) await page.keyboard.press('Tab');
    const reached = await page.evaluate(() => globalThis.walk.reached.size);
    if (reached === page.reached) return true;
    page.reached = reached;
  }
  return false;
}

// All of a page: what Tab doesn't come to, where the focus doesn't show, and whether it ends.
export async function walkPage(page) {
  await page.evaluate(watchFocus);
  page.reached = 0;
  const findings = (await walk(page)) ? [] : ['Tab goes on for ever'];
  findings.push(...(await page.evaluate(() => globalThis.walk.unseen)).map((what) => `the focus can’t be seen: ${what}`));
  findings.push(...(await page.evaluate(missed)).map((what) => `Tab doesn’t come to ${what}`));
  return page.reached < 1 ? [...findings, 'nothing to come to'] : findings;
}
