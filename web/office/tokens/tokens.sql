-- name: office_tokens
SELECT t.token_id::text AS token_id, t.name, t.start, t.scopes, s.name AS made_by, s.role,
       vt_us(t.created_at) AS created_us, vt_us(t.expires_at) AS expires_us, vt_us(t.used_at) AS used_us
  FROM api_token t
  JOIN staff s ON s.tenant_id = t.tenant_id AND s.staff_id = t.staff_id
 WHERE t.tenant_id = $1
 ORDER BY t.token_id DESC LIMIT 100;

-- name: office_token
SELECT t.token_id::text AS token_id, t.name, t.start, t.scopes, s.name AS made_by, s.role,
       vt_us(t.created_at) AS created_us, vt_us(t.expires_at) AS expires_us, vt_us(t.used_at) AS used_us
  FROM api_token t
  JOIN staff s ON s.tenant_id = t.tenant_id AND s.staff_id = t.staff_id
 WHERE t.tenant_id = $1 AND t.token_id = $2;
