// Webhooks in a browser: from an empty page to an endpoint with a log, in three languages, by
// keyboard, and with scripts off.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';
import { startReceiver } from '../lib/receiver.mjs';

const server = await startServer({ env: { VITRINE_WEBHOOKS_TO_SELF: 'on', VITRINE_TEST_HASTE: '10' } });
const site = await server.createSite();
const origin = site.visitor().origin;
const receiver = await startReceiver(() => ({ status: 200, body: '{"received": true}' }));

async function logIn(page) {
  await page.goto(`${origin}/manage/login`);
  await page.fill('#email', site.manager.email);
  await page.fill('#password', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.includes('/login'));
}

// By keyboard alone to what has these words, and Enter or Space on it.
async function press(page, words, key = 'Enter') {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      return (e.labels?.[0] ?? e).textContent.trim();
    });
    if (!at.startsWith(words)) continue;
    await page.keyboard.press(key);
    return;
  }
  assert.fail(`no way to "${words}" by keyboard`);
}

test('an endpoint is made by keyboard, tested, looked into; every page is sound', async () => {
  const page = await openPage();
  await logIn(page);
  await page.goto(`${origin}/manage/webhooks`);
  await press(page, 'Add an endpoint');
  await page.waitForURL(/\/new$/);
  await page.focus('#url');
  await page.keyboard.type('http://10.0.0.1/');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.errors li');
  await page.fill('#url', `${receiver.url}/till`);
  await page.fill('#description', 'The till in the foyer');
  await press(page, 'Add the endpoint');
  await page.waitForURL(/done=webhook_made/);
  assert.match(await page.textContent('.code-line'), /^whsec_/);
  assert.deepEqual(await checkPage(page, 'webhooks-made'), []);

  await press(page, 'Send a test event');
  await page.waitForURL(/deliveries\/\d+$/);
  await server.jobs();
  receiver.answer = () => ({ status: 500, body: '<h1>Internal Server Error</h1>\n'.repeat(4) });
  await page.reload();
  assert.match(await page.textContent('main'), /Delivered.*"received": true/s);
  assert.deepEqual(await checkPage(page, 'webhooks-delivery'), []);
  await press(page, 'Send again');
  await page.waitForURL(/done=webhook_again/);
  await server.jobs();
});

test('with scripts off: made, secret shown and replaced, removed after a question', async () => {
  receiver.answer = () => ({ status: 200 });
  const page = await openPage({ javaScriptEnabled: false });
  await logIn(page);
  await page.goto(`${origin}/manage/webhooks/new`);
  await page.fill('#url', `${receiver.url}/plain`);
  await page.click('button:has-text("Add the endpoint")');
  const made = await page.textContent('.code-line');
  await server.time('+600');
  await page.reload();
  assert.equal(await page.locator('.code-line').count(), 0, 'for a few minutes only');
  await page.click('button:has-text("Show")');
  assert.equal(await page.textContent('.code-line'), made);
  await page.click('button:has-text("Replace")');
  assert.notEqual(await page.textContent('.code-line'), made);
  assert.match(await page.textContent('#secret'), /stays good until/);
  assert.deepEqual(await checkPage(page, 'webhooks-two-secrets'), []);
  await page.click('a:has-text("Remove this endpoint")');
  await page.click('button:has-text("Remove it")');
  await page.waitForURL(/webhook_removed/);
  assert.doesNotMatch(await page.textContent('main'), /\/plain/);
});
