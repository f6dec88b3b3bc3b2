// A plugin whose manifest and code differ stops the start: the server names file and field and serves nothing.
// tests/unit/plug_load_test.c has every lie of a manifest; here are the server's start and the lies of C.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { build, root, startServer, temporaryFolder } from '../lib/index.mjs';

const run = promisify(execFile);
const folder = temporaryFolder();
const plugin = join(folder, 'knock');
const server = await startServer({ env: { VITRINE_TEST_PLUGINS: folder }, start: false });
const sanitizer = build.endsWith('build-asan') ? ['-fsanitize=address,undefined'] : [];

const manifest = {
  name: 'knock',
  title: { en: 'Knock', fr: 'Toc', es: 'Toc' },
  section: 'door',
  summary: { en: 'Knocks.', fr: 'Frappe.', es: 'Llama.' },
  version: '1.0.0',
  api: 1,
  language: 'c',
  permissions: ['public'],
  hooks: ['order_actions'],
  routes: [{ summary: 'Knocks', method: 'GET', surface: 'storefront', path: '/', handler: 'show', permission: 'public' }],
  jobs: ['ring'],
};
const source = `
#include <vitrine.h>
static struct vt_value *actions(struct vt_call *c, struct vt_value *in) { (void)in; return vt_list(c); }
static void show(struct vt_call *c, struct vt_value *r) { (void)r; vt_response_json(c, 200, vt_object(c)); }
static enum vt_job_result ring(struct vt_call *c, struct vt_value *d) { (void)c; (void)d; return VT_JOB_DONE; }
static const struct vt_hook hooks[] = {{"order_actions", actions}, {0}};
static const struct vt_route routes[] = {{"show", show}, {0}};
static const struct vt_job jobs[] = {{"ring", ring}, {0}};
VT_PLUGIN("knock", .hooks = hooks, .routes = routes, .jobs = jobs);
`;

async function write(change = {}, code = source) {
  rmSync(plugin, { recursive: true, force: true });
  mkdirSync(plugin);
  writeFileSync(join(plugin, 'plugin.json'), JSON.stringify({ ...manifest, ...change }));
  writeFileSync(join(plugin, 'plugin.c'), code);
  await run('cc', ['-std=gnu17', '-fPIC', '-shared', '-fvisibility=hidden', ...sanitizer, `-I${root}/core/include`,
    join(plugin, 'plugin.c'), '-o', join(plugin, 'plugin.so')]);
}

async function refused(why) {
  await assert.rejects(
    run(join(build, 'vitrine'), ['serve'], { env: server.env, timeout: 20_000 }),
    ({ code, stderr }) => {
      assert.equal(code, 1);
      assert.match(stderr, why);
      return true;
    },
  );
}

test('the server starts when both agree', async () => {
  await write();
  await server.start();
  const site = await server.createSite({ features: { knock: {} } });
  assert.equal((await site.visitor().getJson('/x/knock/')).status, 200);
  await server.stop();
});

const lies = [
  ['a hook that the code lacks', { hooks: ['order_actions', 'tenders'] }, source, /knock\/plugin\.json: hooks: the code has no tenders/],
  ['a hook that is not declared', { hooks: [] }, source, /knock\/plugin\.json: hooks: the code has order_actions/],
  ['a route that the code lacks', { routes: [{ ...manifest.routes[0], handler: 'look' }] }, source, /knock\/plugin\.json: routes: the code has show/],
  ['a job that is not declared', { jobs: [] }, source, /knock\/plugin\.json: jobs: the code has ring/],
  ['a job that the code lacks', { jobs: ['ring', 'rest'] }, source, /knock\/plugin\.json: jobs: the code has no rest/],
  ['another name', {}, source.replace('VT_PLUGIN("knock"', 'VT_PLUGIN("knack"'), /plugin\.so: names itself knack/],
  ['another version of the API', {}, source.replace('#include <vitrine.h>', '#include <vitrine.h>\n#define VT_ABI 7'), /plugin\.so: was built for version 7/],
  ['no table at all', {}, 'int nothing;', /plugin\.so: exports no vitrine_plugin/],
  ['a call that does not exist', {}, source.replace('vt_list(c)', 'vt_lost(c)').replace('static struct', 'struct vt_value *vt_lost(struct vt_call *c);\nstatic struct'), /undefined symbol: vt_lost/],
  ['an unknown field', { colour: 'red' }, source, /knock\/plugin\.json: colour: there is no such field/],
];

for (const [what, change, code, why] of lies) {
  test(`${what}: refused by file and field`, async () => {
    await write(change, code);
    await refused(why);
  });
}

test('a template that cannot be read is named too', async () => {
  await write();
  mkdirSync(join(plugin, 'templates'));
  writeFileSync(join(plugin, 'templates/show.html'), '{{#open}}');
  await refused(/templates\/show\.html:1/);
});
