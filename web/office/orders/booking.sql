-- name: booking_offers
SELECT offer_id::text AS offer_id, slug, title FROM offer
 WHERE tenant_id = $1 AND state = 'published'
 ORDER BY position, offer_id
 LIMIT 300;

-- Times of a day, with the places that are left at $5.
-- name: booking_slots
SELECT s.slot_id::text AS slot_id, vt_us(s.starts_at) AS starts_us, s.places_left, s.is_free
  FROM offer o
 CROSS JOIN LATERAL vt_slots(o.tenant_id, o.offer_id, o.exclusive, o.buffer_min, $3::timestamptz,
                             $4::timestamptz, $5::timestamptz) s
 WHERE o.tenant_id = $1 AND o.offer_id = $2::bigint AND o.state = 'published'
 ORDER BY s.starts_at
 LIMIT 300;

-- name: booking_slot
SELECT s.slot_id::text AS slot_id, vt_us(s.starts_at) AS starts_us, o.offer_id::text AS offer_id,
       o.slug, o.title, o.min_per_order, o.max_per_order
  FROM slot s JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2::bigint AND s.state = 'open'
   AND o.state = 'published';

-- name: booking_rates
SELECT r.code, r.name, r.price_minor
  FROM slot s
  JOIN rate r ON r.tenant_id = s.tenant_id AND r.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2::bigint AND NOT r.archived
   AND (s.rate_codes IS NULL OR r.code = ANY (s.rate_codes))
 ORDER BY r.position, r.rate_id
 LIMIT 50;
