// Many clients that ask without a pause over connections they keep, and what became of each request.
import http from 'node:http';
import http2 from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';

export class Load {
  answers = [];
  failures = [];
  refused = 0;
  retried = 0;

  // `paths` are asked in turn by each client; `pause` (ms) stands between two requests of a client.
  constructor(server, host, { paths = ['/healthz'], http1 = 8, http2 = 4, pause = 0 } = {}) {
    Object.assign(this, { port: server.port, host, paths, pause });
    this.clients = [
      ...Array.from({ length: http1 }, () => this.#run(this.#http1())),
      ...Array.from({ length: http2 }, () => this.#run(this.#http2())),
    ];
  }

  async #run({ ask, close }) {
    for (let i = 0; !this.over; i++) {
      const since = Date.now();
      try {
        const status = await this.#again(ask, this.paths[i % this.paths.length]);
        this.answers.push({ status, at: since, took: Date.now() - since });
      } catch (error) {
        if (error.code === 'ECONNREFUSED') {
          this.refused++;
          await sleep(20);
        } else {
          this.failures.push({ error: `${error.code} ${error.message}`, at: since });
        }
      }
      if (this.pause) await sleep(this.pause);
    }
    close();
  }

  // A refused stream is one that the server has not looked at: clients ask again (RFC 9113, 8.7).
  async #again(ask, path) {
    try {
      return await ask(path);
    } catch (error) {
      if (!/REFUSED_STREAM|GOAWAY_SESSION/.test(`${error.code} ${error.message}`)) throw error;
      this.retried++;
      return ask(path);
    }
  }

  #http1() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { host: this.host };
    const ask = (path) =>
      new Promise((resolve, reject) => {
        const request = http.get({ host: '127.0.0.1', port: this.port, path, agent, headers }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
          response.on('error', reject);
        });
        request.on('error', reject);
        request.setTimeout(20_000, () => request.destroy(new Error('no answer in 20 s')));
      });
    return { ask, close: () => agent.destroy() };
  }

  // A session that the server has said goodbye to finishes what it asked; the next one takes over.
  #http2() {
    let session;
    const open = () =>
      new Promise((resolve, reject) => {
        const opened = http2.connect(`http://127.0.0.1:${this.port}`);
        opened.once('error', reject);
        opened.once('goaway', () => (opened.left = true));
        opened.once('connect', () => resolve(opened.on('error', () => {})));
      });
    const ask = async (path) => {
      if (!session || session.left || session.closed || session.destroyed) {
        session?.close();
        session = await open();
      }
      return new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path, ':authority': this.host });
        stream.setTimeout(20_000, () => reject(new Error('no answer in 20 s')) ?? stream.close());
        let status;
        stream.on('response', (headers) => (status = headers[':status']));
        stream.on('end', () => (status ? resolve(status) : reject(new Error('no answer'))));
        stream.on('error', reject);
        stream.resume();
      });
    };
    return { ask, close: () => session?.destroy() };
  }

  async has(count) {
    for (const end = Date.now() + 60_000; this.answers.length < count; await sleep(5)) {
      if (Date.now() > end) throw new Error(`${this.answers.length} answers, not ${count}`);
    }
  }

  // The counts by status, once every client has its last answer.
  async stop() {
    this.over = true;
    await Promise.all(this.clients);
    return this.statuses;
  }

  get statuses() {
    const counts = {};
    for (const { status } of this.answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }
}
