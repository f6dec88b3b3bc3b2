// Search over the customers of a large venue finds the newest of all who have every word, page by
// page: whether the words are rare or thousands have them, of late or long ago.
import assert from 'node:assert/strict';
import test from 'node:test';
import { manyCustomers } from '../lib/customers.mjs';
import { startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite({});
const desk = await staff(site);
await manyCustomers(server, site, 25000);
// As old as the venue, and found by a word that everybody has.
await server.sql(`
  INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone, language, gender, country, created_at)
  SELECT tenant_id, 6000000000000, 'Zoe', 'Zimmer', 'buyer.zoe@0.example', 'buyer.zoe@0.example', '+33699999999', 'en', 'other', 'FR', now()
    FROM site WHERE slug = $1`, [site.slug]);
await server.sql(`
  INSERT INTO search_term (tenant_id, kind, term, object_id)
  SELECT tenant_id, 'customer', unnest(ARRAY['zoe', 'zimmer', 'buyer.zoe@0.example', '33699999999', '0699999999']), 6000000000000
    FROM site WHERE slug = $1`, [site.slug]);

const page = 50;
// An address is one word from its @ on; before that it may be names.
const wordsOf = (typed) => typed.split(/(?<!@\S*)[ .](?!\S*@)/).filter(Boolean);
// The newest who have a term beginning with each word, read without an index's help.
const truth = async (words, { account } = {}) =>
  (await server.sql(`
    SELECT c.customer_id::text AS id FROM customer c
     WHERE c.tenant_id = (SELECT tenant_id FROM site WHERE slug = $1)
       AND ($3::boolean IS NULL OR (c.registered_at IS NOT NULL) = $3)
       AND NOT EXISTS (SELECT 1 FROM unnest($2::text[]) w (word)
             WHERE NOT EXISTS (SELECT 1 FROM search_term s
                                WHERE s.tenant_id = c.tenant_id AND s.kind = 'customer' AND s.object_id = c.customer_id
                                  AND starts_with(s.term, w.word)))
     ORDER BY c.customer_id DESC LIMIT ${2 * page}`, [site.slug, words, account ?? null])).map(({ id }) => id);
async function twoPages(query) {
  const first = (await desk.getJson(`/manage/customers?${query}`)).json;
  const second = first.next ? (await desk.getJson(`/manage/customers?${query}&after=${encodeURIComponent(first.next)}`)).json : { items: [] };
  return [...first.items, ...second.items].map(({ id }) => String(id));
}

for (const typed of ['ad', 'ada', 'buyer.', 'buyer.1', 'buyer.24999@', 'ada ab', 'buyer. zoe', 'buyer. viktor', 'buyer.1 06', '33699999999', 'bu vi to', 'nobody']) {
  test(`“${typed}”`, async () => {
    assert.deepEqual(await twoPages(`q=${encodeURIComponent(typed)}`), await truth(wordsOf(typed)));
  });
}
test('the same among those with an account, or without', async () => {
  for (const typed of ['buyer.', 'ada ab', 'buyer. zoe']) {
    const query = `q=${encodeURIComponent(typed)}`;
    assert.deepEqual(await twoPages(`${query}&state=account`), await truth(wordsOf(typed), { account: true }), typed);
    assert.deepEqual(await twoPages(`${query}&state=no_account`), await truth(wordsOf(typed), { account: false }), typed);
  }
});
