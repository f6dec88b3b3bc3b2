-- name: edition_first
INSERT INTO edition (tenant_id, subject, version, value, at, actor_name)
VALUES ($1, $2, 0, $3::jsonb, $4, '')
ON CONFLICT (tenant_id, subject, version) DO NOTHING;

-- name: edition_add
INSERT INTO edition (tenant_id, subject, version, value, at, actor_name)
VALUES ($1, $2, $3, $4::jsonb, $5, $6);

-- name: edition_require
SELECT vt_require(
    (SELECT max(version) FROM edition WHERE tenant_id = $1 AND subject = $2) = $3,
    'edited_meanwhile');

-- name: edition_append
INSERT INTO edition (tenant_id, subject, version, value, at, actor_name)
SELECT $1, $2, coalesce(max(version), 0) + 1, $3::jsonb, $4, $5
  FROM edition WHERE tenant_id = $1 AND subject = $2;

-- name: edition_newest
SELECT version, value, vt_us(at) AS at_us, actor_name
  FROM edition WHERE tenant_id = $1 AND subject = $2 ORDER BY version DESC LIMIT $3;

-- name: edition_load
SELECT version, value, vt_us(at) AS at_us, actor_name
  FROM edition WHERE tenant_id = $1 AND subject = $2 AND version = $3;
