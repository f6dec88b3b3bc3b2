// scripts/bench: a goal that is missed fails the run, whatever the form of its output; one that is
// reached doesn't. The figures are given here, the judging and the exit code are its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../lib/place.mjs';

const report = join(root, 'tests/load/bench/report.mjs');
function run(lines, how = '{}', more = '') {
  const script = `import { Report } from ${JSON.stringify(report)};
    const report = new Report(${how});
    for (const line of ${JSON.stringify(lines)}) report.print(line);
    ${more}
    process.exit(report.end());`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
}
const search = (value) => ({ name: 'order_search', value, unit: 'ms' });
const day = (ratio) => ({ name: 'office_day', value: 900, unit: 'req/s', peer: 'pgbench', peer_value: 900 / ratio, ratio });

test('goals reached: the run succeeds', () => {
  const { status, stdout, stderr } = run([search(80), day(0.5), { name: 'upgrade', value: 0, unit: 'failed' }]);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /order_search +80 +ms +≤ 100\n/);
});

test('a goal missed: said in its line and at the end, and the run fails', () => {
  for (const how of ['{}', '{ json: true }', '{ markdown: true }']) {
    const { status, stderr } = run([search(80), day(0.2)], how);
    assert.equal(status, 1, how);
    assert.equal(stderr, 'missed: office_day: 0.2, the goal is ≥ 0.4\n');
  }
  assert.match(run([search(130)]).stdout, /order_search .*≤ 100 {2}missed/);
  assert.equal(run([{ name: 'upgrade', value: 1, unit: 'failed' }]).status, 1);
});

test('a figure that is none, and a benchmark that breaks, fail it too', () => {
  assert.equal(run([search(null)]).status, 1);
  assert.equal(run([day(null)]).status, 1);
  const broken = run([search(80)], '{}', `report.failed('toggle', new Error('no answer'));`);
  assert.deepEqual([broken.status, broken.stderr], [1, 'missed: toggle: no answer\n']);
});
