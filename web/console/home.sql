-- name: console_sites
SELECT s.slug, s.name, s.kind, s.state, s.practice, s.plan, vt_us(s.created_at) AS created_us,
       coalesce(e.errors, 0)::int AS errors, coalesce(e.tripped, 0)::int AS tripped
  FROM site s
  LEFT JOIN (SELECT tenant_id, count(*) AS errors,
                    count(*) FILTER (WHERE tripped_until > $3) AS tripped
               FROM plugin_error GROUP BY tenant_id) e ON e.tenant_id = s.tenant_id
 WHERE s.state <> 'creating' AND s.slug > $1
 ORDER BY s.slug
 LIMIT $2;

-- name: console_site_count
SELECT count(*) AS sites FROM site WHERE state <> 'creating';
