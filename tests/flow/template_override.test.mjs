// A site's own template stands in for the built-in one; a broken one never takes the site down: the
// built-in template serves and the manager is told file and line.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
const own = await server.createSite({ slug: 'own-words' });
const other = await server.createSite({ slug: 'house-words' });

async function override(slug, name, body) {
  await server.sql(
    `WITH s AS (SELECT tenant_id FROM site WHERE slug = $1),
          t AS (INSERT INTO template_override (tenant_id, name, body, changed_at)
                SELECT tenant_id, $2, $3, now() FROM s
                ON CONFLICT (tenant_id, name) DO UPDATE SET body = excluded.body)
     UPDATE site_revision r SET revision = revision + 1, changed_at = clock_timestamp()
       FROM s WHERE r.tenant_id = s.tenant_id`,
    [slug, name, body],
  );
}

// A change reaches every worker by itself; this waits for that, a second at most.
async function until(check) {
  const end = Date.now() + 2000;
  for (;;) {
    const page = await own.visitor().get('/nothing-here');
    if (check(page) || Date.now() > end) return page;
  }
}

test('a site’s own template is served to that site alone', async () => {
  await override('own-words', 'storefront/error', '<p class="mine">{{site.name}} has moved that</p>');
  const page = await until((p) => p.text.includes('class="mine"'));
  assert.equal(page.status, 404);
  assert.match(page.text, /has moved that/);
  const elsewhere = await other.visitor().get('/nothing-here');
  assert.doesNotMatch(elsewhere.text, /class="mine"/);
});

test('a broken one is left out and named with its line', async () => {
  await override('own-words', 'storefront/error', '<p>one</p>\n{{#open}}never closed');
  const page = await until((p) => !p.text.includes('class="mine"'));
  assert.equal(page.status, 404);
  assert.match(page.text, /<main/);
  const [row] = await server.sql(
    `SELECT place, message FROM plugin_error JOIN site USING (tenant_id)
      WHERE slug = 'own-words' AND plugin = 'templates'`,
  );
  assert.equal(row.place, 'storefront/error');
  assert.match(row.message, /^line 2: /);
});
