-- What plugins did wrong, newest first; $1 a site's address, $2 a plugin, each may be absent.
-- name: console_errors
SELECT s.slug, s.name, e.plugin, e.place, e.message, e.detail, e.happened,
       vt_us(e.first_at) AS first_us, vt_us(e.last_at) AS last_us,
       coalesce(e.tripped_until > $4, false) AS tripped, vt_us(e.tripped_until) AS tripped_us
  FROM plugin_error e
  JOIN site s ON s.tenant_id = e.tenant_id
 WHERE ($1::text IS NULL OR s.slug = $1) AND ($2::text IS NULL OR e.plugin = $2)
 ORDER BY e.last_at DESC
 LIMIT $3;
