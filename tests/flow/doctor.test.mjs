// `vitrine doctor` names what is wrong with an installation and its cure.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { Postgres } from '../lib/postgres.mjs';

// As in production: commits wait for the disk.
const postgres = await Postgres.start({ durable: true });
const server = await startServer({ postgres, env: { VITRINE_SMTP_URL: 'smtp://127.0.0.1:25' } });

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

test('a healthy installation is told so', async () => {
  chmodSync(server.state, 0o700);
  const { ok, out } = await doctor();
  assert.ok(ok, out);
  assert.match(out, /all is well/);
});

test('mails that only go to the outbox are a fault of a real site, a note on one’s own machine', async () => {
  chmodSync(server.state, 0o700);
  const here = await doctor({ VITRINE_SMTP_URL: '' });
  assert.ok(here.ok, here.out);
  assert.match(here.out, /note {2}VITRINE_SMTP_URL isn't set/);
  const there = await doctor({ VITRINE_SMTP_URL: '', VITRINE_HOST: 'venues.example' });
  assert.ok(!there.ok);
  assert.match(there.out, /MEND {2}VITRINE_SMTP_URL isn't set/);
});

test('a role that the rules of the sites do not bind is named', async () => {
  const { ok, out } = await doctor({
    VITRINE_DATABASE_URL: server.env.VITRINE_DATABASE_OWNER_URL,
  });
  assert.ok(!ok);
  assert.match(out, /MEND {2}VITRINE_DATABASE_URL logs in as a role that rules don't bind/);
});

test('a state folder that others can read is named', async () => {
  chmodSync(server.state, 0o755);
  const { ok, out } = await doctor();
  assert.ok(!ok);
  assert.match(out, /is open to other users\n\s+chmod 700/);
});

test('a wrong setting is refused by its name', async () => {
  const { ok, out } = await doctor({ VITRINE_LISTEN: 'somewhere' });
  assert.ok(!ok);
  assert.match(out, /VITRINE_LISTEN=somewhere: write an IP address and a port/);
});
