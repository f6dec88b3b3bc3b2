// SIGHUP in mid-load: each worker is replaced by one of the version on disk, and no request fails.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, renewed, startCopy, until } from '../lib/copy.mjs';
import { build, startServer } from '../lib/index.mjs';
import { Load } from '../lib/load.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;
const pids = () => server.processes().map(({ pid }) => pid).sort();

async function replaced(before) {
  for (const until = Date.now() + 30_000; Date.now() < until; await sleep(50)) {
    const now = pids();
    if (now.length === before.length && now.filter((pid) => before.includes(pid)).length === 1) return;
  }
  throw new Error(`still ${pids()} of ${before}`);
}

test('workers are replaced one by one', async () => {
  const before = pids();
  const load = new Load(server, host, { paths: ['/offers', '/healthz', '/basket', '/nothing'], http1: 12, http2: 6 });
  await load.has(300);
  server.kill('SIGHUP');
  await replaced(before);
  await load.has(load.answers.length + 300);
  const statuses = await load.stop();
  assert.deepEqual(load.failures, []);
  assert.deepEqual(Object.keys(statuses).sort(), ['200', '404']);
  assert.equal(load.refused, 0);
});

test('several reloads in a row end in one set of workers', async () => {
  const before = pids();
  const load = new Load(server, host, { http1: 4, http2: 0, pause: 2 });
  for (let i = 0; i < 5; i++) {
    server.kill('SIGHUP');
    await sleep(150);
  }
  await replaced(before);
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.doesNotMatch(server.log(), /a worker died|check failed/);
});

function changeAsset(home, name, hash, addition) {
  const assets = join(home, 'build/assets');
  const manifest = JSON.parse(readFileSync(join(assets, 'manifest.json')));
  writeFileSync(join(assets, 'manifest.json'), JSON.stringify({ ...manifest, [name]: hash }));
  appendFileSync(join(assets, name), addition);
  rmSync(join(assets, `${name}.gz`));
}

const says = (own, text) => (own.log().match(new RegExp(text, 'g')) ?? []).length;

test('a reload reads every file anew; one that finds a mistake changes nothing', async () => {
  const copy = await startCopy();
  const { own, home, workers } = copy;
  const template = join(home, 'web/platform/error.html');
  const text = readFileSync(template, 'utf8');
  const shown = async () => (await own.visitor().get('/nothing')).words('main');
  const before = workers();

  writeFileSync(template, text.replace('{{/main}}', '{{#never}}{{/main}}'));
  own.kill('SIGHUP');
  await until('a refusal', () => says(own, "the new version doesn't start"));
  assert.match(own.log(), /error\.html:\d+/);
  assert.deepEqual(workers(), before);

  // A worker that dies now comes back as it was.
  process.kill(before[0], 'SIGKILL');
  await until('another worker', () => workers().length === 3 && !workers().includes(before[0]));
  await own.ready();
  assert.match(await shown(), /nothing at this address/i);

  const styles = async () => (await own.visitor().get('/nothing')).text.match(/\/assets\/\w+\/styles\/platform\.css/)[0];
  const oldStyles = await styles();
  changeAsset(home, 'styles/platform.css', 'f00df00df00df00d', '/* new */');
  writeFileSync(template, text.replace('{{/main}}', '<p>Brand new</p>{{/main}}'));
  const old = workers();
  own.kill('SIGHUP');
  // Either version's page may meet a worker of the other one.
  const newStyles = '/assets/f00df00df00df00d/styles/platform.css';
  await until('new workers', async () => {
    for (const path of [oldStyles, newStyles]) assert.equal((await own.visitor().get(path)).status, 200);
    return !workers().some((pid) => old.includes(pid));
  });
  await renewed(copy, old);
  assert.match(await shown(), /brand new/i);
  assert.equal(await styles(), newStyles);
  assert.match((await own.visitor().get(oldStyles)).text, /new \*\//);
});

test('a new program takes over in mid-load; one that does not start leaves the old one', async () => {
  const copy = await startCopy();
  const { own, program, workers } = copy;
  const oldWords = 'There is no such file.';
  const newWords = 'Nothing is stored here';
  const shown = async () => (await own.visitor().get('/assets/0/none')).text.trim();
  const bytes = readFileSync(program);
  const at = bytes.indexOf(oldWords);
  assert.ok(at > 0 && newWords.length === oldWords.length);
  const next = Buffer.from(bytes);
  next.write(newWords, at);

  const old = workers();
  const supervisor = own.child.pid;
  const load = new Load(own, 'vitrine.localhost', { paths: ['/', '/healthz', '/nothing'], http1: 8, http2: 4 });
  await load.has(200);
  assert.equal(await shown(), oldWords);

  const broken = [
    ['#!/bin/sh\necho "vitrine: a library is missing" >&2\nexit 3\n', 'a library is missing', '"ended":"exit 3"'],
    ['#!/bin/sh\nkill -SEGV $$\n', '"ended":"Segmentation fault"'],
    ['no program at all', "the program can't be started.*Exec format error", '"ended":"exit 1"'],
  ];
  for (const [i, [file, ...words]] of broken.entries()) {
    install(program, file);
    own.kill('SIGHUP');
    await until('a refusal', () => says(own, "the new version doesn't start: the old workers stay") === i + 1);
    for (const said of words) assert.ok(says(own, said), own.log().slice(-1000));
    assert.deepEqual(workers(), old);
  }
  assert.equal(await shown(), oldWords);

  install(program, next);
  own.kill('SIGHUP');
  await renewed(copy, old);
  assert.equal(await shown(), newWords);

  // And once more, by the new one.
  const second = workers();
  install(program, bytes);
  own.kill('SIGHUP');
  await renewed(copy, second);
  assert.equal(await shown(), oldWords);
  assert.equal(own.child.pid, supervisor);

  await load.has(load.answers.length + 200);
  assert.deepEqual(Object.keys(await load.stop()).sort(), ['200', '404']);
  assert.deepEqual(load.failures, []);
  assert.equal(load.refused, 0);
  assert.equal(says(own, 'a worker died'), 0);
});

// The rehearsal only loads: what breaks later breaks in a successor, while the old worker serves.
test('a version whose workers die is replaced by the next, and nobody noticed', async () => {
  const copy = await startCopy();
  const { own, home, program, workers } = copy;
  const old = workers();
  const load = new Load(own, 'vitrine.localhost', { paths: ['/', '/nothing'], http1: 4, http2: 2, pause: 2 });
  const wrapper = `#!/bin/sh\n[ "$VITRINE_REHEARSAL" ] || export VITRINE_TLS_CERTIFICATE=/none VITRINE_TLS_KEY=/none\n`;
  renameSync(program, join(home, 'build/real'));
  install(program, `${wrapper}exec ${join(home, 'build/real')} "$@"\n`);
  own.kill('SIGHUP');
  await until('dead workers', () => says(own, 'a worker died') > 2);
  assert.ok(old.every((pid) => workers().includes(pid)));
  await load.has(load.answers.length + 50);

  // A sound one under the name that the running supervisor was started with.
  install(join(home, 'build/real'), '#!/bin/sh\nunset VITRINE_TLS_CERTIFICATE VITRINE_TLS_KEY\nexec ' + `${join(build, 'vitrine')} "$@"\n`);
  own.kill('SIGHUP');
  await renewed(copy, old);
  await own.ready();
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.equal(load.refused, 0);
});
