// `vitrine doctor` names what is wrong with an installation and its cure.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { freePort, root, startServer } from '../lib/index.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Smtp } from '../lib/smtp.mjs';

// As in production: commits wait for the disk.
const postgres = await Postgres.start({ durable: true });
const smtp = await Smtp.start();
const server = await startServer({ postgres, env: { VITRINE_SMTP_URL: smtp.url } });
const site = await server.createSite();
chmodSync(server.state, 0o700);

// As a site for everybody would be set up behind scripts/nginx.conf.
const open = {
  VITRINE_HOST: 'venues.example',
  VITRINE_PUBLIC_SCHEME: 'https',
  VITRINE_PUBLIC_PORT: '443',
  VITRINE_TRUSTED_PROXIES: '127.0.0.1',
};

async function doctor(changes = {}) {
  const before = server.env;
  server.env = { ...before, ...changes };
  try {
    return await server.vitrine('doctor').then(
      (out) => ({ ok: true, out }),
      (error) => ({ ok: false, out: `${error.stdout ?? ''}${error.stderr ?? ''}${error.message}` }),
    );
  } finally {
    server.env = before;
  }
}

// One thing wrong: it is named, with a cure on the next line.
async function finds(changes, words) {
  const { ok, out } = await doctor(changes);
  assert.ok(!ok, out);
  assert.match(out, new RegExp(`MEND {2}${words.source}`));
  assert.match(out, /\d+ to mend/);
}

test('a healthy installation is told so', async () => {
  const { ok, out } = await doctor();
  assert.ok(ok, out);
  assert.match(out, /all is well/);
  for (const fine of [/the mail server takes us/, /all migrations have run/, /fits together/, /the server is ready/]) {
    assert.match(out, fine);
  }
});

test('mails that only go to the outbox are a fault of a real site, a note on one’s own machine', async () => {
  const here = await doctor({ VITRINE_SMTP_URL: '' });
  assert.ok(here.ok, here.out);
  assert.match(here.out, /note {2}VITRINE_SMTP_URL isn't set/);
  await finds({ ...open, VITRINE_SMTP_URL: '' }, /VITRINE_SMTP_URL isn't set/);
});

test('webhooks that may lead to the machine itself are for development', async () => {
  assert.match((await doctor({ VITRINE_WEBHOOKS_TO_SELF: 'on' })).out, /note {2}VITRINE_WEBHOOKS_TO_SELF/);
  await finds({ ...open, VITRINE_WEBHOOKS_TO_SELF: 'on' }, /VITRINE_WEBHOOKS_TO_SELF is on/);
});

test('a mail server that nobody reaches is named, with what was said', async () => {
  const url = `smtp://127.0.0.1:${await freePort()}`;
  await finds({ VITRINE_SMTP_URL: url }, /the mail server doesn't take us: .*[Cc]onnect.*\n.*VITRINE_SMTP_URL/);
});

test('a role that the rules of the sites do not bind is named', () =>
  finds({ VITRINE_DATABASE_URL: server.env.VITRINE_DATABASE_OWNER_URL }, /VITRINE_DATABASE_URL logs in as a role that rules don't bind/));

test('a state folder that others can read is named', async () => {
  chmodSync(server.state, 0o755);
  await finds({}, /.* is open to other users\n\s+chmod 700/);
  chmodSync(server.state, 0o700);
});

test('a site for everybody: who is believed about visitors, and where they come in', async () => {
  const { out } = await doctor(open);
  assert.match(out, /ok {4}it is clear whom requests come from/);
  await finds({ ...open, VITRINE_TRUSTED_PROXIES: '' }, /VITRINE_TRUSTED_PROXIES isn't set, and only this machine can connect\n.*all visitors count as one/);
  await finds({ ...open, VITRINE_TRUSTED_PROXIES: '0.0.0.0' }, /VITRINE_TRUSTED_PROXIES names an address that no machine has/);
  await finds({ ...open, VITRINE_PUBLIC_SCHEME: 'http' }, /visitors come over plain HTTP/);
  await finds({ ...open, VITRINE_LISTEN: `0.0.0.0:${server.port}` }, /VITRINE_LISTEN takes plain connections from other machines/);
});

test('a server that nobody finds where it should be', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  await finds({ ...open, VITRINE_LISTEN: listen }, new RegExp(`nobody serves at ${listen}`));
  const here = await doctor({ VITRINE_LISTEN: listen });
  assert.match(here.out, /note {2}nobody serves at/);
});

test('backups: none, an old one, one of today', async () => {
  await finds(open, /no backup was ever made\n.*vitrine-backup\.timer/);
  const mark = join(server.state, 'backed-up');
  writeFileSync(mark, '/backups/x\n');
  assert.match((await doctor(open)).out, /ok {4}there is a backup of these days/);
  const old = Date.now() / 1000 - 5 * 86_400;
  utimesSync(mark, old, old);
  await finds({}, /the newest backup is 5 days old/);
  utimesSync(mark, new Date(), new Date());
});

test('Redis that refuses what is new when it is full', async () => {
  assert.match((await doctor()).out, /note {2}Redis may take all memory there is/);
  await server.redis.command('CONFIG', 'SET', 'maxmemory', '64mb');
  await server.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await finds({}, /Redis refuses what is new when it is full \(noeviction\)\n.*allkeys-lru/);
  await server.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  assert.match((await doctor()).out, /ok {4}Redis makes room by itself/);
});

const setting = (text) => postgres.sql('postgres', text, [], 'postgres');
async function withSetting(name, value, check) {
  await setting(`ALTER SYSTEM SET ${name} = ${value}`);
  await setting('SELECT pg_reload_conf()');
  await check();
  await setting(`ALTER SYSTEM RESET ${name}`);
  await setting('SELECT pg_reload_conf()');
}

test('PostgreSQL: what may lose sales, and what tells too much', async () => {
  await withSetting('full_page_writes', 'off', () => finds({}, /PostgreSQL: full_page_writes is off/));
  await withSetting('autovacuum', 'off', () => finds({}, /PostgreSQL: autovacuum is off/));
  await withSetting('log_statement', "'all'", () => finds({}, /PostgreSQL logs statements/));
});

test('a migration that has not run', async () => {
  await server.sql(`DELETE FROM schema_migration WHERE name = '0020_channels.sql'`);
  await finds({}, /1 migrations haven't run, the first is core\/0020_channels\.sql\n\s+vitrine migrate, then reload/);
  await server.sql(`INSERT INTO schema_migration (component, name, checksum) VALUES ('core', '0020_channels.sql', 'x')`);
});

test('a feature that is on and not installed', async () => {
  await server.sql(`INSERT INTO feature (tenant_id, plugin, state, changed_at) SELECT tenant_id, 'gone-away', 'on', now() FROM site WHERE slug = $1`, [site.slug]);
  await finds({}, /the feature gone-away is on at 1 sites and isn't installed/);
  await server.sql(`DELETE FROM feature WHERE plugin = 'gone-away'`);
});

test('rows that do not fit together', async () => {
  await server.sql(`UPDATE slot SET taken = 1 WHERE slot_id = (SELECT min(slot_id) FROM slot)`);
  await finds({}, /what is taken, sold and paid doesn't fit together\n\s+vitrine verify/);
  await server.sql(`UPDATE slot SET taken = 0 WHERE taken = 1`);
});

test('a wrong setting is refused by its name, by the program and by scripts/run in the same words', async () => {
  const values = {
    VITRINE_LISTEN: ['somewhere', '127.0.0.1:99999'], VITRINE_HOST: ['http://x'], VITRINE_WORKERS: ['many'],
    VITRINE_REDIS_URL: ['here'], VITRINE_PUBLIC_SCHEME: ['ftp'], VITRINE_PUBLIC_PORT: ['0'], VITRINE_CACHE: ['maybe'],
    VITRINE_TRUSTED_PROXIES: ['nginx'], VITRINE_SMTP_URL: ['mail'], VITRINE_HOLDS_PER_ADDRESS: ['-1'], VITRINE_WEBHOOKS_TO_SELF: ['yes'],
  };
  for (const [name, wrong] of Object.entries(values)) {
    for (const value of wrong) {
      const { ok, out } = await doctor({ [name]: value });
      assert.ok(!ok);
      const [, words] = out.match(new RegExp(`vitrine: ${name}=[^\n]*?: (write [^\n]+)`));
      const said = await new Promise((resolve) =>
        execFile(join(root, 'scripts/run'), { env: { PATH: process.env.PATH, VITRINE_STATE: server.state, [name]: value } }, (error, stdout, stderr) => resolve(stderr)));
      assert.equal(said.trim(), `run: ${name}=${value}: ${words}`);
    }
  }
});

test('scripts/vitrine speaks of the server that was started last', async () => {
  const recall = '. scripts/lib/common.sh; . scripts/lib/config.sh; "$@"; config_recall; echo "$VITRINE_LISTEN $VITRINE_HOST"';
  const run = (env, ...words) =>
    new Promise((resolve) =>
      execFile('bash', ['-c', recall, 'scripts/vitrine', ...words], { cwd: root, env: { PATH: process.env.PATH, VITRINE_STATE: server.state, ...env } },
        (error, stdout) => resolve(stdout.trim())));
  const started = { VITRINE_LISTEN: '127.0.0.1:8123', VITRINE_HOST: 'vitrine.localhost' };
  await run(started, 'config_remember');
  assert.equal(await run({}, 'true'), '127.0.0.1:8123 vitrine.localhost');
  assert.equal(await run({ VITRINE_LISTEN: '127.0.0.1:9000' }, 'true'), '127.0.0.1:9000 vitrine.localhost');
});
