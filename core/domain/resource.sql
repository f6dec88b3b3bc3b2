-- Locked against offers that take it up meanwhile.
-- name: resource_guard
SELECT vt_require(coalesce((SELECT version FROM resource
                             WHERE tenant_id = $1 AND resource_id = $2 FOR UPDATE) = $3, false),
                  'resource_changed');

-- name: resource_guard_count
SELECT vt_require((SELECT count(*) FROM resource WHERE tenant_id = $1) < $2::bigint,
                  'resource_many');

-- name: resource_add
INSERT INTO resource (tenant_id, resource_id, code, name, kind, position)
SELECT $1::bigint, $2, $3, $4, $5, coalesce(max(position) + 1, 0) FROM resource WHERE tenant_id = $1;

-- name: resource_set
UPDATE resource SET name = $3, kind = $4, version = version + 1
 WHERE tenant_id = $1 AND resource_id = $2;

-- name: resource_guard_unused
SELECT vt_require(
           NOT EXISTS (SELECT 1 FROM offer_resource f
                         JOIN offer o ON o.tenant_id = $1 AND o.offer_id = f.offer_id
                        WHERE f.tenant_id = $1 AND f.resource_id = $2 AND o.state <> 'archived')
           AND NOT EXISTS (SELECT 1 FROM allocation a
                             LEFT JOIN order_line l
                               ON l.tenant_id = $1 AND l.line_id = a.line_id
                             LEFT JOIN slot s ON s.tenant_id = $1 AND s.slot_id = a.slot_id
                            WHERE a.tenant_id = $1 AND a.resource_id = $2
                              AND a.from_at > $3::timestamptz - interval '8 days' AND a.to_at > $3
                              AND (s.taken > 0 OR l.hold_until > $3
                                   OR l.state IN ('reserved', 'confirmed'))),
           'resource_in_use');

-- name: resource_set_archived
UPDATE resource SET archived = $3, version = version + 1 WHERE tenant_id = $1 AND resource_id = $2;

-- name: resource_guard_never_used
SELECT vt_require(
           NOT EXISTS (SELECT 1 FROM offer_resource WHERE tenant_id = $1 AND resource_id = $2)
           AND NOT EXISTS (SELECT 1 FROM allocation WHERE tenant_id = $1 AND resource_id = $2),
           'resource_in_use');

-- name: resource_remove
DELETE FROM resource WHERE tenant_id = $1 AND resource_id = $2;

-- Equal positions, as a number of sites may have them, still change places.
-- name: resource_swap
UPDATE resource e
   SET position = CASE e.resource_id WHEN $2 THEN p.first
                                     ELSE GREATEST(p.last, p.first + 1) END
  FROM (SELECT min(position) AS first, max(position) AS last FROM resource
         WHERE tenant_id = $1 AND resource_id = ANY (ARRAY[$2::bigint, $3::bigint])) p
 WHERE e.tenant_id = $1 AND e.resource_id = ANY (ARRAY[$2::bigint, $3::bigint]);

-- name: resource_offers
SELECT o.offer_id::text AS offer_id, o.title, o.state
  FROM offer_resource f
  JOIN offer o ON o.tenant_id = $1 AND o.offer_id = f.offer_id
 WHERE f.tenant_id = $1 AND f.resource_id = $2
 ORDER BY o.state = 'archived', o.position, o.offer_id
 LIMIT 500;

-- A use of a resource ends within eight days.
-- name: resource_bookings
SELECT (SELECT count(*) FROM (
            SELECT 1 FROM allocation a
              LEFT JOIN order_line l ON l.tenant_id = $1 AND l.line_id = a.line_id
              LEFT JOIN slot s ON s.tenant_id = $1 AND s.slot_id = a.slot_id
             WHERE a.tenant_id = $1 AND a.resource_id = $2
               AND a.from_at > $3::timestamptz - interval '8 days' AND a.to_at > $3
               AND (s.taken > 0 OR l.hold_until > $3 OR l.state IN ('reserved', 'confirmed'))
             LIMIT 1000) n) AS bookings,
       (SELECT count(*) FROM (
            SELECT 1 FROM allocation a WHERE a.tenant_id = $1 AND a.resource_id = $2
             LIMIT 1000) n) AS ever;
