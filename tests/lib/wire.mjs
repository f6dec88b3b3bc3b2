// Clients that no library is: bytes as they are over HTTP/1, and HTTP/2 frame by frame.
import net from 'node:net';

// A socket that keeps what came; `answer()` waits for the first bytes, `closed` for the end.
export class Wire {
  constructor(port, { allowHalfOpen = false } = {}) {
    this.parts = [];
    this.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen, noDelay: true });
    this.socket.on('data', (data) => this.parts.push(data));
    this.socket.on('error', (error) => (this.error = error));
    this.opened = new Promise((resolve) => this.socket.once('connect', resolve));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve(this.text)));
  }

  get text() {
    return Buffer.concat(this.parts).toString('latin1');
  }

  get isOpen() {
    return !this.socket.destroyed;
  }

  // Resolves once the kernel has taken the bytes, or the connection is gone.
  send(bytes) {
    if (this.socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => this.socket.write(bytes, (error) => resolve(!error)));
  }

  async has(pattern, seconds = 10) {
    for (const until = Date.now() + seconds * 1000; Date.now() < until; ) {
      if (pattern.test(this.text)) return true;
      if (this.socket.destroyed) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
  }

  // Whether the server ends it within so many seconds; how long it took.
  async endsWithin(seconds) {
    const since = Date.now();
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, seconds * 1000, 'late')));
    const how = await Promise.race([this.closed, late]);
    clearTimeout(timer);
    this.socket.destroy();
    if (how === 'late') throw new Error(`still open after ${seconds} s`);
    return (Date.now() - since) / 1000;
  }

  close() {
    this.socket.destroy();
  }
}

export const frame = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, ping: 6, goAway: 7, window: 8, more: 9 };
export const flag = { endStream: 1, endHeaders: 4 };

// One frame (RFC 9113, 4.1).
export function h2Frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function u32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function hpackString(text) {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

// Every field as a literal that nobody remembers (RFC 7541, 6.2.2).
export function hpack(fields) {
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [Buffer.from([0]), hpackString(name), hpackString(value)]),
  );
}

export const h2Hello = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), h2Frame(frame.settings, 0, 0)]);

export function h2Get(stream, host, path, flags = flag.endStream | flag.endHeaders, more = {}) {
  const fields = { ':method': 'GET', ':scheme': 'http', ':authority': host, ':path': path, ...more };
  return h2Frame(frame.headers, flags, stream, hpack(fields));
}
