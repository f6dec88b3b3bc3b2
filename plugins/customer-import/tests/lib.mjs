// What the plugin's tests share.
import assert from 'node:assert/strict';
import { multipart } from '../../../tests/lib/office.mjs';

export const name = 'customer-import';
export const base = `/manage/x/${name}`;

// Sends a file as the form does; the answer, as JSON.
export async function send(visitor, bytes, fileName = 'people.csv') {
  const page = await visitor.visit(`${base}/new`);
  const csrf = page.document.querySelector('form[enctype] input[name=csrf]').getAttribute('value');
  const { body, headers } = multipart({ csrf, upload: '' }, { file: [fileName, 'text/csv', Buffer.from(bytes)] });
  return visitor.post(`${base}/`, { body, headers: { ...headers, accept: 'application/json' } });
}

export async function look(visitor, id, query = '') {
  const answer = await visitor.getJson(`${base}/${id}${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

export const chosen = (choices) => choices.find((c) => c.chosen)?.value;

// What the page of columns says, as its form sends it.
export const mapping = (page, changes = {}) => ({
  version: page.version, go: 'look', encoding: chosen(page.encodings), separator: chosen(page.separators),
  header: chosen(page.headers), dates: chosen(page.dates), region: page.region,
  ...Object.fromEntries(page.fields.map((f) => [f.name, Number(chosen(f.columns))])), ...changes,
});

// Sends and looks at it, as it was guessed; the preview.
export async function preview(server, visitor, bytes, changes = {}) {
  const sent = await send(visitor, bytes);
  assert.equal(sent.status, 201, sent.text);
  const { id } = sent.json;
  const mapped = await visitor.postJson(`${base}/${id}/map`, mapping(await look(visitor, id), changes));
  assert.equal(mapped.status, 200, mapped.text);
  await server.jobs();
  return look(visitor, id);
}

export async function apply(server, visitor, page) {
  const answer = await visitor.postJson(`${base}/${page.id}/apply`, { version: page.version });
  assert.equal(answer.status, 200, answer.text);
  await server.jobs();
  return look(visitor, page.id);
}

export async function undo(server, visitor, page) {
  const answer = await visitor.postJson(`${base}/${page.id}/undo`, { version: page.version });
  assert.equal(answer.status, 200, answer.text);
  await server.jobs();
  return look(visitor, page.id);
}

export const customers = (server, site) => server.sql(
  `SELECT c.customer_id::text AS id, c.first_name, c.last_name, c.email, c.phone, c.gender, c.birthdate::text AS birthdate,
          c.made_by, c.version::int AS version
     FROM customer c JOIN site s USING (tenant_id) WHERE s.slug = $1 ORDER BY c.email_folded, c.customer_id`, [site.slug]);

export const csv = (rows, { head = 'name,email,phone_number,gender,birthdate', end = '\n' } = {}) =>
  [head, ...rows].join(end) + end;
export const people = (count, from = 1) => Array.from({ length: count }, (_, i) =>
  `Given${i + from} Family ${i + from},p${i + from}@people.example,+336${String(10000000 + i + from)},female,1990-01-02`);
