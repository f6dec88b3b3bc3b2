-- name: token_load
SELECT t.token_id, t.name, t.scopes, t.staff_id, vt_us(t.expires_at) AS expires_us,
       vt_us(t.used_at) AS used_us, s.name AS staff_name, s.email AS staff_email, s.role
  FROM api_token t
  JOIN staff s ON s.tenant_id = t.tenant_id AND s.staff_id = t.staff_id
 WHERE t.tenant_id = $1 AND t.token_hash = decode($2, 'hex') AND t.expires_at > $3;

-- name: token_used
UPDATE api_token SET used_at = $3 WHERE tenant_id = $1 AND token_id = $2;

-- name: token_guard
SELECT vt_require(count(t.token_id) < $2, 'too_many_tokens')
  FROM (SELECT token_id FROM api_token WHERE tenant_id = $1 LIMIT $2) t;

-- name: token_add
INSERT INTO api_token (tenant_id, token_id, name, start, token_hash, scopes, staff_id, created_at,
                       expires_at)
VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7, $8, $9);

-- name: token_name
SELECT name FROM api_token WHERE tenant_id = $1 AND token_id = $2;

-- name: token_drop
WITH gone AS (DELETE FROM api_token WHERE tenant_id = $1 AND token_id = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'token_gone');
