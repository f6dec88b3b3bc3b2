// The Nu HTML checker (vnu-jar, in a Java machine of its own): what html-validate's rules don't
// know of the standard. One process for all files of a run, asked over loopback.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './server.mjs';
import { atEnd } from './place.mjs';

const jar = join(dirname(createRequire(import.meta.url).resolve('vnu-jar/package.json')), 'build/dist/vnu.jar');
// Its schemas are deep; what it compiles at leisure isn't worth the processor's time here.
const flags = ['-Xss8m', '-Xmx384m', '-XX:TieredStopAtLevel=1', '-Dnu.validator.servlet.bind-address=127.0.0.1'];
// Styles are the browser's business: the checker doesn't know light-dark() and container queries. A
// switch may submit its form (ARIA in HTML says nothing else); the checker's schema forgets it.
const skipped = /^CSS: |^Bad value “submit” for attribute “type” on element “button”\.$/;

let checker;

// The checker's address; it ends with whoever started it.
export async function startChecker() {
  const port = await freePort();
  const child = spawn('java', [...flags, '-cp', jar, 'nu.validator.servlet.Main', String(port)], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.once('error', () => {});
  child.unref();
  atEnd(async () => {
    child.ref();
    child.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${port}/?out=json`;
  for (let i = 0; i < 600; i++) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error('java can’t run the Nu HTML checker');
    if (await fetch(url, { method: 'HEAD' }).catch(() => null)) return url;
    await sleep(100);
  }
  throw new Error('the Nu HTML checker doesn’t answer after a minute');
}

// Findings about a document; an empty list is a pass.
export async function nuFindings(html) {
  checker ??= process.env.VITRINE_TEST_NU ?? startChecker();
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const response = await fetch(await checker, { method: 'POST', headers, body: html });
  const { messages } = await response.json();
  return messages
    .filter(({ type, subType, message }) => (type !== 'info' || subType === 'warning') && !skipped.test(message))
    .map(({ lastLine, message }) => `nu line ${lastLine}: ${message}`);
}
