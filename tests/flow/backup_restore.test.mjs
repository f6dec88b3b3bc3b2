// `vitrine backup` while sales go on, `vitrine restore` into an empty database: everything is as it
// was at one moment, and nothing is written of a backup that isn't whole, or over a site.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import test from 'node:test';
import { build, Buyer, checkInvariants, Server, slotsOf, startServer, temporaryFolder, tour } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ offers: [tour({ capacity: 2000 })] });
const slots = await slotsOf(server, site, 'tour');
const place = temporaryFolder();
const folder = join(place, 'first');
const passphrase = join(place, 'passphrase');
writeFileSync(passphrase, 'a phrase for the keys\n', { mode: 0o600 });

const run = (env, ...args) =>
  new Promise((resolve) =>
    execFile(join(build, 'vitrine'), args, { env }, (error, stdout, stderr) =>
      resolve({ status: error ? error.code : 0, out: stdout, said: stderr })));

// Settings of another installation: an empty database, a state folder of its own.
let empties = 0;
async function elsewhere({ keys } = {}) {
  const database = `empty_${process.pid}_${++empties}`;
  await server.postgres.sql('postgres', `CREATE DATABASE ${database} OWNER vitrine_owner`, [], 'postgres');
  const state = join(place, `state-${empties}`);
  mkdirSync(state, { mode: 0o700 });
  if (keys) copyFileSync(keys, join(state, 'keys'));
  const env = { ...server.env, ...server.postgres.env(database), VITRINE_STATE: state };
  return { database, state, env, close: () => server.postgres.drop(database) };
}

const tables = async (database) =>
  Number((await server.postgres.sql(database, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`))[0].count);

// A restore that must refuse: what it said, with nothing written.
async function refused(args, there) {
  const { status, said } = await run(there.env, 'restore', ...args);
  assert.equal(status, 1, said);
  assert.equal(await tables(there.database), 0);
  return said;
}

async function buy(statuses) {
  const buyer = new Buyer(site);
  await buyer.book('tour', slots[0], { adult: 2 });
  await buyer.details({ email: 'ann@buyer.example' });
  const paid = await buyer.pay('pay-at-venue');
  statuses.push(paid.status);
  return paid.json?.location;
}

const location = await buy([]);
await server.jobs();

test('a backup made in mid-sale is one moment: restored, everything fits and the order is there', async () => {
  const statuses = [];
  let over = false;
  const buyers = [1, 2, 3].map(async () => {
    while (!over) await buy(statuses);
  });
  const { status, said } = await run(server.env, 'backup', folder, '--passphrase-file', passphrase);
  over = true;
  await Promise.all(buyers);
  assert.equal(status, 0, said);
  assert.deepEqual([...new Set(statuses)], [201]);
  assert.ok(statuses.length > 1);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of ['manifest.json', 'SHA256SUMS', 'database.dump', 'keys.sealed']) {
    assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  }
  assert.doesNotMatch(readFileSync(join(folder, 'keys.sealed'), 'latin1'), new RegExp(readFileSync(join(server.state, 'keys'), 'latin1').split(/\s+/).at(-2)));

  const there = await elsewhere();
  const restored = await run(there.env, 'restore', folder, '--passphrase-file', passphrase);
  assert.equal(restored.status, 0, restored.said);
  assert.match(restored.out, /1 sites, \d+ orders, \d+ jobs that wait/);
  assert.equal(readFileSync(join(there.state, 'keys'), 'utf8'), readFileSync(join(server.state, 'keys'), 'utf8'));

  // The same order page, by the same link: keys, rows and pictures came along.
  const before = await site.visitor().get(location);
  const copy = Object.assign(new Server(), {
    ...server, visitors: [], child: null, database: there.database, state: there.state, env: there.env,
  });
  await server.stop();
  await copy.start();
  try {
    const after = await copy.visitor(site.slug).get(location);
    assert.equal(after.status, 200);
    assert.equal(after.words('main'), before.words('main'));
    await checkInvariants(copy);
    assert.equal((await run(there.env, 'verify')).status, 0);
    assert.equal((await run(there.env, 'migrate')).out, '');
  } finally {
    await copy.stop();
    await there.close();
    await server.start();
  }
});

test('a folder that is there is not written over, an interrupted one is done anew', async () => {
  const { status, said } = await run(server.env, 'backup', folder);
  assert.equal(status, 1);
  assert.match(said, /it is there already/);
  const other = join(place, 'second');
  mkdirSync(`${other}.partial`);
  writeFileSync(join(`${other}.partial`, 'database.dump'), 'half');
  assert.equal((await run(server.env, 'backup', `${other}/`)).status, 0);
  assert.ok(!existsSync(`${other}.partial`));
  assert.ok(!existsSync(join(other, 'keys.sealed')));
});

test('a backup that could not be made leaves nothing', async () => {
  const other = join(place, 'none');
  const env = { ...server.env, VITRINE_DATABASE_OWNER_URL: server.env.VITRINE_DATABASE_URL };
  const { status, said } = await run(env, 'backup', other);
  assert.equal(status, 1);
  assert.match(said, /permission denied|row-level security/);
  assert.ok(!existsSync(other) && !existsSync(`${other}.partial`));
});

test('nothing is restored over a site', async () => {
  const { status, said } = await run(server.env, 'restore', folder);
  assert.equal(status, 1);
  assert.match(said, /it isn't empty \(\d+ tables\): nothing is restored over a site.*createdb/);
  assert.equal((await site.visitor().get(location)).status, 200);
});

test('a damaged backup is refused with the place, and nothing is written', async () => {
  const there = await elsewhere({ keys: join(server.state, 'keys') });
  const damaged = join(place, 'damaged');
  const anew = () => {
    rmSync(damaged, { recursive: true, force: true });
    cpSync(folder, damaged, { recursive: true });
    return damaged;
  };
  const dump = join(anew(), 'database.dump');
  const bytes = readFileSync(dump);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(dump, bytes);
  assert.match(await refused([damaged], there), /database\.dump: it isn't as it was written/);

  truncateSync(join(anew(), 'database.dump'), 1000);
  assert.match(await refused([damaged], there), /database\.dump: it is cut off: 1000 bytes of \d+/);

  const manifest = join(anew(), 'manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"format":1', '"format":2'));
  assert.match(await refused([damaged], there), /manifest\.json: it isn't as it was written/);

  rmSync(join(anew(), 'keys.sealed'));
  assert.match(await refused([damaged], there), /keys\.sealed: it is missing/);
  writeFileSync(join(anew(), 'SHA256SUMS'), 'no sums\n');
  assert.match(await refused([damaged], there), /SHA256SUMS doesn't name it, or is damaged/);
  assert.match(await refused([place], there), /this folder is no backup/);
  await there.close();
});

// A manifest with other words and the checksum that goes with it.
function rewritten(change) {
  const changed = join(place, 'changed');
  rmSync(changed, { recursive: true, force: true });
  cpSync(folder, changed, { recursive: true });
  const text = JSON.stringify(change(JSON.parse(readFileSync(join(changed, 'manifest.json')))));
  const sums = readFileSync(join(changed, 'SHA256SUMS'), 'utf8');
  const sum = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(changed, 'manifest.json'), text);
  writeFileSync(join(changed, 'SHA256SUMS'), sums.replace(/\w{64}(?= {2}manifest)/, sum));
  return changed;
}

test('a backup of a newer program is refused by name', async () => {
  const there = await elsewhere({ keys: join(server.state, 'keys') });
  assert.match(await refused([rewritten((m) => ({ ...m, format: 2, program: '9.0.0' }))], there), /format 2, made by vitrine 9\.0\.0/);
  const newer = rewritten((m) => ({ ...m, migrations: [...m.migrations, { component: 'core', name: '9999_later.sql', checksum: 'x' }] }));
  assert.match(await refused([newer], there), /core\/migrations\/9999_later\.sql ran there and isn't in this program/);
  await there.close();
});

test('rows that are missing after the restore are noticed', async () => {
  const there = await elsewhere({ keys: join(server.state, 'keys') });
  const more = rewritten((m) => ({ ...m, tables: { ...m.tables, 'public.orders': m.tables['public.orders'] + 1 } }));
  const { status, said } = await run(there.env, 'restore', more);
  assert.equal(status, 1);
  assert.match(said, /public\.orders: it hasn't as many rows as it had/);
  await there.close();
});

test('keys: another installation’s, none, a wrong passphrase', async () => {
  const stranger = join(place, 'stranger');
  mkdirSync(stranger, { mode: 0o700 });
  await run({ ...server.env, VITRINE_STATE: stranger }, 'keys', 'rotate');
  const other = await elsewhere({ keys: join(stranger, 'keys') });
  assert.match(await refused([folder, '--passphrase-file', passphrase], other), /these are another installation's keys/);
  await other.close();

  const there = await elsewhere();
  assert.match(await refused([folder], there), /--passphrase-file FILE/);
  assert.match(await refused([join(place, 'second')], there), /the backup has no keys in it/);
  const wrong = join(place, 'wrong');
  writeFileSync(wrong, 'some other phrase\n');
  assert.match(await refused([folder, '--passphrase-file', wrong], there), /isn't the passphrase/);
  assert.ok(!existsSync(join(there.state, 'keys')));
  assert.equal((await run(there.env, 'restore', join(place, 'second'), '--without-keys')).status, 0);
  await there.close();
});

test('a backup can be looked at without a database', async () => {
  const { status, out } = await run({ ...server.env, VITRINE_DATABASE_OWNER_URL: '' }, 'restore', '--check', folder);
  assert.equal(status, 0);
  assert.match(out, /as it was written/);
});

test('verify names what does not hold', async () => {
  assert.equal((await run(server.env, 'verify')).status, 0);
  await server.sql('UPDATE slot SET taken = taken + 1 WHERE slot_id = $1', [slots[1].id]);
  const { status, out } = await run(server.env, 'verify');
  assert.equal(status, 1);
  assert.match(out, /MEND {3}a slot counts the places of its lines\n1 contradict it:\n\{.*"taken"/);
  await server.sql('UPDATE slot SET taken = taken - 1 WHERE slot_id = $1', [slots[1].id]);
});
