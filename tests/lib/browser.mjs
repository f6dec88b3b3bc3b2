// Debian's Chromium through playwright-core, and the checks that every page has to pass: no
// horizontal scroll, nothing from third parties, nothing in the console, axe, html-validate and the
// Nu HTML checker.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';
import { nuFindings } from './nu.mjs';
import { atEnd } from './place.mjs';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {
    'no-trailing-whitespace': 'off',
    'attribute-boolean-style': 'off',
    'void-style': 'off',
    'doctype-style': 'off',
    // Every file is our own, from the same server.
    'require-sri': 'off',
    'tel-non-breaking': 'off',
    // A venue's own words.
    'long-title': 'off',
  },
});

let shared;

// One browser for a test file; *.localhost leads to loopback by itself.
async function browser() {
  if (!shared) {
    const profile = mkdtempSync('/tmp/vt-chromium-');
    shared = chromium.launch({
      executablePath: '/usr/bin/chromium',
      ignoreDefaultArgs: true,
      args: [...flags, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
    });
    atEnd(async () => {
      await (await shared).close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    });
  }
  return shared;
}

// A page in a context of its own (no cookies). Options are playwright's: javaScriptEnabled: false,
// locale, reducedMotion, and width (1280).
export async function openPage({ width = 1280, ...options } = {}) {
  const context = await (await browser()).newContext({ viewport: { width, height: 900 }, ...options });
  const page = await context.newPage();
  page.scripts = options.javaScriptEnabled !== false;
  page.findings = [];
  page.on('console', (message) => {
    const network = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !network) page.findings.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.findings.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const own = /(^|\.)localhost$|^127\.0\.0\.1$/.test(hostname);
    if (/^https?:$|^wss?:$/.test(protocol) && !own) page.findings.push(`third party: ${request.url()}`);
  });
  page.on('response', (response) => {
    const request = response.request();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) page.answer = response;
    else if (response.status() >= 400) page.findings.push(`${response.status()}: ${response.url()}`);
  });
  return page;
}

// Every finding about the page as it stands, in two widths and both colour schemes; an empty list
// is a pass. Without scripts axe can't run; the pages are the same. Pictures go to VITRINE_SCREENSHOTS/name-width-scheme.png.
export async function checkPage(page, name) {
  // The page as the server sent it, not as scripts left it.
  const findings = await validateHtml(await page.answer.text());
  const seen = new Map();
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 900 });
      // Colours are looked at where they end, not on their way.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await settle(page);
      for (const text of [...(await runAxe(page, colorScheme)), ...(await overflow(page))]) {
        seen.set(text, [...(seen.get(text) ?? []), `${width} px ${colorScheme}`]);
      }
      await picture(page, `${name}-${width}-${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 360, height: 900 });
  findings.push(...(await doubled(page)));
  await page.setViewportSize({ width: 1280, height: 900 });
  findings.push(...[...seen].map(([text, where]) => `${where.join(', ')}: ${text}`));
  return [...findings, ...new Set(page.findings.splice(0))].map((text) => `${page.url()}: ${text}`);
}

// The same in less time: everything and doubled text at 360 px in the light, colours and width at 1280 px
// in the dark.
// Without a name no pictures are taken.
export async function glance(page, name) {
  const sound = page.answer.text().then(validateHtml);
  const findings = [];
  for (const [width, colorScheme] of [[360, 'light'], [1280, 'dark']]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settle(page);
    findings.push(...(await runAxe(page, colorScheme)), ...(await overflow(page)));
    if (width === 360) findings.push(...(await doubled(page)));
    await picture(page, name && `${name}-${width}-${colorScheme}`);
  }
  findings.push(...(await sound), ...new Set(page.findings.splice(0)));
  return findings.map((text) => `${page.url()}: ${text}`);
}

// Until nothing moves: what changes its colour slowly is brought to its end, and an inherited colour
// reaches inner elements a frame after the outer ones.
async function settle(page, enough = 5) {
  // No frames are told of without scripts.
  if (!page.scripts) return page.waitForTimeout(200);
  for (let frames = 0, still = 0; frames < 300 && still < enough; frames++) {
    const moving = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => {
      const changes = document.getAnimations();
      for (const change of changes) if (change instanceof CSSTransition) change.finish();
      done(changes.length);
    })));
    still = moving === 0 ? still + 1 : 0;
  }
}

// In the dark the page is the same but for its colours.
const coloured = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

async function runAxe(page, colorScheme) {
  if (!page.scripts) return [];
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(colorScheme === 'dark' && coloured) };
  const violations = await page.evaluate(async (how) => (await globalThis.axe.run(document, how)).violations, options);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, any }) => `axe ${id}: ${help}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
}

async function doubled(page) {
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  await settle(page, 1);
  const findings = (await overflow(page)).map((text) => `360 px, text at 200 %: ${text}`);
  await page.evaluate(() => (document.documentElement.style.fontSize = ''));
  return findings;
}

// Elements that stick out to the right of the window make the page scroll sideways.
function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    // What scrolls by itself isn't what makes the page scroll.
    const scrolls = (e) => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
    const wide = [...document.body.querySelectorAll('*')].filter(
      (e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement),
    );
    return wide.slice(0, 3).map((e) => `horizontal scroll: ${e.tagName.toLowerCase()}.${e.className}`);
  });
}

export async function validateHtml(html) {
  const report = await validator.validateString(html);
  const findings = report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `html line ${line}: ${message} (${ruleId})`),
  );
  return [...findings, ...(await nuFindings(html))];
}

export async function picture(page, name) {
  const folder = process.env.VITRINE_SCREENSHOTS;
  if (!folder || !name) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
