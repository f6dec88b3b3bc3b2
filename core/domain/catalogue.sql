-- $1 site, $2 web channel, $3 now, $4 language, $5 the site's first language, $6 its zone.
-- Slots of an offer in a time are asked for by pairs (offer, start): that only the index of an
-- offer's slots can answer, while by start alone the planner may read those of all offers.

-- name: catalogue_cards
-- $7–$8 with slots from–to, $9 of a category, $10 of these ids, $11–$12 behind a position and id,
-- $13 how many, $14 first those of this offer's category. A row for each sale profile of an offer.
SELECT o.offer_id, o.slug, o.kind, o.exclusive, o.image, o.category_id, o.position, o.total,
       coalesce(nullif(o.title ->> $4, ''), o.title ->> $5) AS title,
       coalesce(nullif(o.line ->> $4, ''), o.line ->> $5) AS line,
       coalesce(nullif(o.image_alt ->> $4, ''), o.image_alt ->> $5) AS image_alt,
       vt_us(n.starts_at) AS soonest, n.places_left, n.capacity, p.soonest_minor, p.from_minor,
       n.slot_id IS NULL
       AND EXISTS (SELECT 1 FROM slot s
                    WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id AND s.state = 'open'
                      AND (s.offer_id, s.starts_at) >= (o.offer_id, w.from_at)
                      AND (s.offer_id, s.starts_at) < (o.offer_id, w.to_at)) AS sold_out
  FROM (SELECT a.offer_id, a.slug, a.kind, a.exclusive, a.buffer_min, a.image, a.category_id,
               a.position, a.title, a.line, a.image_alt, a.opens_days_before, a.closes_min_before,
               a.total, a.is_near
          FROM (SELECT o.offer_id, o.slug, o.kind, o.exclusive, o.buffer_min, o.image,
                       o.category_id, o.position, o.title, o.line, o.image_alt,
                       o.opens_days_before, o.closes_min_before, count(*) OVER () AS total,
                       coalesce(o.category_id = (SELECT c.category_id FROM offer c
                                                  WHERE c.tenant_id = $1 AND c.slug = $14),
                                false) AS is_near
                  FROM offer o
                 WHERE o.tenant_id = $1 AND o.state = 'published'
                   AND ($9::bigint IS NULL OR o.category_id = $9)
                   AND ($10::bigint[] IS NULL OR o.offer_id = ANY ($10))
                   AND EXISTS (SELECT 1 FROM profile p
                                WHERE p.tenant_id = $1 AND p.channel_id = $2 AND p.mode = 'sale'
                                  AND (p.every_offer
                                       OR EXISTS (SELECT 1 FROM profile_offer f
                                                   WHERE f.tenant_id = $1
                                                     AND f.profile_id = p.profile_id
                                                     AND f.offer_id = o.offer_id)))
                   AND ($7::timestamptz IS NULL
                        OR EXISTS (SELECT 1 FROM slot s
                                    WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id
                                      AND s.state = 'open'
                                      AND (s.offer_id, s.starts_at) >= (o.offer_id, $7)
                                      AND (s.offer_id, s.starts_at) < (o.offer_id, $8)))) a
         WHERE $11::int IS NULL OR (a.position, a.offer_id) > ($11, $12)
         ORDER BY a.is_near DESC, a.position, a.offer_id
         LIMIT $13) o
 CROSS JOIN LATERAL vt_sale_windows($1, $2, o.offer_id, o.opens_days_before, o.closes_min_before,
                                    $6, $3) w
  LEFT JOIN LATERAL (
       SELECT s.slot_id, s.starts_at, s.places_left, s.capacity, s.rate_codes,
              s.starts_at + interval '7 days' AS week_at
         FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min,
                       GREATEST(w.from_at, $7), LEAST(w.to_at, $8), $3) s
        WHERE s.is_free
        ORDER BY s.starts_at LIMIT 1) n ON true
 CROSS JOIN LATERAL (
       SELECT min(r.price_minor)
                  FILTER (WHERE n.rate_codes IS NULL OR r.code = ANY (n.rate_codes))
                  AS soonest_minor,
              min(r.price_minor)
                  FILTER (WHERE n.rate_codes IS NULL
                          OR EXISTS (SELECT 1 FROM slot x
                                      WHERE x.tenant_id = $1 AND x.offer_id = o.offer_id
                                        AND (x.offer_id, x.starts_at) >= (o.offer_id, n.starts_at)
                                        AND (x.offer_id, x.starts_at) < (o.offer_id, n.week_at)
                                        AND x.state = 'open' AND r.code = ANY (x.rate_codes)))
                  AS from_minor
         FROM rate r
        WHERE r.tenant_id = $1 AND r.offer_id = o.offer_id AND NOT r.archived) p
 ORDER BY o.is_near DESC, o.position, o.offer_id, n.starts_at;

-- name: catalogue_titles
-- What can be found by its words.
SELECT o.offer_id, coalesce(nullif(o.title ->> $4, ''), o.title ->> $5) AS title,
       coalesce(nullif(o.line ->> $4, ''), o.line ->> $5) AS line
  FROM offer o
 WHERE o.tenant_id = $1 AND o.state = 'published'
   AND EXISTS (SELECT 1 FROM vt_sale_windows($1, $2, o.offer_id, o.opens_days_before,
                                             o.closes_min_before, $6, $3))
 ORDER BY o.position, o.offer_id
 LIMIT 1000;

-- name: catalogue_slugs
SELECT o.slug
  FROM offer o
 WHERE o.tenant_id = $1 AND o.state = 'published'
   AND EXISTS (SELECT 1 FROM vt_sale_windows($1, $2, o.offer_id, o.opens_days_before,
                                             o.closes_min_before, $4, $3))
 ORDER BY o.position, o.offer_id
 LIMIT 5000;

-- name: catalogue_offer
-- $7 slug. A row for each sale profile of the offer, the one with the first free time first.
SELECT o.offer_id, o.slug, o.kind, o.exclusive, o.image, o.category_id, o.duration_min,
       o.capacity AS group_max, o.min_per_order, o.max_per_order, o.opens_days_before,
       coalesce(nullif(o.title ->> $4, ''), o.title ->> $5) AS title,
       coalesce(nullif(o.line ->> $4, ''), o.line ->> $5) AS line,
       coalesce(nullif(o.description ->> $4, ''), o.description ->> $5) AS description,
       coalesce(nullif(o.image_alt ->> $4, ''), o.image_alt ->> $5) AS image_alt,
       t.rate_ppm, t.included, coalesce(nullif(t.name ->> $4, ''), t.name ->> $5) AS tax_name,
       (SELECT string_agg(e.name, ', ' ORDER BY e.position)
          FROM offer_resource f
          JOIN resource e ON e.tenant_id = $1 AND e.resource_id = f.resource_id
         WHERE f.tenant_id = $1 AND f.offer_id = o.offer_id
        HAVING count(*) <= 3) AS place,
       (SELECT json_agg(f.resource_id::text) FROM offer_resource f
         WHERE f.tenant_id = $1 AND f.offer_id = o.offer_id) AS resources,
       vt_us(n.starts_at) AS soonest,
       (SELECT min(r.price_minor) FROM rate r
         WHERE r.tenant_id = $1 AND r.offer_id = o.offer_id AND NOT r.archived
           AND (n.rate_codes IS NULL
                OR EXISTS (SELECT 1 FROM slot x
                            WHERE x.tenant_id = $1 AND x.offer_id = o.offer_id
                              AND (x.offer_id, x.starts_at) >= (o.offer_id, n.starts_at)
                              AND (x.offer_id, x.starts_at) < (o.offer_id, n.week_at)
                              AND x.state = 'open' AND r.code = ANY (x.rate_codes)))) AS from_minor
  FROM offer o
  JOIN tax t ON t.tenant_id = $1 AND t.tax_id = o.tax_id
 CROSS JOIN LATERAL vt_sale_windows($1, $2, o.offer_id, o.opens_days_before, o.closes_min_before,
                                    $6, $3) w
  LEFT JOIN LATERAL (
       SELECT s.starts_at, s.rate_codes, s.starts_at + interval '7 days' AS week_at
         FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min, w.from_at, w.to_at, $3) s
        WHERE s.is_free
        ORDER BY s.starts_at LIMIT 1) n ON true
 WHERE o.tenant_id = $1 AND o.slug = $7 AND o.state = 'published'
 ORDER BY n.starts_at;

-- name: catalogue_shut
-- Why nothing of an offer is free: what there is in its windows, after them, at all. $5 slug.
SELECT EXISTS (SELECT 1 FROM slot s
                WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id AND s.state = 'open'
                  AND (s.offer_id, s.starts_at) >= (o.offer_id, w.from_at)
                  AND (s.offer_id, s.starts_at) < (o.offer_id, w.to_at)) AS sold_out,
       (SELECT vt_us(s.starts_at) FROM slot s
         WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id AND s.state = 'open'
           AND (s.offer_id, s.starts_at) >= (o.offer_id, w.to_at)
         ORDER BY s.starts_at LIMIT 1) AS not_yet,
       EXISTS (SELECT 1 FROM slot s
                WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id AND s.state = 'open') AS over
  FROM (SELECT o.offer_id, o.opens_days_before, o.closes_min_before
          FROM offer o
         WHERE o.tenant_id = $1 AND o.slug = $5 AND o.state = 'published' LIMIT 1) o
 CROSS JOIN LATERAL vt_sale_windows($1, $2, o.offer_id, o.opens_days_before, o.closes_min_before,
                                    $4, $3) w
 ORDER BY 1 DESC, 2;

-- name: catalogue_rates
-- $2 language, $3 first language, $4 slug.
SELECT r.code, coalesce(nullif(r.name ->> $2, ''), r.name ->> $3) AS name,
       nullif(coalesce(nullif(r.note ->> $2, ''), r.note ->> $3), '') AS note, r.price_minor
  FROM rate r
 WHERE r.tenant_id = $1 AND NOT r.archived
   AND r.offer_id = (SELECT o.offer_id FROM offer o WHERE o.tenant_id = $1 AND o.slug = $4)
 ORDER BY r.position, r.rate_id;

-- $4 zone, $5 slug.

-- name: catalogue_days
-- $6, $7 where days begin and end: 0 nothing on sale, 1 all taken, 2 something free.
SELECT max(coalesce((SELECT 2
                       FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min,
                                     GREATEST(w.from_at, d.from_at), LEAST(w.to_at, d.to_at),
                                     $3) s
                      WHERE s.is_free LIMIT 1),
                    (SELECT 1 FROM slot s
                      WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id AND s.state = 'open'
                        AND (s.offer_id, s.starts_at)
                            >= (o.offer_id, GREATEST(w.from_at, d.from_at))
                        AND (s.offer_id, s.starts_at) < (o.offer_id, LEAST(w.to_at, d.to_at))
                      LIMIT 1), 0)) AS state
  FROM (SELECT o.offer_id, o.exclusive, o.buffer_min, o.opens_days_before, o.closes_min_before
          FROM offer o
         WHERE o.tenant_id = $1 AND o.slug = $5 AND o.state = 'published' LIMIT 1) o
 CROSS JOIN LATERAL vt_sale_windows($1, $2, o.offer_id, o.opens_days_before, o.closes_min_before,
                                    $4, $3) w
 CROSS JOIN unnest($6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS d (from_at, to_at, n)
 GROUP BY d.n
 ORDER BY d.n;

-- name: catalogue_slots
-- $6–$7 from–to; without an end the day of the first free one from then on. At most $8.
SELECT s.slot_id, vt_us(s.starts_at) AS starts_at, s.places_left, s.capacity,
       array_to_string(s.rate_codes, ',') AS rate_codes
  FROM (SELECT o.offer_id, o.exclusive, o.buffer_min, o.opens_days_before, o.closes_min_before
          FROM offer o
         WHERE o.tenant_id = $1 AND o.slug = $5 AND o.state = 'published' LIMIT 1) o
 CROSS JOIN LATERAL (
       SELECT w.from_at, w.to_at,
              CASE WHEN $7::timestamptz IS NOT NULL THEN $6
                   ELSE coalesce((f.starts_at AT TIME ZONE $4)::date::timestamp AT TIME ZONE $4,
                                 'infinity') END AS first_at,
              coalesce($7, ((f.starts_at AT TIME ZONE $4)::date + 1)::timestamp AT TIME ZONE $4)
                  AS last_at
         FROM vt_sale_windows($1, $2, o.offer_id, o.opens_days_before, o.closes_min_before, $4,
                              $3) w
         LEFT JOIN LATERAL (SELECT s.starts_at
                              FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min,
                                            GREATEST(w.from_at, $6), w.to_at, $3) s
                             WHERE s.is_free
                             ORDER BY s.starts_at LIMIT 1) f ON $7::timestamptz IS NULL
       OFFSET 0) w
 CROSS JOIN LATERAL (
       SELECT s.slot_id, s.starts_at, s.places_left, s.capacity, s.rate_codes
         FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min,
                       GREATEST(w.from_at, w.first_at), LEAST(w.to_at, w.last_at), $3) s
        ORDER BY s.starts_at LIMIT $8) s
 ORDER BY s.starts_at, s.slot_id
 LIMIT $8;

-- name: catalogue_next
-- The first free one from $6 on.
SELECT vt_us(s.starts_at) AS starts_at
  FROM (SELECT o.offer_id, o.exclusive, o.buffer_min, o.opens_days_before, o.closes_min_before
          FROM offer o
         WHERE o.tenant_id = $1 AND o.slug = $5 AND o.state = 'published' LIMIT 1) o
 CROSS JOIN LATERAL vt_sale_windows($1, $2, o.offer_id, o.opens_days_before, o.closes_min_before,
                                    $4, $3) w
 CROSS JOIN LATERAL (SELECT s.starts_at
                       FROM vt_slots($1, o.offer_id, o.exclusive, o.buffer_min,
                                     GREATEST(w.from_at, $6), w.to_at, $3) s
                      WHERE s.is_free
                      ORDER BY s.starts_at LIMIT 1) s
 ORDER BY s.starts_at LIMIT 1;

-- name: catalogue_slot_start
-- $2 slug, $3 slot.
SELECT vt_us(s.starts_at) AS starts_at
  FROM slot s
 WHERE s.tenant_id = $1 AND s.slot_id = $3
   AND s.offer_id = (SELECT o.offer_id FROM offer o WHERE o.tenant_id = $1 AND o.slug = $2);
