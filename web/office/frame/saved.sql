-- The site's and, of $3, one's own.
-- name: saved_views
SELECT v.view_id, v.name, v.staff_id IS NULL AS shared, v.filter, v.version
  FROM (SELECT s.view_id, s.name, s.name_folded, s.staff_id, s.filter, s.version
          FROM saved_view s
         WHERE s.tenant_id = $1 AND s.list = $2 AND s.staff_id IS NULL
        UNION ALL
        SELECT s.view_id, s.name, s.name_folded, s.staff_id, s.filter, s.version
          FROM saved_view s
         WHERE s.tenant_id = $1 AND s.list = $2 AND s.staff_id = $3) v
 ORDER BY v.staff_id IS NOT NULL, v.name_folded, v.view_id;

-- $3 NULL: of the site.
-- name: saved_view_guard_count
SELECT vt_require(
    (SELECT count(*) FROM saved_view WHERE tenant_id = $1 AND list = $2
        AND coalesce(staff_id, 0) = coalesce($3::bigint, 0)) < $4::bigint, 'saved_many');

-- name: saved_view_insert
INSERT INTO saved_view (tenant_id, view_id, list, staff_id, name, name_folded, filter)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb);

-- name: saved_view_guard
SELECT vt_require(coalesce(
    (SELECT version FROM saved_view
      WHERE tenant_id = $1 AND view_id = $2 AND list = $3 FOR UPDATE) = $4::bigint, false),
    'saved_changed');

-- name: saved_view_update
UPDATE saved_view SET name = $3, name_folded = $4, staff_id = $5, version = version + 1
 WHERE tenant_id = $1 AND view_id = $2;

-- name: saved_view_delete
DELETE FROM saved_view WHERE tenant_id = $1 AND view_id = $2;
