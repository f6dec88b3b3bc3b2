// The load generators and the peers, all from Debian packages: wrk, h2load, nginx, pgbench. Every run
// is bounded in time and connections and goes to this machine only.
import { execFile, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { atEnd, temporaryFolder } from '../../lib/place.mjs';
import { freePort } from '../../lib/server.mjs';

const connections = 64;
const bin = '/usr/lib/postgresql/15/bin';

async function run(command, args, seconds, env = process.env) {
  const limit = { timeout: (seconds + 30) * 1000, maxBuffer: 1 << 26, env };
  return (await promisify(execFile)(command, args, limit)).stdout;
}

const headerArgs = (headers) => Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);

// Requests per second, with 64 connections unless told. Anything but 2xx and 3xx is an error, unless
// the script counts the refusals itself.
export async function wrk(
  url,
  { headers = {}, seconds, script, threads = 1, clients = connections, args = [], refusals = false },
) {
  const lua = script ? ['-s', script] : [];
  const options = ['-t', threads, '-c', clients, '-d', `${seconds}s`, '--timeout', '20s', '--latency', ...lua, ...headerArgs(headers)];
  const out = await run('wrk', [...options.map(String), url, '--', ...args.map(String)], seconds);
  const bad = /Socket errors: (.*)/.exec(out) ?? /Non-2xx or 3xx responses: (\d+)/.exec(out);
  if (bad && !(refusals && bad[0].startsWith('Non'))) throw new Error(`${url}: ${bad[0]}`);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1]),
    requests: Number(/(\d+) requests in/.exec(out)[1]),
    p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(out)),
    said: Object.fromEntries([...out.matchAll(/^bench (\w+) (\d+)$/gm)].map((m) => [m[1], Number(m[2])])),
  };
}

function milliseconds([, number, unit]) {
  return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
}

// Milliseconds within which 99 of 100 answers came at a fixed rate, of addresses asked in turn.
export async function p99AtRate(urls, { headers = {}, rate, seconds, clients = 16 }) {
  const [log, list] = ['h2load.log', 'h2load.urls'].map((name) => join(temporaryFolder(), name));
  const each = Math.max(1, Math.round(rate / clients));
  const timing = ['-D', seconds, '--warm-up-time', 1, '--rps', each].map(String);
  // It takes the Host header from the address alone.
  const { Host, ...others } = headers;
  const at = new URL(urls[0]);
  writeFileSync(list, urls.map((url) => `${Host ? url.replace(at.hostname, Host) : url}\n`).join(''));
  const to = Host ? ['--connect-to', at.host] : [];
  const fixed = ['--h1', '-t', '1', '-c', String(clients), ...timing, '--log-file', log, '-i', list];
  await run('h2load', [...fixed, ...headerArgs(others), ...to], seconds);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(log);
  const took = lines.map((line) => line.split('\t')).map(([, status, us]) => {
    if (!/^[23]/.test(status)) throw new Error(`${at.host} answered ${status}`);
    return Number(us);
  });
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length * 0.99)] / 1000;
}

// nginx as its own administrators would set it up for one file, as many workers as Vitrine has.
export async function startNginx({ bytes, type, headers, workers }) {
  const folder = temporaryFolder();
  const port = await freePort();
  mkdirSync(join(folder, 'root'), { mode: 0o755 });
  writeFileSync(join(folder, 'root/page'), bytes, { mode: 0o644 });
  const extra = Object.entries(headers).map(([name, value]) => `add_header ${name} ${JSON.stringify(value)};`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log crit; worker_processes ${workers};
events { worker_connections 1024; multi_accept on; }
http {
  sendfile on; tcp_nopush on; tcp_nodelay on; server_tokens off; etag on;
  keepalive_requests 1000000; keepalive_timeout 60s;
  open_file_cache max=100 inactive=60s; open_file_cache_valid 60s; open_file_cache_errors on;
  log_format json escape=json '{"level":"info","msg":"request","request_id":"$request_id","host":"$host",'
    '"method":"$request_method","path":"$uri","status":$status,"us":$request_time}';
  access_log ${folder}/access.log json buffer=64k flush=1s;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server {
    listen 127.0.0.1:${port} reuseport; root ${folder}/root; default_type "${type}";
    location / { ${extra.join(' ')} }
  }
}`,
  );
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'inherit' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  atEnd(stop);
  await sleep(500);
  return { url: `http://127.0.0.1:${port}/page`, stop };
}

// As the server's connections have them (core/data/db_conn.c).
const planSettings =
  '-c plan_cache_mode=force_generic_plan -c jit=off' +
  ' -c random_page_cost=1.1 -c enable_mergejoin=off';

// Transactions per second of a pgbench script: {text, variables}; one plan a statement, as the server
// has it.
export async function pgbench(database, script, { clients, seconds }) {
  const file = join(temporaryFolder(), 'script.pgbench');
  writeFileSync(file, script.text);
  const variables = Object.entries(script.variables).map(([name, value]) => `--define=${name}=${value}`);
  const how = ['-n', '-M', 'prepared', '-c', clients, '-j', Math.min(clients, 2), '-T', seconds];
  const to = ['-h', database.socket, '-U', 'vitrine_app', '-f', file, ...variables, database.name];
  const env = { ...process.env, PGOPTIONS: planSettings };
  const out = await run(`${bin}/pgbench`, [...how.map(String), ...to], seconds, env).catch((error) => {
    throw new Error(`pgbench: ${error.stderr?.slice(0, 2000)}`);
  });
  if (!/number of failed transactions: 0 /.test(out)) throw new Error(out);
  return Number(/tps = ([\d.]+)/.exec(out)[1]);
}

// How many of 1, 2, 4, 8 clients do most.
export async function bestClients(database, script, seconds) {
  let best = { rate: 0 };
  for (const clients of [1, 2, 4, 8]) {
    const rate = await pgbench(database, script, { clients, seconds });
    if (rate > best.rate) best = { rate, clients };
  }
  return best.clients;
}
