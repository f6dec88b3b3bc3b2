-- Slots that start between $2 and $3, and what was booked before its day was closed; places of holds
-- that have ended by $4 are free again.
-- name: office_slots
SELECT s.slot_id::text AS slot_id, vt_us(s.starts_at) AS starts_us, vt_us(s.ends_at) AS ends_us, o.title, s.capacity,
       s.taken - coalesce((SELECT sum(l.quantity) FROM order_line l
            WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
              AND l.state IN ('held', 'paying') AND l.hold_until <= $4), 0)::int AS taken
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3
   AND (s.state = 'open' OR (s.state = 'closed' AND s.taken > 0))
 ORDER BY s.starts_at, o.position
 LIMIT 500;

-- name: office_orders
SELECT count(*) AS order_count,
       coalesce(sum(total_minor - returned_minor), 0)::bigint AS sold_minor
  FROM orders WHERE tenant_id = $1 AND placed_at >= $2 AND placed_at < $3 AND NOT practice;

-- name: office_samples
SELECT count(*) AS samples FROM offer WHERE tenant_id = $1 AND state = 'published' AND sample;

-- What was placed on each day at the venue between $2 and $3, less what came back; rehearsals from
-- before the site went live are no sales.
-- name: office_days
SELECT ((placed_at AT TIME ZONE $4::text)::date)::text AS day, count(*) AS order_count,
       sum(total_minor - returned_minor)::bigint AS sold_minor
  FROM orders
 WHERE tenant_id = $1 AND placed_at >= $2 AND placed_at < $3 AND NOT practice
 GROUP BY 1
 ORDER BY 1;

-- Whether somebody else is to own the site: its owners should see it when they come in.
-- name: office_transfer
SELECT email FROM ownership_transfer WHERE tenant_id = $1 AND state = 'open';
