-- The slots of some days, with what is booked of each.
-- name: office_change_slots
SELECT s.slot_id, s.offer_id, vt_us(s.starts_at) AS starts_us, s.version, s.state, o.title,
       (SELECT count(DISTINCT l.order_id) FROM order_line l
         WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('reserved', 'confirmed')) AS orders,
       (SELECT coalesce(sum(l.quantity), 0) FROM order_line l
         WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('reserved', 'confirmed')) AS places,
       (SELECT coalesce(sum(l.total_minor), 0)::bigint FROM order_line l
         WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('reserved', 'confirmed')) AS total_minor
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[])
 ORDER BY s.starts_at, s.slot_id;

-- name: office_change
SELECT c.kind, c.slots, c.reason, c.actor_name, vt_us(c.created_at) AS created_us,
       (SELECT count(*) FROM slot_change_row w
         WHERE w.tenant_id = c.tenant_id AND w.change_id = c.change_id) AS every,
       (SELECT count(*) FROM slot_change_row w
         WHERE w.tenant_id = c.tenant_id AND w.change_id = c.change_id
           AND w.state = 'waiting') AS waiting
  FROM slot_change c
 WHERE c.tenant_id = $1 AND c.change_id = $2;

-- name: office_change_rows
SELECT w.order_id, w.state, w.code AS why, w.total_minor, o.code, o.name
  FROM slot_change_row w
  JOIN orders o ON o.tenant_id = w.tenant_id AND o.order_id = w.order_id
 WHERE w.tenant_id = $1 AND w.change_id = $2
 ORDER BY w.order_id
 LIMIT 500;
