// What the benchmarks play on: one durable PostgreSQL, one Redis, one Vitrine in its release build,
// all private to this run, and the processor time they take.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postgres } from '../../lib/postgres.mjs';
import { startServer } from '../../lib/server.mjs';

export const workers = 2;

const settings = ['shared_buffers=1GB', 'max_wal_size=4GB', 'checkpoint_timeout=15min', 'max_connections=200'];

export async function makeStage() {
  const postgres = await Postgres.start({ durable: true, settings });
  const server = await startServer({ workers, postgres, start: false });
  return new Stage(server);
}

export class Stage {
  constructor(server) {
    this.server = server;
    this.env = { ...server.env };
  }

  // Restarts the server with other settings, unless it runs with just those.
  async serve(changes = {}) {
    const wanted = JSON.stringify(changes);
    if (this.serving === wanted) return;
    await this.pause();
    this.server.env = { ...this.env, ...changes };
    await this.server.start();
    this.serving = wanted;
  }

  async pause() {
    await this.server.stop();
    this.serving = undefined;
  }

  host(slug) {
    return `${slug}.vitrine.localhost`;
  }

  url(path) {
    return `http://127.0.0.1:${this.server.port}${path}`;
  }

  sql(text, params) {
    return this.server.sql(text, params);
  }

  // As after a night of autovacuum with every mail sent, so that no round pays for another one.
  async settle() {
    await this.sql('DELETE FROM job');
    await this.sql('ANALYZE');
    await this.server.postgres.sql(this.server.database, 'CHECKPOINT', [], 'postgres');
    await sleep(300);
  }

  // Whether a commit waits until it is on disk, for connections made from now on.
  async waitForDisk(yes) {
    await this.pause();
    await this.sql(`ALTER DATABASE ${this.server.database} SET synchronous_commit = ${yes ? 'on' : 'off'}`);
  }

  get database() {
    return { socket: this.server.postgres.socket, name: this.server.database };
  }

  // Seconds of processor time that Vitrine and PostgreSQL have taken so far.
  cpu() {
    const ours = this.server.processes().map(({ pid }) => pid);
    const postmaster = this.server.postgres.pid;
    const theirs = childrenOf(postmaster);
    return { vitrine: sum(ours.map(cpuOf)), postgres: sum([postmaster, ...theirs].map(cpuOf)) };
  }

  // Resident memory of the largest worker that is its own, in MB: what is shared with the
  // supervisor since the fork is there once.
  workerMemory() {
    const pids = this.server.processes().map(({ pid }) => pid);
    return Math.max(...pids.map(privateMemoryOf)) / 1024;
  }
}

const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

// Of a process and its children that have ended meanwhile, in seconds.
function cpuOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15);
    return sum(fields.map(Number)) / 100;
  } catch {
    return 0;
  }
}

function childrenOf(parent) {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false;
    }
  });
}

function privateMemoryOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return sum([...text.matchAll(/^Private_\w+:\s+(\d+)/gm)].map((match) => Number(match[1])));
  } catch {
    return 0;
  }
}
