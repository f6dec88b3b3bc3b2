-- One page of the list, newest first, one row more than is shown.
-- name: coupons
SELECT c.coupon_id::text AS id, c.code, c.kind, c.value, c.uses, c.per_buyer, c.every_offer,
       c.archived, c.note,
       vt_us((c.from_date + time '12:00') AT TIME ZONE $5::text) AS from_us,
       vt_us((c.to_date + time '12:00') AT TIME ZONE $5::text) AS to_us,
       CASE WHEN c.archived THEN 'archived'
            WHEN c.from_date > t.today THEN 'early'
            WHEN c.to_date < t.today THEN 'late'
            WHEN c.uses <= u.used THEN 'used_up'
            ELSE 'running' END AS state,
       u.used
  FROM plugin_coupons.coupon c
 CROSS JOIN (SELECT (to_timestamp($4::bigint) AT TIME ZONE $5::text)::date AS today) t
 CROSS JOIN LATERAL (
       SELECT count(*) AS used
         FROM plugin_coupons.redemption r
        WHERE r.tenant_id = $1 AND r.coupon_id = c.coupon_id
          AND EXISTS (SELECT 1 FROM order_line l
                       WHERE l.tenant_id = r.tenant_id AND l.order_id = r.order_id
                         AND l.state IN ('paying', 'reserved', 'confirmed'))) u
 WHERE c.tenant_id = $1 AND c.archived = $2::boolean
   AND c.coupon_id < coalesce($3::bigint, 9223372036854775807)
 ORDER BY c.coupon_id DESC
 LIMIT 51;

-- name: coupon
SELECT c.coupon_id::text AS id, c.code, c.kind, c.value, c.uses, c.per_buyer, c.every_offer,
       c.archived, c.note, c.version, c.from_date::text AS "from", c.to_date::text AS "to",
       (SELECT json_agg(o.slug)
          FROM plugin_coupons.coupon_offer f
          JOIN offer o ON o.tenant_id = f.tenant_id AND o.offer_id = f.offer_id
         WHERE f.tenant_id = $1 AND f.coupon_id = c.coupon_id) AS offers
  FROM plugin_coupons.coupon c
 WHERE c.tenant_id = $1 AND c.coupon_id = $2;

-- name: offers
SELECT slug, title FROM offer
 WHERE tenant_id = $1 AND state IN ('draft', 'published')
 ORDER BY position, slug
 LIMIT 500;

-- Its history is kept under the number, from the first entry on.
-- name: next_id
SELECT vt_id()::text AS id WHERE $1::bigint IS NOT NULL;

-- name: insert_coupon
INSERT INTO plugin_coupons.coupon (tenant_id, coupon_id, code, code_folded, kind, value, from_date,
                                   to_date, uses, per_buyer, every_offer, note, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::date, $8::date, $9, $10, $11::boolean, $12,
        to_timestamp($13::bigint));

-- What a blueprint or a demo site brings: again is harmless.
-- name: seed_coupon
INSERT INTO plugin_coupons.coupon (tenant_id, code, code_folded, kind, value, from_date, to_date,
                                   uses, per_buyer, every_offer, created_at)
VALUES ($1, $2, $3, $4, $5, $6::date, $7::date, $8, $9, $10::boolean, to_timestamp($11::bigint))
ON CONFLICT (tenant_id, code_folded) DO NOTHING;

-- name: update_coupon
WITH changed AS (
    UPDATE plugin_coupons.coupon
       SET code = $4, code_folded = $5, kind = $6, value = $7, from_date = $8::date,
           to_date = $9::date, uses = $10, per_buyer = $11, every_offer = $12::boolean,
           note = $13, version = version + 1
     WHERE tenant_id = $1 AND coupon_id = $2 AND version = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: clear_offers
DELETE FROM plugin_coupons.coupon_offer f
 USING plugin_coupons.coupon c
 WHERE c.tenant_id = $1 AND c.code_folded = $2
   AND f.tenant_id = $1 AND f.coupon_id = c.coupon_id;

-- name: add_offers
INSERT INTO plugin_coupons.coupon_offer (tenant_id, coupon_id, offer_id)
SELECT c.tenant_id, c.coupon_id, o.offer_id
  FROM plugin_coupons.coupon c
  JOIN jsonb_array_elements_text($3::jsonb) AS wanted (slug) ON true
  JOIN offer o ON o.tenant_id = c.tenant_id AND o.slug = wanted.slug
 WHERE c.tenant_id = $1 AND c.code_folded = $2
ON CONFLICT DO NOTHING;

-- name: set_archived
WITH changed AS (
    UPDATE plugin_coupons.coupon SET archived = $3::boolean, version = version + 1
     WHERE tenant_id = $1 AND coupon_id = $2
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'unknown');

-- Orders that were bought with a coupon, by coupon. What it took off stands on the lines.
-- name: report
SELECT c.coupon_id::text AS id, c.code, count(*) AS orders,
       count(DISTINCT r.email_folded) AS buyers, sum(d.discount)::bigint AS discount_minor,
       sum(d.total)::bigint AS total_minor
  FROM plugin_coupons.redemption r
  JOIN plugin_coupons.coupon c ON c.tenant_id = r.tenant_id AND c.coupon_id = r.coupon_id
  JOIN orders b ON b.tenant_id = r.tenant_id AND b.order_id = r.order_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS lines, sum(l.total_minor) AS total,
              sum((SELECT coalesce(-sum((o ->> 'minor')::bigint), 0)
                     FROM jsonb_array_elements(l.discounts) o
                    WHERE o ->> 'source' = 'coupons')) AS discount
         FROM order_line l
        WHERE l.tenant_id = r.tenant_id AND l.order_id = r.order_id
          AND l.state IN ('reserved', 'confirmed')) d
 WHERE r.tenant_id = $1 AND d.lines > 0
   AND r.at >= ($2::date)::timestamp AT TIME ZONE $4::text
   AND r.at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
   AND b.plugin_data -> 'coupons' ->> 'coupon' = r.coupon_id::text
 GROUP BY c.coupon_id, c.code
 ORDER BY sum(d.discount) DESC, c.code
 LIMIT 500;

-- The last thirty days at the venue, for the report's first look.
-- name: last_days
SELECT (t.today - 29)::text AS "from", t.today::text AS "to"
  FROM site s
 CROSS JOIN LATERAL (SELECT (to_timestamp($2::bigint) AT TIME ZONE s.time_zone)::date AS today) t
 WHERE s.tenant_id = $1;
