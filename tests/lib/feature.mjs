// Features of a site, turned as the office does it: the state, the site's revision, and the wait
// until the workers have seen it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

export async function turnFeature(server, site, plugin, state) {
  await server.sql(
    `WITH turned AS (
       INSERT INTO feature (tenant_id, plugin, state, changed_at)
       SELECT tenant_id, $2, $3, now() FROM site WHERE slug = $1
       ON CONFLICT (tenant_id, plugin) DO UPDATE SET state = excluded.state
       RETURNING tenant_id)
     UPDATE site_revision r SET revision = revision + 1, changed_at = clock_timestamp()
       FROM turned t WHERE r.tenant_id = t.tenant_id`,
    [site.slug, plugin, state],
  );
}

// Asks again until the answer is the expected one; workers look twice a second.
export async function eventually(ask, expected, ms = 3000) {
  for (const until = Date.now() + ms; ; await sleep(25)) {
    const answer = await ask();
    try {
      assert.deepEqual(answer, expected);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
