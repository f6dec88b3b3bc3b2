-- name: media_room
SELECT vt_require(coalesce(sum(size), 0) + $2 <= $3, 'file_full') FROM file WHERE tenant_id = $1;

-- name: media_insert
INSERT INTO file (tenant_id, name, kind, size, bytes, created_at)
VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6)
ON CONFLICT (tenant_id, name) DO NOTHING;

-- name: media_load
SELECT kind, translate(encode(bytes, 'base64'), E'\n', '') AS bytes
  FROM file WHERE tenant_id = $1 AND name = $2;
