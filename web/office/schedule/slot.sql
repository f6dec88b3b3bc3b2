-- name: office_slot
SELECT s.slot_id, s.offer_id, vt_us(s.starts_at) AS starts_us, vt_us(s.ends_at) AS ends_us,
       s.capacity, s.taken, s.state, s.version, s.rule_id, o.title, o.exclusive,
       coalesce(
           (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM resource e
             WHERE e.tenant_id = s.tenant_id AND e.resource_id = ANY (s.resources)),
           (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM offer_resource f
              JOIN resource e ON e.tenant_id = f.tenant_id AND e.resource_id = f.resource_id
             WHERE f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id)) AS place
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2;

-- Who has something of a slot now.
-- name: office_slot_lines
SELECT l.line_id, l.order_id, l.quantity, l.state, l.rate_name, l.total_minor, o.code, o.name,
       o.placed_at IS NULL AS basket
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE l.tenant_id = $1 AND l.slot_id = $2
   AND l.state IN ('held', 'paying', 'reserved', 'confirmed')
   AND (l.hold_until IS NULL OR l.hold_until > $3)
 ORDER BY o.name, l.line_id
 LIMIT 500;
