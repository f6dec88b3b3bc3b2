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
