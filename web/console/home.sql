-- Sites by address, from the one after $1 on, with what is wrong with them. Each filter may be
-- absent: $3 state, $4 in practice, $5 plan, $6 a feature that is on, $7 what asks for attention, $9 the
-- sites that a search found. $8 is now.
-- name: console_sites
SELECT s.tenant_id, s.slug, s.name, s.kind, s.state, s.practice, s.plan, s.currency,
       vt_us(s.created_at) AS created_us,
       (SELECT count(*) FROM feature f
         WHERE f.tenant_id = s.tenant_id AND f.state IN ('on', 'closing')) AS features,
       (SELECT count(*) FROM plugin_error e WHERE e.tenant_id = s.tenant_id) AS errors,
       (SELECT count(*) FROM plugin_error e
         WHERE e.tenant_id = s.tenant_id AND e.tripped_until > $8) AS tripped,
       (SELECT count(*) FROM job j WHERE j.tenant_id = s.tenant_id AND j.state = 'failed') AS jobs,
       (SELECT count(*) FROM approval p
         WHERE p.tenant_id = s.tenant_id AND p.state = 'asked') AS approvals
  FROM site s
 WHERE s.state <> 'creating' AND s.slug > $1
   AND ($3::text IS NULL OR s.state = $3)
   AND ($4::boolean IS NULL OR s.practice = $4)
   AND ($5::text IS NULL OR s.plan = $5)
   AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM feature f
        WHERE f.tenant_id = s.tenant_id AND f.plugin = $6 AND f.state IN ('on', 'closing')))
   AND ($7::text IS NULL
        OR ($7 IN ('jobs', 'any') AND EXISTS (SELECT 1 FROM job j
             WHERE j.tenant_id = s.tenant_id AND j.state = 'failed'))
        OR ($7 IN ('errors', 'any') AND EXISTS (SELECT 1 FROM plugin_error e
             WHERE e.tenant_id = s.tenant_id))
        OR ($7 = 'tripped' AND EXISTS (SELECT 1 FROM plugin_error e
             WHERE e.tenant_id = s.tenant_id AND e.tripped_until > $8))
        OR ($7 IN ('approvals', 'any') AND EXISTS (SELECT 1 FROM approval p
             WHERE p.tenant_id = s.tenant_id AND p.state = 'asked')))
   AND ($9::bigint[] IS NULL OR s.tenant_id = ANY ($9))
 ORDER BY s.slug
 LIMIT $2;

-- The platform's policy hides nothing, so the index of words serves it.
-- name: console_site_search
SELECT array_to_json(array_agg(f.tenant_id::text)) AS found
  FROM (SELECT tenant_id FROM site
         WHERE to_tsvector('simple', slug || ' ' || name) @@ to_tsquery('simple', $1)
         LIMIT 2000) f;

-- name: console_totals
SELECT count(*) AS sites, count(*) FILTER (WHERE state = 'open' AND NOT practice) AS live,
       count(*) FILTER (WHERE state = 'open' AND practice) AS practice,
       count(*) FILTER (WHERE state = 'suspended') AS suspended,
       (SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'failed' LIMIT 10000) f) AS jobs,
       (SELECT count(*) FROM (SELECT 1 FROM approval WHERE state = 'asked' LIMIT 10000) f) AS approvals,
       (SELECT count(*) FROM plugin_error WHERE last_at > $1::timestamptz - interval '30 days'
           AND tripped_until > $1) AS tripped
  FROM site
 WHERE state <> 'creating';

-- What only the site's own tables know: orders of a month, and mails that came back.
-- name: console_site_figures
SELECT o.orders, o.total_minor, m.bounces
  FROM (SELECT count(*) AS orders, coalesce(sum(total_minor), 0)::bigint AS total_minor
          FROM orders WHERE tenant_id = $1 AND placed_at > $2 AND NOT practice) o,
       (SELECT count(*) AS bounces FROM mail
         WHERE tenant_id = $1 AND state = 'refused' AND at > $2) m;
