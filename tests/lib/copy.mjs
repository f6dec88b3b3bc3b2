// A server from a copy of the installation, whose files and program can be changed as a new version
// would change them.
import { copyFileSync, cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, root, temporaryFolder } from './place.mjs';
import { startServer } from './server.mjs';

// `own` is the server, `workers()` the numbers of its processes without the supervisor.
export async function startCopy(options = {}) {
  const home = temporaryFolder();
  for (const name of ['web', 'plugins', 'tenants', 'core/migrations']) {
    cpSync(join(root, name), join(home, name), {
      recursive: true, filter: (path) => !path.endsWith('node_modules'),
    });
  }
  mkdirSync(join(home, 'build'));
  symlinkSync(join(build, 'plugins'), join(home, 'build/plugins'));
  cpSync(join(root, 'build/assets'), join(home, 'build/assets'), { recursive: true });
  const program = join(home, 'build/vitrine');
  copyFileSync(join(build, 'vitrine'), program);
  const own = await startServer({ workers: 2, program, env: { VITRINE_HOME: home }, ...options });
  const workers = () => own.processes().filter(({ parent }) => parent === own.child.pid).map(({ pid }) => pid);
  return { own, home, program, workers };
}

export async function until(what, is) {
  for (const end = Date.now() + 30_000; !(await is()); await sleep(30)) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}`);
  }
}

// Two workers and the one for jobs, none of them among `old`.
export const renewed = ({ workers }, old) =>
  until('new workers', () => workers().length === 3 && !workers().some((pid) => old.includes(pid)));

// As a deploy does it: the running program keeps its own file.
export function install(program, bytes) {
  writeFileSync(`${program}.new`, bytes, { mode: 0o755 });
  renameSync(`${program}.new`, program);
}
