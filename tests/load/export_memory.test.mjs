// A hundred thousand lines leave the server as CSV and as XLSX, and its memory doesn't notice: a page
// of rows at a time, however large the file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { manyOrders } from '../lib/orders.mjs';

const lines = 100_000;
// Of a process, in MB. Sanitizers keep what was freed.
const most = process.env.ASAN_OPTIONS ? 400 : 12;
const server = await startServer();
const site = await server.createSite({ offers: [tour(), tour({ slug: 'walk' })] });
let desk;

before(async () => {
  await manyOrders(server, site, (lines / 4) * 3);
  desk = await staff(site);
});

const memoryOf = (pid) => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...text.matchAll(/^Private_\w+:\s+(\d+)/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0) / 1024;
};
const children = () => server.processes().filter(({ parent }) => parent === server.child.pid).map(({ pid }) => pid).sort((a, b) => a - b);

// How much more than before the processes had for themselves at any moment of it.
async function growth(run) {
  const pids = children();
  const first = pids.map(memoryOf);
  const grown = pids.map(() => 0);
  let over = false;
  const watch = (async () => {
    while (!over) {
      pids.forEach((pid, i) => (grown[i] = Math.max(grown[i], memoryOf(pid) - first[i])));
      await sleep(10);
    }
  })();
  const result = await run();
  over = true;
  await watch;
  return { grown: Math.max(...grown), result };
}

test('CSV of 100,000 lines, in the memory of one page', async () => {
  await desk.get('/manage/orders/export.csv?q=ada');
  const { grown, result } = await growth(() => desk.get('/manage/orders/export.csv'));
  assert.equal(result.bytes.toString('latin1').split('\r\n').length, lines + 2);
  assert.ok(result.bytes.length > 15_000_000);
  assert.ok(grown < most, `${grown.toFixed(1)} MB more`);
});

test('XLSX of 100,000 lines, in the memory of one page', async () => {
  const make = async (filter) => {
    const { json: { id } } = await desk.postJson('/manage/orders/export', filter);
    for (const until = Date.now() + 120_000; ; await sleep(100)) {
      const { export: e } = (await desk.getJson(`/manage/exports/${id}`)).json;
      if (e.state === 'done') return e;
      assert.ok(Date.now() < until && e.state !== 'failed', JSON.stringify(e));
    }
  };
  await make({ q: 'ada' });
  const { grown, result } = await growth(() => make({}));
  assert.equal(result.rows, (lines / 4) * 3);
  assert.ok(grown < most * 2, `${grown.toFixed(1)} MB more`);
  const download = await growth(() => desk.get(result.file_url));
  assert.ok(download.result.bytes.length > 3_000_000);
  assert.ok(download.grown < most, `${download.grown.toFixed(1)} MB more`);
});
