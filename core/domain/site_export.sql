-- name: site_export_room
SELECT vt_require(count(*) < $2::int, 'site_export_many')
  FROM site_export
 WHERE tenant_id = $1 AND created_at > $3 AND state IN ('waiting', 'running');

-- Those of more than a week go when the next one is asked for, or the site's day begins.
-- name: site_export_clean
DELETE FROM site_export WHERE tenant_id = $1 AND created_at < $2;

-- name: site_export_insert
INSERT INTO site_export (tenant_id, export_id, operator_id, operator_name, created_at)
VALUES ($1, $2, $3, $4, $5);

-- name: site_export_list
SELECT tenant_id, export_id, operator_name, state, rows_done, size, why,
       vt_us(created_at) AS created_us
  FROM site_export WHERE tenant_id = $1 ORDER BY export_id DESC LIMIT 20;

-- name: site_export_find
SELECT tenant_id, export_id, operator_name, state, rows_done, size, why,
       vt_us(created_at) AS created_us
  FROM site_export WHERE tenant_id = $1 AND export_id = $2;

-- name: site_export_tell
UPDATE site_export SET state = 'running', rows_done = $3
 WHERE tenant_id = $1 AND export_id = $2 AND state IN ('waiting', 'running');

-- name: site_export_drop_parts
DELETE FROM site_export_part WHERE tenant_id = $1 AND export_id = $2;

-- name: site_export_add_part
INSERT INTO site_export_part (tenant_id, export_id, number, bytes)
VALUES ($1, $2, $3, decode($4, 'hex'));

-- name: site_export_end
UPDATE site_export SET state = $3, rows_done = $4, size = $5, why = $6, finished_at = $7
 WHERE tenant_id = $1 AND export_id = $2 AND state IN ('waiting', 'running');

-- name: site_export_part
SELECT translate(encode(bytes, 'base64'), E'\n', '') AS bytes
  FROM site_export_part WHERE tenant_id = $1 AND export_id = $2 AND number = $3;
