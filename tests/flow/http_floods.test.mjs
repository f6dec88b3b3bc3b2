// One HTTP/2 connection that costs the server more than it costs its client is cut, and everybody
// else is served meanwhile.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { flag, frame, h2Frame, h2Get, h2Hello, hpack, u32, Wire } from '../lib/wire.mjs';

const server = await startServer({ workers: 1 });
const site = await server.createSite();
const host = `${site.slug}.vitrine.localhost`;
const cancel = u32(8);

// Keeps asking for pages of every kind until `attack` is over; all of them must come, soon.
async function othersAreServed(attack) {
  let over = false;
  const done = attack.finally(() => (over = true));
  const waits = [];
  const ask = async () => {
    const visitor = site.visitor();
    while (!over || waits.length < 50) {
      const since = Date.now();
      const page = await visitor.get(waits.length % 2 ? '/offers/none' : '/');
      waits.push(Date.now() - since);
      assert.ok(page.status < 500, `${page.status}`);
    }
  };
  await Promise.all([ask(), ask(), ask()]);
  waits.sort((a, b) => a - b);
  assert.ok(waits.at(-1) < 2000, `somebody waited for ${waits.at(-1)} ms`);
  return done;
}

// Sends what `make(i)` gives for up to `count` streams, until the connection is cut; how far it got.
async function flood(count, make, { start = h2Hello, most = 20 } = {}) {
  const wire = new Wire(server.port);
  await wire.send(start);
  let sent = 0;
  while (sent < count && wire.isOpen) {
    const parts = [];
    for (let i = 0; i < 100 && sent < count; i++) parts.push(make(sent++));
    if (!(await wire.send(Buffer.concat(parts)))) break;
  }
  await wire.endsWithin(most);
  return sent;
}

const resets = {
  'pages that are made': (i) => `/offers/none?i=${i}`,
  'pages from the cache': () => '/',
  'pages that are not there': () => '/nothing',
};

for (const [name, path] of Object.entries(resets)) {
  test(`30,000 streams opened and reset: ${name}`, async () => {
    await othersAreServed(
      flood(30_000, (i) =>
        Buffer.concat([h2Get(2 * i + 1, host, path(i)), h2Frame(frame.reset, 0, 2 * i + 1, cancel)]),
      ),
    );
  });
}

test('30,000 streams that the server is made to reset', async () => {
  await othersAreServed(
    flood(30_000, (i) =>
      Buffer.concat([h2Get(2 * i + 1, host, '/'), h2Frame(frame.window, 0, 2 * i + 1, u32(0))]),
    ),
  );
});

test('30,000 streams whose body never comes', async () => {
  await othersAreServed(
    flood(30_000, (i) =>
      Buffer.concat([
        h2Get(2 * i + 1, host, '/offers/tour', flag.endHeaders, { 'x-long': 'x'.repeat(20) }),
        h2Frame(frame.reset, 0, 2 * i + 1, cancel),
      ]),
    ),
  );
});

test('headers that never end', async () => {
  const first = h2Frame(frame.headers, flag.endStream, 1, hpack({ ':method': 'GET' }));
  const more = h2Frame(frame.more, 0, 1, hpack({ 'x-more': 'x'.repeat(4000) }));
  await othersAreServed(flood(20_000, (i) => (i ? more : first)));
});

test('pings', async () => {
  const ping = h2Frame(frame.ping, 0, 0, Buffer.alloc(8));
  await othersAreServed(flood(300_000, () => ping));
});

test('settings', async () => {
  const settings = h2Frame(frame.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), u32(65_535)]));
  await othersAreServed(flood(300_000, () => settings));
});

test('empty frames of a body', async () => {
  const open = h2Get(1, host, '/offers/tour', flag.endHeaders);
  const empty = h2Frame(frame.data, 0, 1);
  await othersAreServed(flood(600_000, (i) => (i ? empty : open), { most: 65 }));
});

test('the server is as it was', async () => {
  const page = await site.visitor().get('/');
  assert.ok(page.status < 500);
  assert.equal(server.processes().length, 3);
});
