// Where things are, short temporary folders, and what has to end when a test file ends.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after } from 'node:test';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

// The build under test: scripts/test names the sanitizers' one, else the newest kind there is.
export const build =
  process.env.VITRINE_BUILD ??
  ['build-test', 'build'].map((dir) => join(root, dir)).find((dir) => existsSync(`${dir}/vitrine`)) ??
  join(root, 'build-test');

const endings = [];

// Runs when the file's tests are over, last one first.
export function atEnd(action) {
  endings.push(action);
}

export async function endAll() {
  const errors = [];
  while (endings.length > 0) {
    await Promise.resolve(endings.pop()()).catch((error) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => endAll().finally(() => process.exit(1)));
}

// The runner itself ends what it started by hand.
if (process.env.NODE_TEST_CONTEXT || !process.argv[1]?.endsWith('run.mjs')) after(endAll);

// Sockets live below: the path stays short, and PostgreSQL's user may pass.
export function temporaryFolder() {
  const folder = mkdtempSync('/tmp/vt-');
  chmodSync(folder, 0o711);
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
