-- name: token_end
SELECT t.name, t.start, t.staff_id, s.role
  FROM api_token t
  JOIN staff s ON s.tenant_id = t.tenant_id AND s.staff_id = t.staff_id
 WHERE t.tenant_id = $1 AND t.token_id = $2 AND t.expires_at > $3;
