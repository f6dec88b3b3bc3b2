-- Other times of an offer with places for so many ($4), the soonest first: not the slot $3 itself.
-- name: storefront_choice_times
SELECT s.slot_id, vt_us(s.starts_at) AS starts_us, s.places_left
  FROM offer o
 CROSS JOIN LATERAL (
       SELECT n.slot_id, n.starts_at, n.places_left
         FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min, $5,
                       $5::timestamptz + interval '180 days', $5) n
        WHERE n.is_free AND n.places_left >= $4::int AND n.slot_id <> $3
        ORDER BY n.starts_at LIMIT 60) s
 WHERE o.tenant_id = $1 AND o.offer_id = $2 AND o.state = 'published'
 ORDER BY s.starts_at, s.slot_id;
