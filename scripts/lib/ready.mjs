// Writes ready.json from what the demo loader printed, and shows addresses and logins.
// Usage: node ready.mjs STATE CONSOLE_EMAIL HOST LISTEN
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [state, email, host, listen] = process.argv.slice(2);
const port = listen.split(':').pop();
const platform = `http://${host}${port === '80' ? '' : `:${port}`}`;
const password = readFileSync(join(state, 'console.password'), 'utf8').trim();
const sites = JSON.parse(readFileSync(join(state, 'demo.json'), 'utf8')).map(
  ({ slug, url, manager }) => ({
    slug,
    url,
    manager: { email: manager.email, password: manager.password },
  }),
);

const ready = { platform, console: { email, password }, sites };
const file = join(state, 'ready.json');
writeFileSync(`${file}.new`, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 });
renameSync(`${file}.new`, file);

const rows = [
  ['Platform', platform, '', ''],
  ['Console', `${platform}/console`, email, password],
  ...sites.map((s) => [s.slug, s.url, s.manager.email, s.manager.password]),
];
const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i].length)));
console.log('');
for (const row of rows) {
  console.log(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()}`);
}
console.log(`\n  A site's back office is at its address followed by /manage.\n`);
