// Runs test files, shows their results and writes `passed failed skipped` for scripts/test.
// Usage: node tests/lib/run.mjs [--count FILE] [--parallel N] FILE…
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { startChecker } from './nu.mjs';
import { endAll } from './place.mjs';
import { Postgres } from './postgres.mjs';

const minutes = 10;
const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args.splice(args.indexOf(name), 2)[1] : undefined);
const countFile = option('--count');
const concurrency = Number(option('--parallel') ?? 1);

process.env.VITRINE_TEST_CLUSTER ??= (await Postgres.shared()).folder;
if (args.some((file) => file.includes('tests/browser/'))) process.env.VITRINE_TEST_NU ??= await startChecker();

const counts = { passed: 0, failed: 0, skipped: 0 };
const stream = run({ files: args.map((file) => resolve(file)), concurrency, timeout: minutes * 60_000 });
stream.on('test:pass', ({ skip, todo, details }) => {
  if (details?.type === 'suite') return;
  counts[skip !== undefined || todo !== undefined ? 'skipped' : 'passed']++;
});
stream.on('test:fail', ({ todo, details }) => {
  if (details?.type === 'suite' && details.error?.failureType === 'subtestsFailed') return;
  counts[todo !== undefined ? 'skipped' : 'failed']++;
});
const report = stream.compose(new spec());
report.pipe(process.stdout);
await new Promise((done) => report.once('end', done));

await endAll();
if (counts.passed + counts.failed + counts.skipped === 0) counts.failed = 1;
if (countFile) writeFileSync(countFile, `${counts.passed} ${counts.failed} ${counts.skipped}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
