// A private PostgreSQL: one for a whole run, its migrated database cloned for each server.
// A test that kills it or needs its commits on disk starts its own: Postgres.start({durable}).
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { atEnd, build, root, temporaryFolder } from './place.mjs';

const services = join(root, 'scripts/services');
let shared;
let clones = 0;

export class Postgres {
  constructor(folder) {
    this.folder = folder;
    this.socket = join(folder, 'run');
  }

  // The run's own instance, or one for this file when it is run by itself.
  static async shared() {
    if (!shared) {
      const running = process.env.VITRINE_TEST_CLUSTER;
      shared = running ? new Postgres(running) : await Postgres.start();
    }
    return shared;
  }

  static async start({ durable = false, settings = [] } = {}) {
    const folder = join(temporaryFolder(), 'services');
    const postgres = new Postgres(folder);
    postgres.options = [...(durable ? [] : ['--fast']), 'postgres', ...settings];
    postgres.resume();
    atEnd(async () => postgres.stop());
    if (existsSync(`${build}/vitrine`)) postgres.migrate('vitrine');
    return postgres;
  }

  migrate(database) {
    execFileSync(`${build}/vitrine`, ['migrate'], {
      env: { ...process.env, ...this.env(database), VITRINE_HOME: root },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  url(role, database) {
    return `postgresql://${role}@/${database}?host=${encodeURIComponent(this.socket)}`;
  }

  env(database) {
    return {
      VITRINE_DATABASE_URL: this.url('vitrine_app', database),
      VITRINE_DATABASE_PLATFORM_URL: this.url('vitrine_platform', database),
      VITRINE_DATABASE_OWNER_URL: this.url('vitrine_owner', database),
    };
  }

  // Runs one statement, or several without parameters, and returns the last one's rows.
  async sql(database, text, params, role = 'vitrine_owner') {
    const client = new pg.Client({ host: this.socket, user: role, database });
    await client.connect();
    try {
      const result = await client.query(text, params);
      return (Array.isArray(result) ? result.at(-1) : result).rows;
    } finally {
      await client.end();
    }
  }

  async clone(from = 'vitrine') {
    const name = `test_${process.pid}_${++clones}`;
    await this.sql('postgres', `CREATE DATABASE ${name} TEMPLATE ${from} OWNER vitrine_owner`, [], 'postgres');
    return name;
  }

  async drop(name) {
    await this.sql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, [], 'postgres');
  }

  get pid() {
    return Number(readFileSync(join(this.folder, 'run/postgres.pid'), 'utf8').split(' ')[0]);
  }

  // As a power cut would end it; resume() brings it back with what it had committed.
  kill() {
    process.kill(this.pid, 'SIGKILL');
  }

  resume() {
    execFileSync(services, ['start', this.folder, ...this.options], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  // The same while the test goes on.
  back() {
    return promisify(execFile)(services, ['start', this.folder, ...this.options]);
  }

  stop() {
    spawnSync(services, ['stop', this.folder], { stdio: 'inherit' });
  }
}
