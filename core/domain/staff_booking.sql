-- $3: today at the venue.
-- name: staff_booking_offer
SELECT o.state, o.duration_min, o.exclusive, o.opens_days_before, o.closes_min_before,
       o.min_per_order, o.max_per_order,
       EXISTS (SELECT 1
                 FROM channel c
                 JOIN profile p ON p.tenant_id = c.tenant_id AND p.channel_id = c.channel_id
                WHERE c.tenant_id = $1 AND c.kind = 'box_office' AND p.mode = 'sale'
                  AND (p.every_offer OR EXISTS (SELECT 1 FROM profile_offer f
                        WHERE f.tenant_id = p.tenant_id AND f.profile_id = p.profile_id
                          AND f.offer_id = $2))
                  AND (p.from_date IS NULL OR p.from_date <= $3::date)
                  AND (p.to_date IS NULL OR p.to_date >= $3::date)) AS sold
  FROM offer o
 WHERE o.tenant_id = $1 AND o.offer_id = $2;

-- Of each time that has a slot, what is left of it at $4. $5: of this resource alone; NULL: of all.
-- $6: lines that are taken to be gone. Like vt_slot_resources_free, one look back tells whether a
-- resource is free: its uses never overlap.
-- name: staff_booking_slots
SELECT w.number::int AS number, s.slot_id, s.state,
       s.capacity - s.taken
           + coalesce((SELECT sum(l.quantity)::int
                         FROM order_line l
                        WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
                          AND ((l.state IN ('held', 'paying') AND l.hold_until <= $4)
                               OR (l.state IN ('confirmed', 'reserved', 'held', 'paying')
                                   AND l.line_id = ANY ($6::bigint[])))), 0) AS places_left,
       (SELECT count(*)::int
          FROM offer_resource f
         WHERE f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id
           AND (s.resources IS NULL OR f.resource_id = ANY (s.resources))
           AND ($5::bigint IS NULL OR f.resource_id = $5)
           AND coalesce((SELECT a.to_at
                           FROM allocation a
                          WHERE a.tenant_id = f.tenant_id AND a.resource_id = f.resource_id
                            AND a.from_at < (SELECT s.ends_at + make_interval(mins => o.buffer_min))
                            AND (a.line_id IS NULL
                                 OR (a.line_id <> ALL ($6::bigint[])
                                     AND (SELECT (l.state IN ('held', 'paying')
                                                  AND l.hold_until <= $4) IS NOT TRUE
                                            FROM order_line l
                                           WHERE l.tenant_id = a.tenant_id
                                             AND l.line_id = a.line_id)))
                          ORDER BY a.from_at DESC LIMIT 1), '-infinity') <= s.starts_at)
           AS resources_free
  FROM offer o
 CROSS JOIN unnest($3::bigint[]) WITH ORDINALITY AS w (starts_us, number)
 CROSS JOIN LATERAL (
       SELECT t.tenant_id, t.offer_id, t.slot_id, t.state, t.capacity, t.taken, t.starts_at,
              t.ends_at, t.resources
         FROM slot t
        WHERE t.tenant_id = $1 AND t.offer_id = $2
          AND t.starts_at = (SELECT to_timestamp(w.starts_us / 1e6))
       OFFSET 0) s
 WHERE o.tenant_id = $1 AND o.offer_id = $2
 ORDER BY w.number;

-- Where the box office sells, and what the slots are of.
-- name: staff_booking_parts
SELECT s.slot_id, o.slug,
       (SELECT c.channel_id FROM channel c WHERE c.tenant_id = $1 AND c.kind = 'box_office'
         ORDER BY c.channel_id LIMIT 1) AS channel_id
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[]);
