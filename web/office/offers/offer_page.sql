-- What was done to an offer and its prices; $3: to these only. Prices are never removed.
-- name: office_offer_history
SELECT a.audit_id, vt_us(a.at) AS at_us, a.actor_kind, a.actor_name, a.action, a.before, a.after,
       a.object_kind, a.object_id,
       (SELECT r.name FROM rate r
         WHERE r.tenant_id = $1
           AND r.rate_id = CASE WHEN a.object_kind = 'rate' THEN a.object_id::bigint END) AS part
  FROM audit a
 WHERE a.tenant_id = $1
   AND ((a.object_kind = 'offer' AND a.object_id = $2
         AND (NOT $3::boolean OR left(a.action, 11) = 'offer.rate_'))
        OR (a.object_kind = 'rate'
            AND a.object_id = ANY (ARRAY(SELECT r.rate_id::text FROM rate r
                                          WHERE r.tenant_id = $1 AND r.offer_id = $2::text::bigint))))
   AND a.audit_id < coalesce($4::bigint, 9223372036854775807)
 ORDER BY a.audit_id DESC LIMIT 21;
