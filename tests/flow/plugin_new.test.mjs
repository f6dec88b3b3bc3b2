// P6: a plugin is one folder, in C or in Lua, of the same shape; `vitrine plugin new` makes one whose tests pass.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { Postgres, build, root, temporaryFolder } from '../lib/index.mjs';

const run = promisify(execFile);
const sanitizer = build.endsWith('build-asan') ? ['-fsanitize=address,undefined'] : [];
const postgres = await Postgres.shared();

// A tree of its own beside the repository's tests, so that nothing half-made is met by others.
const folder = temporaryFolder();
const plugins = join(folder, 'plugins');
mkdirSync(plugins);
symlinkSync(join(root, 'tests'), join(folder, 'tests'));
const { NODE_TEST_CONTEXT, ...outside } = process.env;
const env = {
  ...outside,
  ...postgres.env('vitrine'),
  VITRINE_HOME: root,
  VITRINE_BUILD: build,
  VITRINE_TEST_PLUGINS: plugins,
  VITRINE_TEST_CLUSTER: postgres.folder,
};
const vitrine = (...args) => run(join(build, 'vitrine'), args, { env });

const filesOf = (name) =>
  readdirSync(join(plugins, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(plugins, name), join(entry.parentPath ?? entry.path, entry.name)))
    .sort();

async function passesItsTests(name) {
  const file = join(plugins, name, 'tests/notes.test.mjs');
  const { stdout } = await run('node', [join(root, 'tests/lib/run.mjs'), file], { env }).catch((error) => error);
  assert.match(stdout, /^ℹ fail 0$/m, stdout);
  assert.match(stdout, /^ℹ pass [1-9]/m, stdout);
}

test('P6: a new plugin in Lua passes its tests', async () => {
  await vitrine('plugin', 'new', 'guest-notes', '--lua');
  await passesItsTests('guest-notes');
});

test('P6: a new plugin in C has the same shape and passes the same tests', async () => {
  await vitrine('plugin', 'new', 'desk-notes', '--c');
  const shared = filesOf('guest-notes').filter((file) => file !== 'plugin.lua');
  assert.deepEqual(filesOf('desk-notes'), [...shared, 'CMakeLists.txt', 'plugin.c'].sort());

  const at = join(plugins, 'desk-notes');
  await run('cc', ['-std=gnu17', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden',
    ...sanitizer, `-I${root}/core/include`, join(at, 'plugin.c'), '-o', join(at, 'plugin.so')]);
  await passesItsTests('desk-notes');
});

test('P6: no mark of the skeleton stays, and nothing is overwritten', async () => {
  for (const file of filesOf('guest-notes')) {
    assert.doesNotMatch(readFileSync(join(plugins, 'guest-notes', file), 'utf8'), /@[a-z]+@/, file);
  }
  for (const [name, why] of [['guest-notes', /there already/], ['Guest', /name is/], ['x', /name is/], ['../x', /name is/]]) {
    await assert.rejects(vitrine('plugin', 'new', name, '--lua'), ({ code, stderr }) => code === 1 && why.test(stderr));
  }
});

test('P6: the manual is what the code says', async () => {
  const { stdout } = await vitrine('plugin', 'manual');
  assert.equal(readFileSync(join(root, 'plugins/README.md'), 'utf8'), stdout,
    'plugins/README.md is stale: vitrine plugin manual > plugins/README.md');
});
