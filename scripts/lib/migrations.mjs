// What a migration may not do while workers of the version before serve: one line a finding.
// Usage: node migrations.mjs FILES
//
// A statement that is right all the same says why on the line before it: `-- allowed: reason`.
import { readFileSync } from 'node:fs';

// Tables of the core whose rows are few, so that a lock on them is short.
const small = new Set(['operator', 'plan', 'rollout', 'schema_migration', 'channel', 'category', 'tax', 'resource']);

const table = String.raw`(?:if exists )?(?:only )?(?:"?\w+"?\.)?"?(\w+)"?`;

// Each: what it looks like, whether the tables that the file makes itself are exempt, what to do.
const rules = [
  [`drop (?:table|view|sequence|schema|type|function|procedure)\\b`, false,
    'the version before still uses it: drop it one version later'],
  [`drop index (?!concurrently)`, false,
    'it waits for everybody who uses the table: DROP INDEX CONCURRENTLY, in a file that begins with "-- outside a transaction"'],
  [`alter table ${table} .*\\bdrop (?:column|constraint)\\b`, true,
    'the version before still uses it: drop it one version later'],
  [`alter (?:table|index|view|sequence|function) ${table} .*\\brename\\b`, true,
    'the version before knows the old name: add the new one, fill it, drop the old one later'],
  [`alter table ${table} .*\\b(?:alter column )?\\w+ (?:set data )?type \\w`, true,
    'it writes the whole table anew behind a lock: add a column of the new type'],
  [`alter table ${table} .*\\bset not null\\b`, true,
    'it reads the whole table behind a lock, and old workers may write NULL: add a CHECK … NOT VALID, validate it later'],
  [`alter table ${table} .*\\badd (?:column )?(?:if not exists )?(?!constraint|check|unique|primary|foreign|exclude)\\w+ [^,]*\\bnot null\\b(?![^,]*\\bdefault\\b)`, true,
    'old workers insert rows without it: give it a default, or let it be NULL'],
  [`alter table ${table} .*\\bdefault (?:\\w+\\.)?(?:now|clock_timestamp|random|gen_random_uuid|vt_id|nextval) ?\\(`, true,
    'a default that differs from row to row writes the whole table anew behind a lock: add it as NULL, fill it by a job'],
  [`alter table ${table} .*\\badd (?:constraint \\w+ )?(?:unique|primary key|exclude)\\b(?!.*using index)`, true,
    'it builds an index behind a lock: CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX'],
  [`alter table ${table} .*\\badd (?:constraint \\w+ )?(?:check|foreign key)\\b(?!.*not valid)`, true,
    'it reads the whole table behind a lock: add it NOT VALID, validate it in a later file'],
  [`create (?:unique )?index (?!concurrently)(?:if not exists )?\\w* ?on ${table}`, true,
    'nobody writes the table while it is built: CREATE INDEX CONCURRENTLY, in a file that begins with "-- outside a transaction"'],
  [`(?:update|delete from) ${table}`, true,
    'the rows stay locked until the whole file is through: fill them by a job, in batches'],
  [`(?:truncate|cluster|vacuum full|lock table|reindex(?! .*concurrently))\\b`, false,
    'nobody can use the table meanwhile'],
  [`alter type .*\\brename\\b`, false, 'the version before knows the old name'],
].map(([pattern, own, words]) => ({ pattern: new RegExp(`^${pattern}`, 'is'), own, words }));

// Statements with the line they begin at; what stands between $$ is one piece, comments are spaces.
function statementsOf(text) {
  const found = [];
  let at = 0;
  let line = 1;
  let begun = null;
  let body = '';
  const lines = text.split('\n');
  const finish = () => {
    const words = body.replace(/\s+/g, ' ').trim();
    if (words) found.push({ line: begun, words, allowed: /^\s*-- allowed: \S/.test(lines[begun - 2] ?? '') });
    body = '';
    begun = null;
  };
  for (; at < text.length; at++) {
    const rest = text.slice(at);
    const piece = /^(?:--[^\n]*|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$)/.exec(rest)?.[0];
    if (piece) {
      if (!piece.startsWith('--')) {
        begun ??= line;
        body += "''";
      }
      line += piece.split('\n').length - 1;
      at += piece.length - 1;
      continue;
    }
    if (text[at] === ';') finish();
    else {
      if (/\S/.test(text[at])) begun ??= line;
      body += text[at];
    }
    if (text[at] === '\n') line++;
  }
  finish();
  return found;
}

export function findingsOf(text) {
  const statements = statementsOf(text);
  const outside = text.startsWith('-- outside a transaction');
  const made = new Set(
    statements.map(({ words }) => new RegExp(`^create table (?:if not exists )?${table}`, 'i').exec(words)?.[1]).filter(Boolean),
  );
  const found = [];
  for (const { line, words, allowed } of statements) {
    if (allowed) continue;
    const hits = rules.filter(({ pattern, own }) => {
      const match = pattern.exec(words);
      const few = small.has(match?.[1]) && !/ "?plugin_/.test(match[0]);
      return match && !(own && (made.has(match[1]) || few));
    });
    for (const hit of hits) found.push({ line, words: hit.words });
    if (/\bconcurrently\b/i.test(words) && !outside) {
      found.push({ line, words: 'no transaction can do it: let the file begin with "-- outside a transaction"' });
    }
  }
  if (outside && statements.some(({ words }) => !/\bconcurrently\b|^alter table .* validate constraint/i.test(words))) {
    found.push({ line: 1, words: 'outside a transaction stands only what needs it: half of the rest would stay after a failure' });
  }
  return found;
}

for (const file of process.argv.slice(2).filter((name) => name.endsWith('.sql'))) {
  for (const { line, words } of findingsOf(readFileSync(file, 'utf8'))) console.log(`${file}:${line}: ${words}`);
}
