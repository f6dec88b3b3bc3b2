// Clients that send or read too slowly lose their connection within its limit, here a twentieth of
// the usual one; those that go on are served.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../lib/index.mjs';
import { flag, frame, h2Frame, h2Get, h2Hello, u32, Wire } from '../lib/wire.mjs';

const haste = 20;
const server = await startServer({ env: { VITRINE_TEST_HASTE: String(haste) } });
const limits = { head: 10 / haste, request: 60 / haste, take: 2 * (60 / haste) + 1 };
const host = 'vitrine.localhost';

async function trickle(wire, bytes, every) {
  for (const byte of bytes) {
    if (!(await wire.send(byte)) || !wire.isOpen) return;
    await sleep(every);
  }
}

describe('at the same time', { concurrency: true }, () => {
  test('a head, byte by byte', async () => {
    const wire = new Wire(server.port);
    trickle(wire, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: ${'x'.repeat(2000)}`, 20);
    await wire.endsWithin(limits.head + 4);
  });

  test('a connection that says nothing', async () => {
    const wire = new Wire(server.port);
    await wire.endsWithin(limits.request + 4);
  });

  test('a body, byte by byte', async () => {
    const wire = new Wire(server.port);
    await wire.send(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5000\r\n\r\n`);
    trickle(wire, 'x'.repeat(5000), 20);
    await wire.endsWithin(limits.request + 4);
  });

  test('chunks, byte by byte', async () => {
    const wire = new Wire(server.port);
    await wire.send(`POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    trickle(wire, Array(5000).fill('1\r\nx\r\n'), 20);
    await wire.endsWithin(limits.request + 4);
  });

  test('HTTP/2: a body, byte by byte', async () => {
    const wire = new Wire(server.port);
    await wire.send(h2Hello);
    await wire.send(h2Get(1, host, '/', flag.endHeaders, { 'content-type': 'text/plain' }));
    trickle(wire, Array(5000).fill(h2Frame(frame.data, 0, 1, Buffer.from('x'))), 20);
    await wire.endsWithin(limits.request + 4);
  });

  test('HTTP/2: pings are no use of a connection', async () => {
    const wire = new Wire(server.port);
    await wire.send(h2Hello);
    trickle(wire, Array(5000).fill(h2Frame(frame.ping, 0, 0, Buffer.alloc(8))), 50);
    await wire.endsWithin(limits.request + 4);
  });

  test('an answer that nobody reads', async () => {
    const wire = new Wire(server.port);
    await wire.opened;
    wire.socket.pause();
    const asked = 4000;
    wire.send(`GET /nothing HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(asked));
    await sleep(limits.take * 1000);
    wire.socket.resume();
    await wire.endsWithin(1);
    assert.ok(wire.text.match(/HTTP\/1\.1 404 /g).length < asked);
  });

  test('HTTP/2: an answer that flow control holds back', async () => {
    const wire = new Wire(server.port);
    const noWindow = Buffer.concat([Buffer.from([0, 4]), u32(0)]);
    await wire.send(h2Hello);
    await wire.send(h2Frame(frame.settings, 0, 0, noWindow));
    await wire.send(h2Get(1, host, '/'));
    await wire.endsWithin(limits.take + 4);
  });

  test('a connection in use stays', async () => {
    const visitor = server.visitor();
    const wire = new Wire(server.port);
    const ask = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const rounds = Math.ceil((limits.take + 2) / 0.25);
    for (let i = 1; i <= rounds; i++) {
      await wire.send(ask);
      await sleep(250);
      assert.equal((await visitor.get('/healthz')).status, 200);
    }
    assert.equal(wire.text.match(/HTTP\/1\.1 200 /g)?.length, rounds, `${wire.error}`);
    wire.close();
  });
});
