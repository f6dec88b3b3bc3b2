-- A row for each of these customers ($2, in their order).
-- name: customers_export
SELECT c.customer_id AS number, c.first_name, c.last_name, c.email, c.phone, c.gender,
       c.birthdate::text AS birthdate, c.country, c.language,
       CASE WHEN c.registered_at IS NULL THEN 'none'
            WHEN c.verified_at IS NULL THEN 'registered' ELSE 'verified' END AS account,
       (SELECT string_agg(t.tag, ', ' ORDER BY t.tag_folded) FROM customer_tag t
         WHERE t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id) AS tags,
       vt_us(c.created_at) AS since, c.made_by, o.orders, o.booked
  FROM unnest($2::bigint[]) WITH ORDINALITY AS w (customer_id, place)
  JOIN customer c ON c.tenant_id = $1 AND c.customer_id = w.customer_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS orders, vt_us(max(x.placed_at)) AS booked
         FROM orders x
        WHERE x.tenant_id = c.tenant_id AND x.customer_id = c.customer_id
          AND x.placed_at IS NOT NULL) o
 ORDER BY w.place;
