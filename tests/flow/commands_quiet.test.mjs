// Whoever runs a command gets its output and nothing else, unless something is wrong.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { build, startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const run = (args, env = {}) => promisify(execFile)(join(build, 'vitrine'), args, { env: { ...server.env, ...env } });

test('commands say nothing on standard error, and only their own on standard output', async () => {
  for (const args of [['jobs'], ['jobs', 'list', 'done'], ['routes'], ['site', 'suspend', site.slug], ['site', 'resume', site.slug]]) {
    const { stdout, stderr } = await run(args);
    assert.equal(stderr, '', args.join(' '));
    assert.doesNotMatch(stdout, /"level"/, args.join(' '));
  }
});

test('what is wrong is said', async () => {
  const { stdout, stderr } = await run(['routes'], { VITRINE_REDIS_URL: 'unix:///nowhere/redis.sock' });
  assert.match(stderr, /redis/);
  assert.ok(JSON.parse(stdout).length > 10);
});
