-- name: offer_load
SELECT o.offer_id, o.version, o.state, o.sample, o.image,
       (SELECT count(*) FROM rate r
         WHERE r.tenant_id = $1 AND r.offer_id = o.offer_id AND NOT r.archived) AS rate_count,
       json_build_object(
           'title', o.title, 'line', o.line, 'description', o.description,
           'image_alt', o.image_alt, 'kind', o.kind,
           'category', (SELECT c.slug FROM category c
                         WHERE c.tenant_id = $1 AND c.category_id = o.category_id),
           'tax', (SELECT t.code FROM tax t WHERE t.tenant_id = $1 AND t.tax_id = o.tax_id),
           'slug', o.slug, 'duration_min', o.duration_min,
           'buffer_min', o.buffer_min, 'capacity', o.capacity, 'exclusive', o.exclusive,
           'resources', (SELECT coalesce(jsonb_agg(e.code ORDER BY e.position, e.code), '[]')
                           FROM offer_resource f
                           JOIN resource e
                             ON e.tenant_id = $1 AND e.resource_id = f.resource_id
                          WHERE f.tenant_id = $1 AND f.offer_id = o.offer_id),
           'min_per_order', o.min_per_order, 'max_per_order', o.max_per_order,
           'opens_days_before', o.opens_days_before, 'closes_min_before', o.closes_min_before)
           AS doc
  FROM offer o
 WHERE o.tenant_id = $1 AND o.offer_id = $2;

-- name: offer_guard
SELECT vt_require(coalesce((SELECT version FROM offer
                             WHERE tenant_id = $1 AND offer_id = $2 FOR UPDATE) = $3, false),
                  'offer_changed');

-- What the object refers to by name must be there: $2 category or NULL, $3 tax.
-- name: offer_check_names
SELECT vt_require(
           ($2::text IS NULL
            OR EXISTS (SELECT 1 FROM category WHERE tenant_id = $1 AND slug = $2))
           AND EXISTS (SELECT 1 FROM tax WHERE tenant_id = $1 AND code = $3),
           'offer_gone');

-- name: offer_insert
INSERT INTO offer (tenant_id, offer_id, slug, kind, state, category_id, tax_id, title, line,
                   description, image_alt, duration_min, buffer_min, capacity, exclusive,
                   min_per_order, max_per_order, opens_days_before, closes_min_before, position)
SELECT $1, $2, d.slug, d.kind, 'draft',
       (SELECT category_id FROM category WHERE tenant_id = $1 AND slug = d.category),
       (SELECT tax_id FROM tax WHERE tenant_id = $1 AND code = d.tax),
       d.title, d.line, d.description, d.image_alt, d.duration_min, d.buffer_min, d.capacity,
       d.exclusive, d.min_per_order, d.max_per_order, d.opens_days_before, d.closes_min_before,
       (SELECT coalesce(max(position) + 1, 0) FROM offer WHERE tenant_id = $1)
  FROM jsonb_to_record($3::jsonb) AS d (slug text, kind text, category text, tax text, title jsonb,
       line jsonb, description jsonb, image_alt jsonb, duration_min int, buffer_min int,
       capacity int, exclusive boolean, min_per_order int, max_per_order int,
       opens_days_before int, closes_min_before int);

-- name: offer_update
UPDATE offer o
   SET slug = d.slug, kind = d.kind,
       category_id = (SELECT category_id FROM category WHERE tenant_id = $1 AND slug = d.category),
       tax_id = (SELECT tax_id FROM tax WHERE tenant_id = $1 AND code = d.tax),
       title = d.title, line = d.line, description = d.description, image_alt = d.image_alt,
       duration_min = d.duration_min, buffer_min = d.buffer_min, capacity = d.capacity,
       exclusive = d.exclusive, min_per_order = d.min_per_order,
       max_per_order = d.max_per_order, opens_days_before = d.opens_days_before,
       closes_min_before = d.closes_min_before,
       version = o.version + 1
  FROM jsonb_to_record($3::jsonb) AS d (slug text, kind text, category text, tax text, title jsonb,
       line jsonb, description jsonb, image_alt jsonb, duration_min int, buffer_min int,
       capacity int, exclusive boolean, min_per_order int, max_per_order int,
       opens_days_before int, closes_min_before int)
 WHERE o.tenant_id = $1 AND o.offer_id = $2;

-- name: offer_clear_resources
DELETE FROM offer_resource WHERE tenant_id = $1 AND offer_id = $2;

-- name: offer_set_resources
INSERT INTO offer_resource (tenant_id, offer_id, resource_id)
SELECT $1::bigint, $2::bigint, e.resource_id
  FROM jsonb_array_elements_text($3::jsonb -> 'resources') AS n (code)
  JOIN resource e ON e.tenant_id = $1 AND e.code = n.code AND NOT e.archived
   FOR KEY SHARE OF e;

-- Times to come let go of what their offer no longer uses. Those that were given something else keep
-- that.
-- name: offer_release_resources
DELETE FROM allocation a
 USING slot s
 WHERE s.tenant_id = $1 AND s.offer_id = $2 AND s.starts_at > $3 AND s.resources IS NULL
   AND a.tenant_id = $1 AND a.slot_id = s.slot_id
   AND NOT EXISTS (SELECT 1 FROM offer_resource f
                    WHERE f.tenant_id = $1 AND f.offer_id = $2
                      AND f.resource_id = a.resource_id);

-- Times to come that had the offer's number of places get its new one, unless more are taken.
-- name: offer_resize_slots
UPDATE slot SET capacity = $4
 WHERE tenant_id = $1 AND offer_id = $2 AND starts_at > $5 AND capacity = $3::int AND taken <= $4;

-- name: offer_check_rates
SELECT vt_require(EXISTS (SELECT 1 FROM rate
                           WHERE tenant_id = $1 AND offer_id = $2 AND NOT archived),
                  'offer_incomplete');

-- name: offer_check_resources
SELECT vt_require(NOT EXISTS (SELECT 1 FROM offer_resource f
                                JOIN resource e
                                  ON e.tenant_id = $1 AND e.resource_id = f.resource_id
                               WHERE f.tenant_id = $1 AND f.offer_id = $2 AND e.archived),
                  'offer_resource_archived');

-- name: offer_set_state
UPDATE offer SET state = $3, version = version + 1 WHERE tenant_id = $1 AND offer_id = $2;

-- name: offer_set_image
UPDATE offer SET image = $3, version = version + 1
 WHERE tenant_id = $1 AND offer_id = $2;

-- name: offer_delete_slots
DELETE FROM slot WHERE tenant_id = $1 AND offer_id = $2;

-- name: offer_delete
DELETE FROM offer WHERE tenant_id = $1 AND offer_id = $2;

-- $4 version, 0: a new one, which takes the next position.
-- name: offer_rate_guard
SELECT vt_require($4 = 0
                  OR coalesce((SELECT version FROM rate
                                WHERE tenant_id = $1 AND rate_id = $3 AND offer_id = $2
                                  FOR UPDATE) = $4, false),
                  'offer_changed');

-- name: offer_rate_insert
INSERT INTO rate (tenant_id, rate_id, offer_id, code, name, note, price_minor, archived, position)
SELECT $1, $3, $2, d.code, d.name, d.note, d.price_minor, d.archived,
       (SELECT coalesce(max(position) + 1, 0) FROM rate WHERE tenant_id = $1 AND offer_id = $2)
  FROM jsonb_to_record($4::jsonb) AS d (code text, name jsonb, note jsonb, price_minor bigint,
       archived boolean);

-- name: offer_rate_update
UPDATE rate r
   SET name = d.name, note = d.note, price_minor = d.price_minor, archived = d.archived,
       version = r.version + 1
  FROM jsonb_to_record($4::jsonb) AS d (name jsonb, note jsonb, price_minor bigint,
       archived boolean)
 WHERE r.tenant_id = $1 AND r.offer_id = $2 AND r.rate_id = $3;

-- name: offer_uses
SELECT (SELECT count(*) FROM (
            SELECT 1 FROM slot s
              JOIN order_line l ON l.tenant_id = $1 AND l.slot_id = s.slot_id
             WHERE s.tenant_id = $1 AND s.offer_id = $2 LIMIT 1000) n) AS lines,
       (SELECT count(*) FROM (
            SELECT 1 FROM slot s
              JOIN order_line l ON l.tenant_id = $1 AND l.slot_id = s.slot_id
               AND l.state IN ('paying', 'reserved', 'confirmed')
             WHERE s.tenant_id = $1 AND s.offer_id = $2 AND s.starts_at > $3 LIMIT 1000) n)
           AS ahead,
       (SELECT count(*) FROM profile_offer
         WHERE tenant_id = $1 AND offer_id = $2) AS profiles;
