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

-- Of one object only what was done by actions that begin like $5.
-- name: office_history_part
SELECT audit_id, vt_us(at) AS at_us, actor_kind, actor_name, action, before, after,
       object_kind, object_id
  FROM audit
 WHERE tenant_id = $1 AND object_kind = $2 AND object_id = $3
   AND audit_id < coalesce($4::bigint, 9223372036854775807)
   AND left(action, length($5)) = $5
 ORDER BY audit_id DESC LIMIT 21;

-- Of one object, and of all of a kind that its page lists.
-- name: office_history_and
SELECT audit_id, vt_us(at) AS at_us, actor_kind, actor_name, action, before, after,
       object_kind, object_id
  FROM audit
 WHERE tenant_id = $1 AND ((object_kind = $2 AND object_id = $3) OR object_kind = $5)
   AND audit_id < coalesce($4::bigint, 9223372036854775807)
 ORDER BY audit_id DESC LIMIT 21;
