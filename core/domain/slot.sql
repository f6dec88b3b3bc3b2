-- Uses of one resource never overlap: of those that begin before the end only the last can reach in.
-- name: slot_overlaps
SELECT e.name AS resource_name, f.resource_id, vt_us(a.from_at) AS from_at, vt_us(a.to_at) AS to_at,
       (SELECT o.title FROM offer o
         WHERE o.tenant_id = $1
           AND o.offer_id = (SELECT coalesce((SELECT s.offer_id FROM slot s
                                               WHERE s.tenant_id = $1 AND s.slot_id = a.slot_id),
                                             (SELECT l.offer_id FROM order_line l
                                               WHERE l.tenant_id = $1
                                                 AND l.line_id = a.line_id)))) AS title
  FROM offer_resource f
  JOIN resource e ON e.tenant_id = f.tenant_id AND e.resource_id = f.resource_id
 CROSS JOIN LATERAL (
       SELECT u.from_at, u.to_at, u.slot_id, u.line_id
         FROM allocation u
        WHERE u.tenant_id = $1 AND u.resource_id = f.resource_id AND u.from_at < (SELECT $4::timestamptz)
        ORDER BY u.from_at DESC LIMIT 1) a
 WHERE f.tenant_id = $1 AND f.offer_id = $2 AND a.to_at > $3
 ORDER BY e.position, a.from_at
 LIMIT 20;

-- name: slot_insert
WITH made AS (
    INSERT INTO slot (tenant_id, slot_id, offer_id, starts_at, ends_at, capacity, resources)
    VALUES ($1, $2, $3, $4, $5, $6, $7::bigint[])
    ON CONFLICT (tenant_id, offer_id, starts_at) DO NOTHING
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM made), 'changed');

-- What isn't exclusive has its resources from now on, or isn't made.
-- name: slot_allocate
INSERT INTO allocation (tenant_id, resource_id, slot_id, from_at, to_at)
SELECT s.tenant_id, f.resource_id, s.slot_id, s.starts_at,
       s.ends_at + make_interval(mins => o.buffer_min)
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id AND NOT o.exclusive
  JOIN offer_resource f ON f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2;
