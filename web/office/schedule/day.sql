-- Slots that begin from $2 to $3; places of holds that have run out by $4 are free again.
-- name: office_day_slots
SELECT s.slot_id, s.offer_id, vt_us(s.starts_at) AS starts_us, vt_us(s.ends_at) AS ends_us, o.title,
       o.exclusive, s.capacity, s.state, s.resources::text AS resources, s.rule_id IS NULL AS single,
       CASE WHEN s.taken = 0 THEN 0
            ELSE s.taken - coalesce((SELECT sum(l.quantity) FROM order_line l
                    WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
                      AND l.state IN ('held', 'paying') AND l.hold_until <= $4), 0)::int
       END AS taken
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3
 ORDER BY s.starts_at, o.position, s.slot_id
 LIMIT 2500;

-- Who uses a resource in a slot: those who booked it.
-- name: office_day_uses
SELECT a.resource_id, l.slot_id, o.name, o.code
  FROM resource e
  JOIN allocation a ON a.tenant_id = e.tenant_id AND a.resource_id = e.resource_id
       AND a.from_at >= $2 AND a.from_at < $3
  JOIN order_line l ON l.tenant_id = a.tenant_id AND l.line_id = a.line_id
       AND (l.hold_until IS NULL OR l.hold_until > $4)
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE e.tenant_id = $1
 LIMIT 2500;

-- What was put away shows on the days when it was in use.
-- name: office_day_resources
SELECT r.resource_id, r.name, r.kind FROM resource r
 WHERE r.tenant_id = $1
   AND (NOT r.archived OR EXISTS (SELECT 1 FROM allocation a
                                   WHERE a.tenant_id = $1 AND a.resource_id = r.resource_id
                                     AND a.from_at >= $2 AND a.from_at < $3))
 ORDER BY r.position, r.resource_id;

-- name: office_day_links
SELECT offer_id, resource_id FROM offer_resource WHERE tenant_id = $1;

-- name: office_schedule_offers
SELECT offer_id, title, duration_min, exclusive
  FROM offer
 WHERE tenant_id = $1 AND state IN ('draft', 'published')
 ORDER BY state DESC, position, offer_id
 LIMIT 500;
