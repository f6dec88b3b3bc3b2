// An export that is interrupted leaves no half file: a spreadsheet's job begins again and its file
// appears whole; a CSV that can't be read to its end breaks off, which every program notices.
import assert from 'node:assert/strict';
import http from 'node:http';
import test, { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postgres, startServer, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { manyOrders } from '../lib/orders.mjs';
import { readXlsx } from '../lib/sheet.mjs';

const orders = 60_000;
const postgres = await Postgres.start({ durable: true });
const server = await startServer({ postgres });
const site = await server.createSite({ offers: [tour(), tour({ slug: 'walk' })] });
let desk;

before(async () => {
  await manyOrders(server, site, orders);
  desk = await staff(site);
});

const state = async (id) => (await server.sql(
  `SELECT e.state, e.rows_done::int AS rows, (SELECT count(*)::int FROM export_part) AS parts FROM export e WHERE export_id = $1`, [id]))[0];

test('the job worker is killed while it makes a spreadsheet: it is made again, whole', async () => {
  const { json: { id } } = await desk.postJson('/manage/orders/export', {});
  while ((await state(id)).rows === 0) await sleep(20);
  const children = server.processes().filter(({ parent }) => parent === server.child.pid).map(({ pid }) => pid).sort((a, b) => a - b);
  process.kill(children.at(-1), 'SIGKILL');
  await sleep(500);
  await server.ready();
  const left = await state(id);
  assert.deepEqual([left.state, left.parts], ['running', 0], 'nothing of the file is there');
  assert.equal((await desk.get(`/manage/exports/${id}/file`)).status, 404);
  // Its lease ends by itself.
  await server.time('+120');
  for (const until = Date.now() + 60_000; (await state(id)).state !== 'done'; await sleep(200)) {
    assert.ok(Date.now() < until, JSON.stringify(await state(id)));
  }
  const file = await desk.get(`/manage/exports/${id}/file`);
  const { pages: [page] } = readXlsx(file.bytes);
  assert.equal(page.rows.length, 1 + orders + Math.floor(orders / 3));
  assert.equal(new Set(page.rows.slice(1).map(([code]) => code)).size, orders);
});

// A CSV whose reader stops after the first bytes until `meanwhile` is over: how it ended, how long.
function download(meanwhile) {
  const cookie = [...desk.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');
  return new Promise((resolve) => {
    let bytes = 0;
    const headers = { host: `${site.slug}.vitrine.localhost`, cookie };
    const request = http.get({ host: '127.0.0.1', port: server.port, path: '/manage/orders/export.csv', headers, setHost: false });
    // A broken end may be no HTTP any more.
    request.on('error', () => resolve({ whole: false, bytes }));
    request.on('response', (response) => {
      response.once('readable', async () => {
        await meanwhile(response);
        response.on('data', (part) => (bytes += part.length));
      });
      response.on('close', () => resolve({ whole: response.complete, bytes }));
      response.on('error', () => {});
    });
  });
}

test('a reader who stops for a while gets everything; one who leaves harms nobody', async () => {
  const patient = await download(() => sleep(1500));
  assert.ok(patient.whole && patient.bytes > 10_000_000, JSON.stringify(patient));
  const gone = await download(async (response) => response.destroy());
  assert.equal(gone.whole, false);
  assert.equal((await desk.get('/manage/orders')).status, 200);
});

test('the database goes away in the middle: the download breaks off', async () => {
  const cut = await download(async () => {
    postgres.kill();
    await sleep(300);
  });
  assert.equal(cut.whole, false, `${cut.bytes} bytes looked like the whole file`);
  await postgres.back();
  for (const until = Date.now() + 20_000; (await desk.get('/manage/orders')).status !== 200; await sleep(100)) assert.ok(Date.now() < until);
  const again = await download(() => {});
  assert.ok(again.whole && again.bytes > cut.bytes);
});
