// Logs are JSON lines with request id and site; /healthz, /readyz and /metrics answer machines.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite({ slug: 'watched' });

// A line is written after its answer left.
async function line(wanted) {
  for (const until = Date.now() + 2000; Date.now() < until; await new Promise(setImmediate)) {
    const found = lines().findLast(wanted);
    if (found) return found;
  }
  return undefined;
}

function lines() {
  return server
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

test('a request leaves one line with its id, host, path, status and time, but no query', async () => {
  const page = await site.visitor().get('/basket?t=secret-token', {
    headers: { accept: 'application/problem+json, application/json' },
  });
  assert.equal(page.status, 200);
  const found = await line((l) => l.path === '/basket');
  assert.equal(found.status, 200);
  assert.equal(found.host, 'watched.vitrine.localhost');
  assert.match(found.request_id, /^[0-9a-f]{16}$/);
  assert.ok(found.us >= 0);
  assert.ok(!server.log().includes('secret-token'));
});

test('a problem carries the id that the log has', async () => {
  const problem = await site.visitor().getJson('/nothing');
  assert.equal(problem.status, 404);
  const found = await line((l) => l.request_id === problem.json.request_id);
  assert.equal(found.status, 404);
});

test('figures add up over all workers', async () => {
  const count = async () => {
    const text = (await server.visitor().get('/metrics')).text;
    return Number(/^vitrine_requests_total (\d+)$/m.exec(text)[1]);
  };
  const before = await count();
  for (let i = 0; i < 20; i++) await site.visitor().get('/basket');
  assert.ok((await count()) >= before + 20);
});

test('probes answer', async () => {
  assert.equal((await server.visitor().get('/healthz')).text, 'ok\n');
  assert.equal((await server.visitor().get('/readyz')).text, 'ready\n');
});
