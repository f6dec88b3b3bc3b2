-- name: categories
SELECT c.category_id::text AS id, c.name, c.kind, c.value, c.every_offer,
       (SELECT count(*) FROM plugin_customer_categories.member m
         WHERE m.tenant_id = c.tenant_id AND m.category_id = c.category_id) AS members
  FROM plugin_customer_categories.category c
 WHERE c.tenant_id = $1 AND c.archived = $2::boolean
 ORDER BY c.category_id
 LIMIT 100;

-- name: category
SELECT c.category_id::text AS id, c.name, c.kind, c.value, c.every_offer, c.archived, c.version,
       (SELECT json_agg(o.slug)
          FROM plugin_customer_categories.category_offer f
          JOIN offer o ON o.tenant_id = f.tenant_id AND o.offer_id = f.offer_id
         WHERE f.tenant_id = $1 AND f.category_id = c.category_id) AS offers
  FROM plugin_customer_categories.category c
 WHERE c.tenant_id = $1 AND c.category_id = $2;

-- name: offers
SELECT slug, title FROM offer
 WHERE tenant_id = $1 AND state IN ('draft', 'published')
 ORDER BY position, slug
 LIMIT 500;

-- name: rates
SELECT r.rate_id::text AS id, o.title, r.name, r.price_minor, p.price_minor AS own_minor
  FROM offer o
  JOIN rate r ON r.tenant_id = o.tenant_id AND r.offer_id = o.offer_id
  LEFT JOIN plugin_customer_categories.category_price p
       ON p.tenant_id = r.tenant_id AND p.rate_id = r.rate_id AND p.category_id = $2
 WHERE o.tenant_id = $1 AND o.state IN ('draft', 'published') AND r.archived = false
 ORDER BY o.position, o.slug, r.rate_id
 LIMIT 500;

-- Its history is kept under the number, from the first entry on.
-- name: next_id
SELECT vt_id()::text AS id WHERE $1::bigint IS NOT NULL;

-- name: insert_category
INSERT INTO plugin_customer_categories.category
       (tenant_id, category_id, name, kind, value, every_offer, created_at)
VALUES ($1, $2, $3::jsonb, $4, $5, $6::boolean, to_timestamp($7::bigint));

-- name: update_category
WITH changed AS (
    UPDATE plugin_customer_categories.category
       SET name = $4::jsonb, kind = $5, value = $6, every_offer = $7::boolean,
           version = version + 1
     WHERE tenant_id = $1 AND category_id = $2 AND version = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: raise_version
UPDATE plugin_customer_categories.category SET version = version + 1
 WHERE tenant_id = $1 AND category_id = $2;

-- name: clear_offers
DELETE FROM plugin_customer_categories.category_offer WHERE tenant_id = $1 AND category_id = $2;

-- name: add_offers
INSERT INTO plugin_customer_categories.category_offer (tenant_id, category_id, offer_id)
SELECT o.tenant_id, $2, o.offer_id
  FROM jsonb_array_elements_text($3::jsonb) AS wanted (slug)
  JOIN offer o ON o.tenant_id = $1 AND o.slug = wanted.slug
ON CONFLICT DO NOTHING;

-- name: set_price
WITH known AS (
    INSERT INTO plugin_customer_categories.category_price
           (tenant_id, category_id, rate_id, price_minor)
    SELECT tenant_id, $2, rate_id, $4::bigint FROM rate WHERE tenant_id = $1 AND rate_id = $3
    ON CONFLICT (tenant_id, category_id, rate_id) DO UPDATE SET price_minor = excluded.price_minor
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM known), 'gone');

-- name: clear_price
DELETE FROM plugin_customer_categories.category_price
 WHERE tenant_id = $1 AND category_id = $2 AND rate_id = $3;

-- name: set_archived
WITH changed AS (
    UPDATE plugin_customer_categories.category
       SET archived = $3::boolean, version = version + 1
     WHERE tenant_id = $1 AND category_id = $2 AND archived <> $3::boolean
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- What a blueprint or a demo site brings: again is harmless.
-- name: seed_category
WITH made AS (
    INSERT INTO plugin_customer_categories.category
           (tenant_id, seed, name, kind, value, every_offer, created_at)
    VALUES ($1, $2, $3::jsonb, $4, $5, $6::jsonb IS NULL, to_timestamp($7::bigint))
    ON CONFLICT (tenant_id, seed) DO NOTHING
    RETURNING category_id)
INSERT INTO plugin_customer_categories.category_offer (tenant_id, category_id, offer_id)
SELECT $1, m.category_id, o.offer_id
  FROM made m, jsonb_array_elements_text($6::jsonb) AS wanted (slug)
  JOIN offer o ON o.tenant_id = $1 AND o.slug = wanted.slug;
