// What the interface says in every language: to find keys that have no words, and words of another
// language, on a page that was opened.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './place.mjs';

const languages = ['en', 'fr', 'es'];
// Every language may be called as it calls itself.
const themselves = ['English', 'français', 'español'];
const folders = ['web', 'plugins', 'core', 'tests/fixtures/plugins'];
let known;

// All words that stand as they are: {en: Map(words → key), …}.
function said() {
  const all = Object.fromEntries(languages.map((language) => [language, new Map()]));
  const files = folders.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, path)));
  for (const path of files.filter((file) => /\/locales\/(en|fr|es)\.json$/.test(file) && !file.includes('node_modules'))) {
    for (const [key, words] of Object.entries(JSON.parse(readFileSync(join(root, path), 'utf8')))) {
      all[basename(path, '.json')].set(words.trim(), key);
    }
  }
  return all;
}

// Findings about the words of a page that should all be of one language; an empty list is a pass.
// `names` are what somebody called a thing.
export async function wordFindings(page, language, names = []) {
  known ??= said();
  const texts = await page.evaluate(readWords);
  const own = known[language];
  const findings = [];
  for (const text of new Set(texts)) {
    if (/^(office|console|storefront|platform)(\.[a-z_]+)+$/.test(text)) findings.push(`no words for ${text}`);
    if (text.length < 4 || own.has(text) || names.includes(text) || themselves.includes(text) || !/\p{Ll}/u.test(text)) continue;
    const other = languages.find((one) => one !== language && known[one].has(text));
    if (other) findings.push(`${other}, not ${language}: “${text}” (${known[other].get(text)})`);
  }
  return findings;
}

// Runs in the page: what is read or heard, but for parts that say they are in another language.
function readWords() {
  const root = document.documentElement.lang;
  const foreign = (element) => (element.closest('[lang]')?.lang ?? root) !== root || element.closest('script, style, template, textarea');
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!foreign(walker.currentNode.parentElement)) texts.push(walker.currentNode.data);
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
    if (foreign(element)) continue;
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) texts.push(element.getAttribute(name) ?? '');
  }
  return texts.map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean);
}
