-- name: office_history
SELECT audit_id, vt_us(at) AS at_us, actor_kind, actor_name, action, before, after
  FROM audit
 WHERE tenant_id = $1 AND object_kind = $2 AND object_id = $3
   AND audit_id < coalesce($4::bigint, 9223372036854775807)
 ORDER BY audit_id DESC LIMIT 21;
