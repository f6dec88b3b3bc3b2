-- name: upload_clean
DELETE FROM upload WHERE tenant_id = $1 AND created_at < $2;

-- name: upload_room
SELECT vt_require(count(*) < $2, 'upload_many') FROM upload WHERE tenant_id = $1;

-- name: upload_insert
INSERT INTO upload (tenant_id, upload_id, staff_id, name, size, created_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: upload_find
SELECT size, received FROM upload WHERE tenant_id = $1 AND upload_id = $2 AND staff_id = $3;

-- name: upload_advance
UPDATE upload SET received = received + $4::bigint
 WHERE tenant_id = $1 AND upload_id = $2
   AND vt_require(received = $3::bigint AND received + $4::bigint <= size, 'upload_elsewhere');

-- name: upload_part
INSERT INTO upload_part (tenant_id, upload_id, position, bytes)
VALUES ($1, $2, $3, decode($4, 'hex'));

-- name: upload_read
SELECT position, translate(encode(bytes, 'base64'), E'\n', '') AS bytes
  FROM upload_part WHERE tenant_id = $1 AND upload_id = $2 AND position >= $3
 ORDER BY position LIMIT 1;

-- name: upload_end
DELETE FROM upload WHERE tenant_id = $1 AND upload_id = $2;
