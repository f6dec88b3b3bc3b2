-- name: site_import_room
SELECT vt_require(count(*) < $2, 'upload_many')
  FROM site_import WHERE created_at > $1 AND state IN ('uploading', 'waiting', 'running');

-- name: site_import_insert
INSERT INTO site_import (import_id, operator_id, operator_name, file_name, size, created_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: site_import_advance
UPDATE site_import SET received = received + $4::bigint
 WHERE import_id = $1 AND operator_id = $2 AND state = 'uploading'
   AND vt_require(received = $3::bigint AND received + $4::bigint <= size, 'upload_elsewhere')
RETURNING 1;

-- name: site_import_add_part
INSERT INTO site_import_part (import_id, position, bytes)
SELECT import_id, $3, decode($4, 'hex')
  FROM site_import WHERE import_id = $1 AND operator_id = $2 AND state = 'uploading';

-- name: site_import_go
WITH gone AS (
    UPDATE site_import SET state = 'waiting', slug = $3
     WHERE import_id = $1 AND operator_id = $2 AND state = 'uploading' AND received = size
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'upload_elsewhere');

-- name: site_import_find
SELECT import_id, size, received, rows_done, state, file_name, slug, code, why, operator_name,
       operator_id, site_number, vt_us(created_at) AS created_us
  FROM site_import WHERE import_id = $1;

-- name: site_import_list
SELECT import_id, size, received, rows_done, state, file_name, slug, code, why, operator_name,
       operator_id, site_number, vt_us(created_at) AS created_us
  FROM site_import WHERE state <> 'uploading' ORDER BY import_id DESC LIMIT 20;

-- name: site_import_next_part
SELECT position, translate(encode(bytes, 'base64'), E'\n', '') AS bytes
  FROM site_import_part WHERE import_id = $1 AND position >= $2 ORDER BY position LIMIT 1;

-- name: site_import_tell
UPDATE site_import SET state = 'running', rows_done = $2
 WHERE import_id = $1 AND state IN ('waiting', 'running');

-- name: site_import_keep_number
UPDATE site_import SET site_number = $2, slug = $3 WHERE import_id = $1;

-- name: site_import_state_of
SELECT state FROM site WHERE tenant_id = $1;

-- name: site_import_end
UPDATE site_import SET state = $2, code = $3, why = $4, rows_done = $5, finished_at = $6
 WHERE import_id = $1 AND state IN ('waiting', 'running');

-- name: site_import_drop_parts
DELETE FROM site_import_part WHERE import_id = $1;

-- Uploads that nobody finished, after a day; the list, after a month.
-- name: site_import_clean
DELETE FROM site_import
 WHERE import_id IN (SELECT import_id FROM site_import
                      WHERE created_at < $1 AND (state = 'uploading' OR created_at < $2)
                      ORDER BY created_at LIMIT 100);
