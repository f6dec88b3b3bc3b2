-- $2 state (absent: all but archived), $3 category, $4 folded words, $5–$6 behind a position and
-- number, $7 how many, $8 now.
-- name: office_offers
SELECT o.offer_id, o.position, o.slug, o.kind, o.state, o.sample, o.image, o.title,
       c.name AS category, p.from_minor, p.rate_count, vt_us(n.starts_at) AS next_us
  FROM offer o
  LEFT JOIN category c ON c.tenant_id = $1 AND c.category_id = o.category_id
 CROSS JOIN LATERAL (SELECT min(r.price_minor) AS from_minor, count(*) AS rate_count
                       FROM rate r
                      WHERE r.tenant_id = $1 AND r.offer_id = o.offer_id AND NOT r.archived) p
  LEFT JOIN LATERAL (SELECT s.starts_at FROM slot s
                      WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id AND s.state = 'open'
                        AND s.starts_at > $8
                      ORDER BY s.starts_at LIMIT 1) n ON true
 WHERE o.tenant_id = $1
   AND CASE WHEN $2::text IS NULL THEN o.state <> 'archived' ELSE o.state = $2 END
   AND ($3::text IS NULL OR c.slug = $3)
   AND ($4::text IS NULL OR position($4 IN o.slug) > 0
        OR EXISTS (SELECT 1 FROM jsonb_each_text(o.title) t WHERE position($4 IN lower(t.value)) > 0))
   AND ($5::bigint IS NULL OR (o.position::bigint, o.offer_id) > ($5::bigint, $6::bigint))
 ORDER BY o.position, o.offer_id
 LIMIT $7;
