// A site whole, from one installation into another: every table travels or is named with the reason
// why not, rows arrive as they were, and what is damaged or foreign is refused with its place before
// anything is written.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { build, Buyer, checkInvariants, eventually, slotsOf, startServer, temporaryFolder, tour } from '../lib/index.mjs';
import { connect, dropRules, fill, readTables } from '../lib/catalogue.mjs';

const here = await startServer();
const there = await startServer();
const site = await here.createSite({ offers: [tour({ capacity: 50 })], slug: 'old-mill' });
const place = temporaryFolder();
const archive = join(place, 'old-mill.tar.gz');

const run = (server, ...args) =>
  new Promise((resolve) =>
    execFile(join(build, 'vitrine'), args, { env: server.env }, (error, stdout, stderr) =>
      resolve({ status: error ? error.code : 0, out: stdout, said: stderr })));

function unpack(file = archive, folder = join(place, 'unpacked')) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync('tar', ['xzf', file, '-C', folder]);
  const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n');
  return { folder, names, read: (name) => readFileSync(join(folder, name), 'utf8') };
}

// The archive with one file changed, and the checksum that goes with it.
function rewritten(name, change, { sum = true } = {}) {
  const { folder, names, read } = unpack();
  const text = change(read(name));
  writeFileSync(join(folder, name), text);
  if (sum) {
    const manifest = JSON.parse(read('manifest.json'));
    const entry = manifest.files.find((file) => file.name === name);
    entry.sha256 = createHash('sha256').update(text).digest('hex');
    entry.rows = name.startsWith('data/') ? text.split('\n').length - 1 : 0;
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  }
  return pack(folder, names);
}

function pack(folder, names) {
  const file = join(place, 'changed.tar.gz');
  execFileSync('tar', ['czf', file, '--format=ustar', '-C', folder, ...names]);
  return file;
}

const sites = async () => Number((await there.sql('SELECT count(*) FROM site'))[0].count);

async function refused(file, ...args) {
  const before = await sites();
  const { status, said } = await run(there, 'site', 'import', file, ...args);
  assert.equal(status, 1, said);
  assert.equal(await sites(), before);
  return said;
}

// Rows of each table that travels, without what is said to stay behind.
async function rowsOf(server, head, slug) {
  const found = {};
  for (const { name, columns } of head.tables) {
    const own = name === 'audit' ? columns.filter((column) => column !== 'object_id') : columns;
    const rows = await server.sql(
      `SELECT row_to_json(r)::text AS row FROM (SELECT ${own.map((c) => `t."${c}"`)} FROM ${name} t
         JOIN site s USING (tenant_id) WHERE s.slug = $1) r ORDER BY 1`.replaceAll('t."tenant_id",', ''),
      [slug],
    );
    found[name] = rows.map(({ row }) => row);
  }
  const files = await server.sql(
    `SELECT f.name, md5(f.bytes) AS sum FROM file f JOIN site s USING (tenant_id) WHERE s.slug = $1 ORDER BY 1`, [slug]);
  return { ...found, files };
}

let location;
test('an export holds what was sold, the pictures as files, and no secret', async () => {
  const slots = await slotsOf(here, site, 'tour');
  for (const method of ['pay-at-venue', 'sandbox-pay']) {
    const buyer = new Buyer(site);
    await buyer.book('tour', slots[0], { adult: 2, child: 1 });
    if (method === 'sandbox-pay') location = await buyer.buyByCard();
    else await buyer.buy(method);
  }
  await here.jobs();
  await here.sql(
    `INSERT INTO file (tenant_id, name, kind, size, bytes, created_at)
     SELECT tenant_id, 'a1.webp', 'image/webp', 4, '\\x00ff0a0d', now() FROM site WHERE slug = $1`, [site.slug]);
  const made = await run(here, 'site', 'export', site.slug, archive);
  assert.equal(made.status, 0, made.said);
  assert.match(made.out, /\d+ rows/);

  const { names, read, folder } = unpack();
  assert.equal(names[0], 'site.json');
  assert.equal(names.at(-1), 'manifest.json');
  assert.equal(readFileSync(join(folder, 'files/a1.webp')).toString('hex'), '00ff0a0d');
  const staff = read('data/staff.0001.jsonl');
  assert.match(staff, /"email":/);
  assert.doesNotMatch(staff, /argon2|tenant_id|totp/);
  const [{ action }] = await here.sql(`SELECT action FROM audit ORDER BY audit_id DESC LIMIT 1`);
  assert.equal(action, 'site.export');
});

test('every table of a site travels, or is named with the reason why not', async () => {
  const { read } = unpack();
  const { tables, left_out } = JSON.parse(read('site.json'));
  const owner = await connect(here.postgres, here.database, 'vitrine_owner');
  const all = (await readTables(owner)).filter(({ ofSites }) => ofSites);
  await owner.end();
  const label = ({ schema, relname }) => (schema === 'public' ? relname : `${schema}.${relname}`);
  const named = [...tables, ...left_out.filter(({ name }) => !name.includes('.'))].map(({ name }) => name);
  assert.deepEqual(named.sort(), all.map(label).sort());
  for (const { name, why } of left_out) assert.ok(why.length > 10, name);

  // Of the tables that travel each column does, or is named; none of them sounds like a secret.
  for (const { name, columns } of tables) {
    const stay = left_out.filter((l) => l.name.startsWith(`${name}.`)).map((l) => l.name.split('.').at(-1));
    const has = all.find((table) => label(table) === name).columns.map((c) => c.name);
    assert.deepEqual([...columns, ...stay, 'tenant_id'].sort(), has.sort(), name);
    assert.deepEqual(columns.filter((c) => /secret|sealed|token|hash|password/.test(c)), [], name);
  }
});

test('imported elsewhere every row is as it was, suspended until somebody resumes it', async () => {
  const { status, out, said } = await run(there, 'site', 'import', archive);
  assert.equal(status, 0, said);
  assert.match(out, /old-mill: \d+ rows\. It is suspended/);
  const head = JSON.parse(unpack().read('site.json'));
  const after = await rowsOf(there, head, site.slug);
  const before = await rowsOf(here, head, site.slug);
  // What export and import themselves wrote into the two records.
  for (const rows of [before, after]) rows.audit = rows.audit.filter((row) => !/"site\.(ex|im)port"/.test(row));
  assert.deepEqual(after, before);
  assert.ok(before.orders.length === 2 && before.ticket.length === 6 && before.mail.length >= 2);

  assert.equal((await there.visitor(site.slug).get('/')).status, 503);
  await run(there, 'site', 'resume', site.slug);
  await eventually(async () => (await there.visitor(site.slug).get('/')).status, 200);
  await there.jobs();
  await checkInvariants(there);
  const pages = await Promise.all([here, there].map((server) => server.visitor(site.slug).getJson('/offers')));
  assert.deepEqual(pages[1].json.items.map(({ title }) => title), pages[0].json.items.map(({ title }) => title));
  const [{ state }] = await there.sql(`SELECT state FROM feature WHERE plugin = 'coupons'`);
  assert.equal(state, 'on');

  // Links of the old installation's mails are signed by its keys; staff come in by mail.
  assert.notEqual((await there.visitor(site.slug).get(location)).status, 200);
  const owner = there.visitor(site.slug);
  const login = await owner.visit('/manage/login');
  const failed = await login.submit('Log in', { 'E-mail': site.manager.email, Password: site.manager.password });
  assert.equal(failed.status, 422);
});

test('a taken address asks for another; the same archive makes a second site', async () => {
  assert.match(await refused(archive), /old-mill: this address is taken: give another with --slug NAME/);
  assert.match(await refused(archive, '--slug', 'Nice Mill'), /is no address of a site/);
  assert.match(await refused(archive, '--slug', 'console'), /is reserved/);
  assert.match(await refused(archive, '--slug', 'o1d-mill'), /looks like another site's address/);
  const { status, said } = await run(there, 'site', 'import', archive, '--slug', 'new-weir');
  assert.equal(status, 0, said);
  const [{ twice }] = await there.sql('SELECT count(*)::int AS twice FROM orders');
  assert.equal(twice, 4);
  await checkInvariants(there);
});

test('a damaged file is refused with the place, before anything is written', async () => {
  const bytes = readFileSync(archive);
  const file = join(place, 'damaged.tar.gz');
  for (const at of [bytes.length >> 2, bytes.length >> 1, bytes.length - 40]) {
    const damaged = Buffer.from(bytes);
    damaged[at] ^= 0x10;
    writeFileSync(file, damaged);
    assert.match(await refused(file, '--slug', 'third-one'), /damaged|checksum differs|cut off|line \d+|no archive/);
  }
  writeFileSync(file, bytes.subarray(0, bytes.length - 100));
  assert.match(await refused(file), /it is cut off \(at its byte \d+\), after (data|files)\//);
  writeFileSync(file, '');
  assert.match(await refused(file), /it is cut off/);
});

test('a foreign file is refused', async () => {
  const file = join(place, 'foreign.tar.gz');
  writeFileSync(file, 'no archive at all, only words that go on for a while');
  assert.match(await refused(file), /it is no gzip archive/);
  writeFileSync(join(place, 'hello.txt'), 'hello\n');
  execFileSync('tar', ['czf', file, '-C', place, 'hello.txt']);
  assert.match(await refused(file), /hello\.txt: this is no export of a site/);
  assert.match(await refused(rewritten('site.json', (t) => t.replace('vitrine site', 'other site'))), /site\.json, kind: this is no export of a site/);
});

test('each kind of wrong row is named by file, line and field', async () => {
  // Row numbers have more digits than JavaScript's numbers keep.
  const lines = (change) => (text) => {
    const rows = text.trim().split('\n').map((line) => JSON.parse(line.replace(/:(\d{16,})/g, ':"$1"')));
    change(rows);
    return `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
  };
  const offers = 'data/offer.0001.jsonl';
  const rates = 'data/rate.0001.jsonl';
  const slug = ['--slug', 'wrong-one'];
  const cases = [
    ['data/rate.0001.jsonl', lines((rows) => (rows[1].price_minor = 'twelve')), /rate\.0001\.jsonl, line 2, price_minor: invalid input syntax/],
    [rates, lines((rows) => delete rows[0].code), /rate\.0001\.jsonl, line 1, code: it must have a value/],
    [rates, lines((rows) => (rows[1].colour = 'red')), /rate\.0001\.jsonl, line 2, colour: site\.json doesn't name this field/],
    [rates, (text) => text.replace('}\n', '\n'), /rate\.0001\.jsonl, line 1: invalid input syntax for type json/],
    [rates, (text) => text.trimEnd(), /rate\.0001\.jsonl, line 2: the line doesn't end/],
    [rates, (text) => `${text}[1]\n`, /rate\.0001\.jsonl, line 3: cannot call jsonb_object_keys/],
    [rates, lines((rows) => (rows[1].price_minor = -5)), /rate\.0001\.jsonl, line 2: .*check constraint/],
    [offers, lines((rows) => (rows[0].tax_id = 1)), /offer\.0001\.jsonl, line 1: .*foreign key/],
    [rates, lines((rows) => (rows[1].code = rows[0].code)), /rate\.0001\.jsonl, line 2: duplicate key/],
    ['site.json', (t) => t.replace('"format":1', '"format":2'), /site\.json, format: it is 2/],
    ['site.json', (t) => t.replace('"price_minor"', '"price_major"'), /site\.json, rate\.price_major: .*newer version/],
    ['site.json', (t) => t.replace('"name":"rate"', '"name":"plugin_none.rate"'), /site\.json, plugin_none\.rate: .*a plugin isn't installed/],
    ['data/channel.0001.jsonl', (t) => t.replaceAll('"web"', '"portal"'), /no channel on the web/],
  ];
  for (const [name, change, words] of cases) {
    assert.match(await refused(rewritten(name, change), ...slug), words);
  }
  assert.match(await refused(rewritten(rates, (t) => t.replace('1200', '1300'), { sum: false }), ...slug),
    /rate\.0001\.jsonl: it isn't as it was written/);
  const { folder, names } = unpack();
  const without = pack(folder, names.filter((name) => name !== rates));
  assert.match(await refused(without, ...slug), /the manifest doesn't name it here/);
  assert.match(await refused(pack(folder, names.slice(0, -1)), ...slug), /there is no manifest\.json/);
  writeFileSync(join(folder, 'more.json'), '{}');
  assert.match(await refused(pack(folder, [...names, 'more.json']), ...slug), /more\.json: it stands behind the manifest/);
  assert.match(await refused(pack(folder, ['site.json', 'more.json', ...names.slice(1)]), ...slug), /more\.json: nobody knows this file/);
  const missing = rewritten('files/a1.webp', () => 'abc');
  assert.match(await refused(missing, ...slug), /files\/a1\.webp isn't there, or not as long/);
});

test('what does not exist, or exists already, is said', async () => {
  assert.match((await run(here, 'site', 'export', 'nobody', join(place, 'x'))).said, /there is no such site/);
  assert.match((await run(here, 'site', 'export', site.slug, archive)).said, /it is there already/);
  assert.match((await run(there, 'site', 'import', join(place, 'none'))).said, /No such file/);
});

// Rows of every kind in every table, made from the catalogue: no column is forgotten or changed.
test('every column of every table survives', async () => {
  const servers = [await startServer({ start: false }), await startServer({ start: false })];
  const [from, to] = servers;
  for (const server of servers) {
    const owner = await connect(server.postgres, server.database, 'vitrine_owner');
    const tables = await readTables(owner);
    await dropRules(owner, tables);
    if (server === from) {
      await fill(owner, tables, { from: 1, to: 2, count: 300 });
      await owner.query(`UPDATE file SET size = length(bytes)`);
    }
    await owner.end();
  }
  const file = join(place, 'filled.tar.gz');
  const [{ slug }] = await from.sql('SELECT slug FROM site WHERE tenant_id = 1');
  const made = await run(from, 'site', 'export', slug, file);
  assert.equal(made.status, 0, made.said);
  const taken = await run(to, 'site', 'import', file);
  assert.equal(taken.status, 0, taken.said);
  const head = JSON.parse(unpack(file, join(place, 'filled')).read('site.json'));
  const [before, after] = [await rowsOf(from, head, slug), await rowsOf(to, head, slug)];
  for (const rows of [before, after]) {
    rows.audit = rows.audit.filter((row) => !/"site\.(ex|im)port"/.test(row));
    delete rows.feature; // states are settled on the way in
  }
  for (const [name, rows] of Object.entries(before)) assert.deepEqual(after[name], rows, name);
});
