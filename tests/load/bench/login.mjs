// What logging in costs everybody else: hashing a password is meant to be slow, and takes a core.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Visitor } from '../../lib/visitor.mjs';
import { alternate } from './rounds.mjs';
import { p99AtRate, wrk } from './tools.mjs';

const slug = 'beckwith-baths';
const email = 'login@buyer.example';
const password = 'analytical engine 1843';
const everyMs = 500;

async function logIn(stage) {
  const visitor = new Visitor({ host: stage.host(slug), port: stage.server.port });
  const answer = await visitor.postJson('/account/login', { email, password });
  visitor.close();
  assert.equal(answer.status, 200, answer.text);
}

// The act, with two logins a second beside it.
async function besideLogins(stage, act) {
  let over = false;
  await stage.sql('DELETE FROM attempt');
  const logins = (async () => {
    while (!over) await Promise.all([logIn(stage), sleep(everyMs)]);
  })();
  const result = await act();
  over = true;
  await logins;
  return result;
}

export async function login(stage, { seconds, rounds }) {
  stage.demo ??= await stage.server.vitrine('site', 'demo', 'tenants/demo');
  await stage.serve();
  const someone = new Visitor({ host: stage.host(slug), port: stage.server.port });
  const made = await someone.postJson('/account/register', { first_name: 'Ada', last_name: 'Lovelace', email, password });
  assert.equal(made.status, 200, made.text);
  const headers = { Host: stage.host(slug), 'Accept-Encoding': 'gzip' };
  await wrk(stage.url('/'), { headers, seconds: 1 });
  const { rate } = await wrk(stage.url('/'), { headers, seconds });
  const p99 = () => p99AtRate([stage.url('/')], { headers, rate: rate * 0.3, seconds });
  const found = await alternate(rounds, () => besideLogins(stage, p99), p99);
  return [{ name: 'login', unit: 'ms', peer: 'no logins', ...found }];
}
