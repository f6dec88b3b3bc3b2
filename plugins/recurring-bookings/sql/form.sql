-- name: form_offers
SELECT o.offer_id::text AS id, o.title, o.exclusive
  FROM offer o
 WHERE o.tenant_id = $1 AND o.state = 'published'
 ORDER BY o.position, o.offer_id
 LIMIT 300;

-- name: form_resources
SELECT r.resource_id::text AS id, r.name
  FROM offer_resource f
  JOIN resource r ON r.tenant_id = f.tenant_id AND r.resource_id = f.resource_id
 WHERE f.tenant_id = $1 AND f.offer_id = $2
 ORDER BY r.position, r.resource_id
 LIMIT 300;

-- name: form_rates
SELECT r.code, r.name, r.price_minor
  FROM rate r
 WHERE r.tenant_id = $1 AND r.offer_id = $2 AND NOT r.archived
 ORDER BY r.position, r.rate_id
 LIMIT 50;

-- Times of the day that an offer has in the five weeks from $3 (µs) on, and what is left of each on
-- the day $4 at this moment, $5.
-- name: form_times
WITH venue AS (SELECT time_zone FROM site WHERE tenant_id = $1),
times AS (
    SELECT DISTINCT to_char(s.starts_at AT TIME ZONE venue.time_zone, 'HH24:MI') AS time_text
      FROM venue
     CROSS JOIN slot s
     WHERE s.tenant_id = $1 AND s.offer_id = $2 AND s.state = 'open'
       AND s.starts_at >= to_timestamp($3::bigint / 1e6)
       AND s.starts_at < to_timestamp($3::bigint / 1e6) + interval '35 days'),
day AS (
    SELECT to_char(s.starts_at AT TIME ZONE venue.time_zone, 'HH24:MI') AS time_text,
           CASE WHEN s.is_free THEN s.places_left ELSE 0 END AS places_left
      FROM venue
      JOIN offer o ON o.tenant_id = $1 AND o.offer_id = $2
     CROSS JOIN LATERAL vt_slots(o.tenant_id, o.offer_id, o.exclusive, o.buffer_min,
                                 ($4::date)::timestamp AT TIME ZONE venue.time_zone,
                                 ($4::date + 1)::timestamp AT TIME ZONE venue.time_zone,
                                 to_timestamp($5::bigint / 1e6)) s)
SELECT t.time_text, d.places_left
  FROM times t
  LEFT JOIN day d ON d.time_text = t.time_text
 ORDER BY t.time_text
 LIMIT 300;

-- name: form_today
SELECT to_char(to_timestamp($2::bigint / 1e6) AT TIME ZONE time_zone, 'YYYY-MM-DD') AS today
  FROM site WHERE tenant_id = $1;

-- Customers found by the beginning of a name or an address: $2 <= term < $3.
-- name: form_customers
SELECT c.customer_id::text AS id, c.first_name, c.last_name, c.email, c.phone, c.language
  FROM customer c
 WHERE c.tenant_id = $1
   AND c.customer_id = ANY (ARRAY(
       SELECT t.object_id FROM search_term t
        WHERE t.tenant_id = $1 AND t.kind = 'customer' AND t.term >= $2 AND t.term < $3
        LIMIT 20))
 ORDER BY c.last_name, c.first_name, c.customer_id
 LIMIT 10;

-- name: form_customers_by_email
SELECT c.customer_id::text AS id, c.first_name, c.last_name, c.email, c.phone, c.language
  FROM customer c
 WHERE c.tenant_id = $1 AND c.email_folded = $2
 ORDER BY c.customer_id
 LIMIT 10;

-- name: form_customer
SELECT c.customer_id::text AS id, c.first_name, c.last_name, c.email, c.phone, c.language
  FROM customer c WHERE c.tenant_id = $1 AND c.customer_id = $2;
