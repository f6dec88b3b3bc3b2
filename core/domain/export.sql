-- name: export_room
SELECT vt_require(count(*) < $3::int, 'export_many')
  FROM export
 WHERE tenant_id = $1 AND staff_id = $2 AND state IN ('waiting', 'running');

-- name: export_insert
INSERT INTO export (tenant_id, export_id, staff_id, kind, format, filter, language, practice,
                    created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: export_find
SELECT tenant_id, export_id, staff_id, kind, format, state, filter, language, practice, rows_done, rows_all,
       size, vt_us(created_at) AS created_us, vt_us(finished_at) AS finished_us
  FROM export
 WHERE tenant_id = $1 AND export_id = $2 AND ($3::bigint IS NULL OR staff_id = $3);

-- name: export_list
SELECT tenant_id, export_id, staff_id, kind, format, state, filter, language, practice, rows_done, rows_all,
       size, vt_us(created_at) AS created_us, vt_us(finished_at) AS finished_us
  FROM export
 WHERE tenant_id = $1 AND staff_id = $2
 ORDER BY export_id DESC
 LIMIT $3::int;

-- name: export_begin
WITH begun AS (
    UPDATE export SET state = 'running', rows_done = 0, rows_all = $3
     WHERE tenant_id = $1 AND export_id = $2 AND state IN ('waiting', 'running')
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM begun), 'export_over');

-- name: export_progress
UPDATE export SET rows_done = $3
 WHERE tenant_id = $1 AND export_id = $2 AND state = 'running';

-- name: export_end
WITH ended AS (
    UPDATE export SET state = 'done', rows_done = $3, size = $4, finished_at = $5
     WHERE tenant_id = $1 AND export_id = $2 AND state = 'running'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM ended), 'export_over');

-- name: export_add_part
INSERT INTO export_part (tenant_id, export_id, number, bytes)
VALUES ($1, $2, $3, decode($4, 'hex'));

-- name: export_fail
UPDATE export SET state = 'failed', finished_at = $3
 WHERE tenant_id = $1 AND export_id = $2 AND state IN ('waiting', 'running');

-- name: export_part
SELECT translate(encode(p.bytes, 'base64'), E'\n', '') AS bytes
  FROM export_part p
 WHERE p.tenant_id = $1 AND p.export_id = $2 AND p.number = $3;
