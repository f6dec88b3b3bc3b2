-- A use counts while its order carries the coupon and is being paid, is reserved or bought, or
-- waits for a payment provider's word.

-- Everything there is to say of a code that was typed in.
-- name: coupon_by_code
SELECT c.coupon_id, c.code, c.kind, c.value, c.every_offer, c.archived, c.uses, c.per_buyer,
       coalesce(c.from_date > t.today, false) AS is_early,
       coalesce(c.to_date < t.today, false) AS is_late,
       vt_us((c.from_date + time '12:00') AT TIME ZONE $4::text) AS from_us,
       vt_us((c.to_date + time '12:00') AT TIME ZONE $4::text) AS to_us,
       vt_us((c.to_date + 1)::timestamp AT TIME ZONE $4::text) AS ends_us,
       (SELECT json_agg(o.slug)
          FROM plugin_coupons.coupon_offer f
          JOIN offer o ON o.tenant_id = f.tenant_id AND o.offer_id = f.offer_id
         WHERE f.tenant_id = $1 AND f.coupon_id = c.coupon_id) AS offers,
       u.used, u.used_by_buyer
  FROM plugin_coupons.coupon c
 CROSS JOIN (SELECT (to_timestamp($3::bigint) AT TIME ZONE $4::text)::date AS today) t
 CROSS JOIN LATERAL (
       SELECT count(*) AS used, count(*) FILTER (WHERE r.email_folded = $5) AS used_by_buyer
         FROM plugin_coupons.redemption r
         JOIN orders b ON b.tenant_id = r.tenant_id AND b.order_id = r.order_id
        WHERE r.tenant_id = $1 AND r.coupon_id = c.coupon_id AND r.order_id <> $6
          AND b.plugin_data -> 'coupons' ->> 'coupon' = r.coupon_id::text
          AND (EXISTS (SELECT 1 FROM order_line l
                        WHERE l.tenant_id = r.tenant_id AND l.order_id = r.order_id
                          AND l.state IN ('paying', 'reserved', 'confirmed'))
               OR EXISTS (SELECT 1 FROM payment p
                           WHERE p.tenant_id = r.tenant_id AND p.order_id = r.order_id
                             AND p.state = 'started' AND p.refund_of IS NULL))) u
 WHERE c.tenant_id = $1 AND c.code_folded = $2;

-- Buyers of one coupon go one after the other from here on; the count that follows sees what those
-- before have committed.
-- name: lock
SELECT coupon_id FROM plugin_coupons.coupon
 WHERE tenant_id = $1 AND coupon_id = $2
   FOR NO KEY UPDATE;

-- name: redeem
WITH coupon AS (
    SELECT c.archived, c.from_date, c.to_date, c.uses, c.per_buyer,
           (to_timestamp($5::bigint) AT TIME ZONE $6::text)::date AS today
      FROM plugin_coupons.coupon c
     WHERE c.tenant_id = $1 AND c.coupon_id = $2),
counting AS (
    SELECT r.email_folded
      FROM plugin_coupons.redemption r
      JOIN orders b ON b.tenant_id = r.tenant_id AND b.order_id = r.order_id
     WHERE r.tenant_id = $1 AND r.coupon_id = $2 AND r.order_id <> $3
       AND b.plugin_data -> 'coupons' ->> 'coupon' = r.coupon_id::text
       AND (EXISTS (SELECT 1 FROM order_line l
                     WHERE l.tenant_id = r.tenant_id AND l.order_id = r.order_id
                       AND l.state IN ('paying', 'reserved', 'confirmed'))
            OR EXISTS (SELECT 1 FROM payment p
                        WHERE p.tenant_id = r.tenant_id AND p.order_id = r.order_id
                          AND p.state = 'started' AND p.refund_of IS NULL))),
kept AS (
    INSERT INTO plugin_coupons.redemption (tenant_id, order_id, coupon_id, email_folded, at)
    VALUES ($1, $3, $2, $4, to_timestamp($5::bigint))
    ON CONFLICT (tenant_id, order_id) DO UPDATE
       SET coupon_id = excluded.coupon_id, email_folded = excluded.email_folded,
           at = excluded.at)
SELECT vt_require(EXISTS (SELECT 1 FROM coupon WHERE NOT archived), 'coupons.archived'),
       vt_require(NOT EXISTS (SELECT 1 FROM coupon WHERE from_date > today), 'coupons.early'),
       vt_require(NOT EXISTS (SELECT 1 FROM coupon WHERE to_date < today), 'coupons.late'),
       vt_require(NOT EXISTS (SELECT 1 FROM coupon
           WHERE uses <= (SELECT count(*) FROM counting)), 'coupons.used_up'),
       vt_require(NOT EXISTS (SELECT 1 FROM coupon
           WHERE per_buyer <= (SELECT count(*) FROM counting WHERE email_folded = $4)),
           'coupons.used_by_you');

-- Of orders that went to a payment page, once, and never came back.
-- name: forget_buyers
UPDATE plugin_coupons.redemption r SET email_folded = ''
  FROM jsonb_array_elements_text($2::jsonb) AS forgotten (order_id)
  JOIN orders o ON o.tenant_id = $1 AND o.order_id = forgotten.order_id::bigint
 WHERE r.tenant_id = $1 AND r.order_id = o.order_id AND o.placed_at IS NULL;
