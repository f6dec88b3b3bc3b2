// Plugins: how long until a switch has its effect everywhere, and what a hook costs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, root } from '../../lib/place.mjs';
import { Visitor } from '../../lib/visitor.mjs';
import { median } from './rounds.mjs';
import { workers } from './stage.mjs';

// Connections are spread over the workers by the kernel: of sixteen, none to one worker is rare.
const watchers = 8 * workers;

export async function toggle(stage, { rounds }) {
  const site = await stage.server.createSite({ slug: 'house-of-switches', features: { 'pay-at-venue': {} } });
  await stage.serve();
  const visitor = () => new Visitor({ host: stage.host(site.slug), port: stage.server.port });
  const mary = visitor();
  const { email, password } = site.manager;
  await mary.post('/manage/login', { form: { email, password } });
  const everyone = Array.from({ length: watchers }, visitor);
  // Nobody may get this page: 405 while the feature is on, 404 while there is no such thing.
  const sees = async (who, status) => {
    while ((await who.get('/x/sandbox-pay/notify')).status !== status);
    return performance.now();
  };
  const took = [];
  for (let i = 0; i < rounds * 2; i++) {
    const on = i % 2 === 0;
    const since = performance.now();
    const switched = mary.postJson(`/manage/features/sandbox-pay/${on ? 'on' : 'off'}`, {});
    const seen = everyone.map((who) => sees(who, on ? 405 : 404));
    assert.equal((await switched).status, 200);
    took.push((Math.max(...(await Promise.all(seen))) - since) / 1000);
  }
  for (const who of [mary, ...everyone]) who.close();
  return [
    { name: 'toggle', unit: 's', value: median(took) },
    { name: 'toggle_worst', unit: 's', value: Math.max(...took) },
  ];
}

let costs;
async function hookCosts() {
  costs ??= JSON.parse((await promisify(execFile)(join(build, 'hook_bench'), [], { cwd: root })).stdout);
  return costs;
}

export async function hookIdle() {
  return [{ name: 'hook_idle', unit: 'ns', value: (await hookCosts()).hook_idle }];
}

export async function hookLua() {
  return [{ name: 'hook_lua', unit: 'ns', value: (await hookCosts()).hook_lua }];
}
