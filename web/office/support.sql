-- Who of the platform was here, latest first, and how many changes were made meanwhile.
-- name: office_visits
SELECT v.access_id, v.operator_name, v.reason, vt_us(v.started_at) AS started_us,
       vt_us(coalesce(v.ended_at, v.ends_at)) AS ends_us, v.ended_at IS NOT NULL AS ended,
       v.token_hash IS NOT NULL AS entered,
       (SELECT count(*) FROM audit a
         WHERE v.token_hash IS NOT NULL AND a.tenant_id = v.tenant_id AND a.actor_kind = 'support'
           AND a.actor_id = v.operator_id AND a.audit_id > v.access_id
           AND a.at <= coalesce(v.ended_at, v.ends_at)
           AND a.object_kind <> 'support') AS steps
  FROM support_access v
 WHERE v.tenant_id = $1 AND v.access_id < $2::bigint
 ORDER BY v.access_id DESC LIMIT $3;
