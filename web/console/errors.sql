-- What plugins did wrong, newest first; $1 a site's address, $2 a plugin, each may be absent; $4: of
-- those that are paused. A page goes on behind the row of $6 and $7.
-- name: console_errors
SELECT s.slug, s.name, e.plugin, e.place, e.message, e.detail, e.happened,
       vt_us(e.first_at) AS first_us, vt_us(e.last_at) AS last_us,
       coalesce(e.tripped_until > $5, false) AS tripped, vt_us(e.tripped_until) AS tripped_us,
       hashtextextended(concat_ws(' ', e.tenant_id, e.plugin, e.place, e.message), 0) AS number
  FROM plugin_error e
  JOIN site s ON s.tenant_id = e.tenant_id
 WHERE ($1::text IS NULL OR s.slug = $1) AND ($2::text IS NULL OR e.plugin = $2)
   AND (NOT $4::boolean OR e.tripped_until > $5)
   AND e.last_at <= coalesce(to_timestamp($6::bigint / 1e6), 'infinity')
   AND (e.last_at, hashtextextended(concat_ws(' ', e.tenant_id, e.plugin, e.place, e.message), 0))
       < (coalesce(to_timestamp($6::bigint / 1e6), 'infinity'), coalesce($7::bigint, 0))
 ORDER BY e.last_at DESC, number DESC
 LIMIT $3;
