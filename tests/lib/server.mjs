// A whole Vitrine for one test file: own database, own Redis, own state, a free port.
import { execFile, spawn } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { control } from './control.mjs';
import { describe } from './described.mjs';
import { readMails } from './mail.mjs';
import { atEnd, build, endAll, root, temporaryFolder } from './place.mjs';
import { Payments } from './payments.mjs';
import { Postgres } from './postgres.mjs';
import { Redis } from './redis.mjs';
import { siteData, writeSite } from './site.mjs';
import { Visitor } from './visitor.mjs';

const platformHost = 'vitrine.localhost';

// Options: workers (1), env (more settings), postgres and redis (own instances of a fault test),
// program (another one than was built), start (true; false leaves it to server.start()).
export async function startServer({ workers = 1, env = {}, postgres, redis, program, start = true } = {}) {
  const server = new Server();
  server.program = program ?? join(build, 'vitrine');
  server.postgres = postgres ?? (await Postgres.shared());
  server.database = await server.postgres.clone();
  server.redis = redis ?? (await Redis.start());
  server.payments = await Payments.start();
  server.state = temporaryFolder();
  server.port = await freePort();
  server.env = {
    ...withoutSettings(process.env),
    ...server.postgres.env(server.database),
    VITRINE_REDIS_URL: server.redis.url,
    ...server.payments.env,
    VITRINE_LISTEN: `127.0.0.1:${server.port}`,
    VITRINE_HOST: platformHost,
    VITRINE_HOME: root,
    VITRINE_STATE: server.state,
    VITRINE_WORKERS: String(workers),
    ...env,
  };
  if (server.env.ASAN_OPTIONS) {
    for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS']) {
      server.env[name] += `:log_path=${server.state}/sanitizer`;
    }
  }
  atEnd(() => server.end());
  // Plugins that only tests have bring their own tables.
  if (server.env.VITRINE_TEST_PLUGINS) await server.vitrine('migrate');
  // A file whose server doesn't start has no tests, and nobody would clean up after it.
  if (start) await server.start().catch((error) => endAll().finally(() => { throw error; }));
  return server;
}

export class Server {
  visitors = [];

  async start() {
    const log = openSync(join(this.state, 'server.log'), 'a');
    this.child = spawn(this.program, ['serve'], {
      env: this.env,
      cwd: root,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.child.unref();
    this.exit = new Promise((resolve, reject) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
      this.child.once('error', reject);
    });
    await this.ready();
  }

  async ready(seconds = 60) {
    const probe = this.visitor();
    for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(20)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`the server ended at once:\n${this.log().slice(-4000)}`);
      }
      const page = await probe.get('/readyz').catch(() => null);
      if (page?.status === 200) return;
    }
    throw new Error(`the server did not get ready:\n${this.log().slice(-4000)}`);
  }

  // A new person, with no cookies; `site` is a slug, a site or a host, the platform by default.
  visitor(site, { language } = {}) {
    const name = site?.slug ?? site;
    const host = !name ? platformHost : name.includes('.') ? name : `${name}.${platformHost}`;
    const visitor = new Visitor({ host, port: this.port, language, check: (seen) => this.check(seen) });
    this.visitors.push(visitor);
    return visitor;
  }

  // Every answer is one that the description has.
  async check(seen) {
    const isSite = seen.host.endsWith(`.${platformHost}`);
    if (!isSite && seen.host !== platformHost) return;
    if (seen.path === '/readyz') return;
    this.described ??= describe(this);
    const finding = (await this.described)[isSite ? 'site' : 'platform'].finding(seen);
    if (finding) throw new Error(`not as /api/openapi.json says: ${finding}`);
  }

  // Bytes as they are, for malformed requests: all that came back until the server closed or
  // `quiet` milliseconds passed without a byte.
  raw(bytes, { quiet = 1000 } = {}) {
    return new Promise((resolve, reject) => {
      const parts = [];
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write(bytes));
      const done = () => resolve(Buffer.concat(parts).toString('latin1')) ?? socket.destroy();
      socket.setTimeout(quiet, done);
      socket.on('data', (data) => parts.push(data));
      socket.on('close', done);
      socket.on('error', (error) => (error.code === 'ECONNRESET' ? done() : reject(error)));
    });
  }

  control(line) {
    return control(join(this.state, 'control.sock'), line);
  }

  // '+3600', 'set 2026-12-01T10:00:00Z' or 'real'.
  time(change) {
    return this.control(`time ${change}`);
  }

  // Runs the jobs that are due, until none is.
  jobs() {
    return this.control('jobs run');
  }

  sql(text, params) {
    return this.postgres.sql(this.database, text, params);
  }

  // Every mail so far, oldest first; `to` and `subject` (a part of it) narrow them down.
  async mails({ to, subject } = {}) {
    await this.jobs();
    const mails = await readMails(join(this.state, 'outbox'));
    return mails.filter(
      (mail) => (!to || mail.to.includes(to)) && (!subject || mail.subject.includes(subject)),
    );
  }

  // The newest mail that matches.
  async mail(wanted) {
    const mails = await this.mails(wanted);
    if (mails.length > 0) return mails.at(-1);
    const all = (await this.mails()).map((mail) => `${mail.to} "${mail.subject}"`);
    const jobs = await this.sql(
      `SELECT kind || ' ' || state || ' ' || attempt || ' ' || coalesce(last_error, '') AS job FROM job ORDER BY job_id DESC LIMIT 5`);
    throw new Error(`no mail ${JSON.stringify(wanted)} among: ${all.join(', ') || 'none'}; last jobs: ${
      jobs.map(({ job }) => job).join(', ')}`);
  }

  // The program's other commands with this server's settings; returns what it printed.
  async vitrine(...args) {
    const options = typeof args.at(-1) === 'object' ? args.pop() : {};
    const running = promisify(execFile)(join(build, 'vitrine'), args, { env: this.env, cwd: root });
    // Whoever refuses its words has ended before it reads.
    running.child.stdin.on('error', () => {}).end(options.input ?? '');
    return (await running).stdout;
  }

  // A site of its own for a test; see site.mjs for what may be changed.
  async createSite(changes) {
    const data = siteData(changes);
    const [{ url }] = JSON.parse(await this.vitrine('site', 'demo', writeSite(this.state, data)));
    return { ...data, url, visitor: (options) => this.visitor(data.slug, options) };
  }

  // Switches a feature of a site, and waits until the workers know.
  async feature(site, name, state) {
    await this.vitrine('feature', site.slug, name, state);
    const [{ revision }] = await this.sql(
      'SELECT revision FROM site_revision JOIN site USING (tenant_id) WHERE slug = $1', [site.slug]);
    const known = async () => (await site.visitor().get('/')).text.match(/site\.css\?v=(\d+)/)?.[1];
    for (const until = Date.now() + 5000; Number(await known()) < Number(revision); await sleep(20)) {
      if (Date.now() > until) throw new Error(`${name} ${state}: the workers don't know after 5 s`);
    }
  }

  log() {
    const file = join(this.state, 'server.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  // The processes of this server: the supervisor, its workers and what they started.
  processes() {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => processOf(name))
      .filter((found) => found?.session === this.child.pid && found.state !== 'Z');
  }

  kill(signal) {
    this.child.kill(signal);
  }

  // Ends it as an operator would; it must go by itself, with nothing left behind.
  async stop() {
    if (!this.child) return;
    for (const visitor of this.visitors) visitor.close();
    if (this.child.exitCode === null && this.child.signalCode === null) this.kill('SIGTERM');
    this.child.ref();
    const late = sleep(30_000, 'late', { ref: false });
    const how = await Promise.race([this.exit, late]);
    const left = this.processes();
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    this.child = null;
    if (how === 'late') throw new Error(`the server did not stop:\n${this.log().slice(-4000)}`);
    if (left.length > 0) throw new Error(`left behind: ${left.map((p) => `${p.pid} ${p.name}`)}`);
    return how;
  }

  // After the file's last test: stopped in good order, and no sanitizer has complained.
  async end() {
    try {
      const how = await this.stop();
      const findings = readdirSync(this.state).filter((name) => name.startsWith('sanitizer'));
      if (findings.length > 0) throw new Error(readFileSync(join(this.state, findings[0]), 'utf8'));
      // UBSan writes beside the log_path that ASan takes.
      const undefinedAt = this.log().indexOf('runtime error:');
      if (undefinedAt >= 0) throw new Error(this.log().slice(Math.max(0, undefinedAt - 200), undefinedAt + 2000));
      if (how && (how.code !== 0 || how.signal) && !this.killed) {
        throw new Error(`the server ended with ${how.signal ?? how.code}:\n${this.log().slice(-4000)}`);
      }
    } finally {
      await this.postgres.drop(this.database).catch(() => {});
    }
  }
}

function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    return { pid: Number(pid), name, state, parent: Number(parent), session: Number(session) };
  } catch {
    return null;
  }
}

function withoutSettings(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('VITRINE_') || name.startsWith('VITRINE_TEST')),
  );
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
