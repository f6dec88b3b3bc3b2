// Turns what the server sent to PostgreSQL for a request into a pgbench script: each unit one
// pipeline, so one flush and one commit, as the server has it; every parameter a bound variable.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../../lib/place.mjs';

// Runs `steps` against a traced server and returns the units of its requests, in order.
export async function traced(stage, settings, steps) {
  const file = join(temporaryFolder(), 'trace');
  await stage.serve({ ...settings, VITRINE_TRACE_FILE: file, VITRINE_WORKERS: '1' });
  const take = () => readUnits(file, stage.server);
  const result = await steps(take);
  await stage.pause();
  rmSync(file, { force: true });
  return result;
}

const seen = new Map();

// The units since the last call; those of jobs and of background duties belong to no request.
async function readUnits(file, server) {
  await sleep(100);
  const requests = new Set([...server.log().matchAll(/"msg":"request","request_id":"(\w+)"/g)].map((m) => m[1]));
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const fresh = lines.slice(seen.get(file) ?? 0).map((line) => JSON.parse(line));
  seen.set(file, lines.length);
  return fresh.filter((unit) => requests.has(unit.request_id) && unit.set !== 'platform');
}

// The units of `steps` taken twice, alike: what a cache answered in one of them it answered in the
// other.
export async function twice(units, steps) {
  const shape = (all) => all.flatMap((unit) => unit.statements.map((s) => s.name)).join();
  await steps();
  await units();
  const met = new Map();
  for (let tries = 0; tries < 10; tries++) {
    await steps();
    const now = await units();
    const before = met.get(shape(now));
    if (before) return [before, now];
    met.set(shape(now), now);
  }
  throw new Error('the same steps never made the same statements');
}

// `once` and `again` are the units of the same steps taken twice: where their parameters differ,
// something is made anew each time (numbers, codes, tokens), so the script makes it anew as well.
// `vary` maps a word in the parameters to a pgbench expression, such as a slot to many slots.
export function pgbenchScript(once, again = once, vary = {}) {
  const made = new Script(freshWords(once, again), vary);
  const body = once.map((unit) => {
    const statements = unit.statements.map((s) => made.statement(s)).join('\n');
    return `\\startpipeline\n${statements}\n\\endpipeline`;
  });
  const head = Object.entries(made.words).map(([, { name, make }]) => `\\set ${name} ${make}`);
  return { text: [...head, ...body, ''].join('\n'), variables: made.variables, units: once.length };
}

const word = /[A-Za-z0-9_-]{6,}/g;
const isTime = (text) => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text);

function freshWords(once, again) {
  const pairs = flatParams(once).map((param, i) => [param, flatParams(again)[i]]);
  const fresh = new Set();
  for (const [a, b] of pairs) {
    if (a === b || a === null || b === null || isTime(a)) continue;
    const [ours, others] = [a.match(word) ?? [], b.match(word) ?? []];
    ours.filter((text, i) => text !== others[i]).forEach((text) => fresh.add(text));
  }
  return fresh;
}

function flatParams(units) {
  return units.flatMap((unit) => unit.statements.flatMap((s) => s.params));
}

class Script {
  variables = {};
  words = {};

  constructor(fresh, vary) {
    // Eighteen digits are a number, a text, and, being even, hex digits too.
    const random = 'random(100000000000000000, 999999999999999999)';
    [...fresh].forEach((text, i) => (this.words[text] = { name: `fresh${i + 1}`, make: random }));
    Object.entries(vary).forEach(([text, make], i) => (this.words[text] = { name: `vary${i + 1}`, make }));
  }

  // pgbench makes a parameter of every mention of a variable: only the first mention of each is one,
  // so that the peer's plans are those of the server.
  statement({ text, params }) {
    const bare = text.trim().replace(/;$/, '');
    const numbers = new Map();
    const placed = bare.replace(/\$(\d+)(::)?/g, (_, n, cast = '') => {
      const sql = this.parameter(params[n - 1], (name) => {
        const key = `${n} ${name}`;
        if (numbers.has(key)) return `$${numbers.get(key)}`;
        numbers.set(key, numbers.size + 1);
        return `:${name}`;
      });
      // A text that was put together isn't turned into JSON by itself, as a bare parameter is.
      return sql.startsWith('replace') && !cast && params[n - 1].startsWith('{"') ? `${sql}::jsonb` : sql + cast;
    });
    return `${placed};`;
  }

  parameter(value, bound) {
    if (value === null) return 'NULL';
    if (this.words[value]) return bound(this.words[value].name);
    const inside = [...new Set(value.match(word) ?? [])].filter((text) => this.words[text]);
    if (inside.length === 0) return bound(this.variable(value));
    return inside.reduce(
      (sql, text) => `replace(${sql}, '${text}', (${bound(this.words[text].name)})::text)`,
      bound(this.variable(value)),
    );
  }

  variable(value) {
    const known = Object.entries(this.variables).find(([, other]) => other === value);
    if (known) return known[0];
    const name = `v${Object.keys(this.variables).length + 1}`;
    this.variables[name] = value;
    return name;
  }
}
