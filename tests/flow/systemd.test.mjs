// The systemd units of scripts/ as they are shipped: systemd itself reads them without a complaint
// where it is there; everywhere they lead to the program and shut away what it doesn't need.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root, temporaryFolder } from '../lib/place.mjs';

const names = ['vitrine.service', 'vitrine-backup.service', 'vitrine-backup.timer'];
const read = (name) => readFileSync(join(root, 'scripts', name), 'utf8');
const present = spawnSync('systemd-analyze', ['--version']).status === 0;

test('systemd reads the units without a complaint', { skip: !present && 'no systemd-analyze here' }, () => {
  const folder = temporaryFolder();
  const paths = names.map((name) => join(folder, name));
  names.forEach((name, i) => copyFileSync(join(root, 'scripts', name), paths[i]));
  // The program stands elsewhere on this machine.
  writeFileSync(paths[0], read(names[0]).replaceAll('/opt/vitrine/build/vitrine', '/bin/true'));
  const verify = () => spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' });
  const { status, stderr } = verify();
  assert.deepEqual([status, stderr.trim()], [0, '']);
  writeFileSync(paths[0], read(names[0]).replace('KillMode=mixed', 'KillMood=mixed'));
  assert.match(verify().stderr, /KillMood/, 'it would have said so');
});

test('they start the program with the settings that the README names, and without rights', () => {
  for (const name of names.slice(0, 2)) {
    const text = read(name);
    const lines = new Set(text.split('\n'));
    for (const line of ['User=vitrine', 'EnvironmentFile=/etc/vitrine.env', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'UMask=0077'])
      assert.ok(lines.has(line), `${name}: ${line}`);
    assert.match(text, /\/opt\/vitrine\/build\/vitrine (serve|backup)/);
  }
  assert.match(read('vitrine.service'), /^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
});
