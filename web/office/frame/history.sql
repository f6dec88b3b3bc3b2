-- name: office_history
SELECT audit_id, vt_us(at) AS at_us, actor_kind, actor_name, action, before, after,
       object_kind, object_id
  FROM audit
 WHERE tenant_id = $1 AND object_kind = $2 AND object_id = $3
   AND audit_id < coalesce($4::bigint, 9223372036854775807)
 ORDER BY audit_id DESC LIMIT 21;

-- Of all objects of a kind, those that are gone too.
-- name: office_histories
SELECT audit_id, vt_us(at) AS at_us, actor_kind, actor_name, action, before, after,
       object_kind, object_id
  FROM audit
 WHERE tenant_id = $1 AND object_kind = $2
   AND audit_id < coalesce($3::bigint, 9223372036854775807)
 ORDER BY audit_id DESC LIMIT 21;
