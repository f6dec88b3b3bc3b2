-- A page of the list is picked first, by address from the one after $1 on, $2 rows: by the filter
-- that leaves fewest sites. Each other filter may be absent: $3 in practice, $4 state, $5 plan, $6 a
-- feature that is on.
-- name: console_pick
SELECT s.tenant_id FROM site s
 WHERE s.state <> 'creating' AND s.slug > $1
   AND ($3::boolean IS NULL OR s.practice = $3)
   AND ($4::text IS NULL OR s.state = $4)
   AND ($5::text IS NULL OR s.plan = $5)
   AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM feature f
        WHERE f.tenant_id = s.tenant_id AND f.plugin = $6 AND f.state IN ('on', 'closing')))
 ORDER BY s.slug LIMIT $2;

-- name: console_pick_of_state
SELECT s.tenant_id FROM site s
 WHERE s.state = $4 AND s.slug > $1
   AND ($3::boolean IS NULL OR s.practice = $3)
   AND ($5::text IS NULL OR s.plan = $5)
   AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM feature f
        WHERE f.tenant_id = s.tenant_id AND f.plugin = $6 AND f.state IN ('on', 'closing')))
 ORDER BY s.slug LIMIT $2;

-- name: console_pick_of_plan
SELECT s.tenant_id FROM site s
 WHERE s.plan = $5 AND s.slug > $1 AND s.state <> 'creating'
   AND ($3::boolean IS NULL OR s.practice = $3)
   AND ($4::text IS NULL OR s.state = $4)
   AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM feature f
        WHERE f.tenant_id = s.tenant_id AND f.plugin = $6 AND f.state IN ('on', 'closing')))
 ORDER BY s.slug LIMIT $2;

-- $7 are sites that a search found, or that something is wrong with; with both $8 are the latter.
-- name: console_pick_among
SELECT s.tenant_id FROM site s
 WHERE s.tenant_id = ANY ($7::bigint[]) AND s.slug > $1 AND s.state <> 'creating'
   AND ($8::bigint[] IS NULL OR s.tenant_id = ANY ($8))
   AND ($3::boolean IS NULL OR s.practice = $3)
   AND ($4::text IS NULL OR s.state = $4)
   AND ($5::text IS NULL OR s.plan = $5)
   AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM feature f
        WHERE f.tenant_id = s.tenant_id AND f.plugin = $6 AND f.state IN ('on', 'closing')))
 ORDER BY s.slug LIMIT $2;

-- The platform's policy hides nothing, so the index of words serves it. Words that fit more sites
-- than anybody reads on give the first of them by address.
-- name: console_site_search
SELECT array_to_json(array_agg(f.tenant_id::text)) AS found
  FROM (SELECT s.tenant_id FROM site s
         WHERE to_tsvector('simple', s.slug || ' ' || s.name) @@ to_tsquery('simple', $1)
           AND s.slug > $2
         ORDER BY s.slug LIMIT 2000) f;

-- What something is wrong with: few by nature, each kind by an index of its own. $2 is now, mails are
-- those after $3.
-- name: console_troubled
SELECT array_to_json(array_agg(t.tenant_id::text)) AS found
  FROM (SELECT j.tenant_id FROM job j WHERE $1 IN ('jobs', 'any') AND j.state = 'failed'
        UNION
        SELECT e.tenant_id FROM plugin_error e WHERE $1 IN ('errors', 'any')
        UNION
        SELECT e.tenant_id FROM plugin_error e WHERE $1 = 'tripped' AND e.tripped_until > $2
        UNION
        SELECT p.tenant_id FROM approval p WHERE $1 IN ('approvals', 'any') AND p.state = 'asked'
        UNION
        SELECT m.tenant_id FROM mail m
         WHERE $1 IN ('bounces', 'any') AND m.state = 'refused' AND m.at > $3
        LIMIT 10000) t;

-- The picked ones, with what is wrong with them; $2 is now.
-- name: console_sites
SELECT s.tenant_id, s.slug, s.name, s.kind, s.state, s.practice, s.plan, s.currency,
       vt_us(s.created_at) AS created_us,
       (SELECT count(*) FROM feature f
         WHERE f.tenant_id = s.tenant_id AND f.state IN ('on', 'closing')) AS features,
       (SELECT count(*) FROM plugin_error e WHERE e.tenant_id = s.tenant_id) AS errors,
       (SELECT count(*) FROM plugin_error e
         WHERE e.tenant_id = s.tenant_id AND e.tripped_until > $2) AS tripped,
       (SELECT count(*) FROM job j WHERE j.tenant_id = s.tenant_id AND j.state = 'failed') AS jobs,
       (SELECT count(*) FROM approval p
         WHERE p.tenant_id = s.tenant_id AND p.state = 'asked') AS approvals
  FROM site s
 WHERE s.tenant_id = ANY ($1::bigint[])
 ORDER BY s.slug;

-- $1 is now; mails are those after $2.
-- name: console_totals
SELECT count(*) AS sites, count(*) FILTER (WHERE state = 'open' AND NOT practice) AS live,
       count(*) FILTER (WHERE state = 'open' AND practice) AS practice,
       count(*) FILTER (WHERE state = 'suspended') AS suspended,
       (SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'failed' LIMIT 10000) f) AS jobs,
       (SELECT count(*) FROM (SELECT 1 FROM approval WHERE state = 'asked' LIMIT 10000) f) AS approvals,
       (SELECT count(*) FROM (SELECT 1 FROM plugin_error LIMIT 10000) f) AS errors,
       (SELECT count(DISTINCT tenant_id) FROM mail WHERE state = 'refused' AND at > $2) AS bounces,
       (SELECT count(DISTINCT tenant_id) FROM plugin_error
         WHERE last_at > $1::timestamptz - interval '30 days' AND tripped_until > $1) AS tripped
  FROM site
 WHERE state <> 'creating';

-- What only the site's own tables know: orders of a month, as its own office counts them, and mails
-- that came back.
-- name: console_site_figures
SELECT o.orders, o.total_minor, m.bounces
  FROM (SELECT count(*) AS orders, coalesce(sum(total_minor - returned_minor), 0)::bigint AS total_minor
          FROM orders WHERE tenant_id = $1 AND placed_at > $2 AND NOT practice) o,
       (SELECT count(*) AS bounces FROM mail
         WHERE tenant_id = $1 AND state = 'refused' AND at > $2) m;
