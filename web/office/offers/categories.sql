-- name: office_categories
SELECT c.category_id, c.slug, c.name, c.position, c.version,
       (SELECT count(*) FROM offer o
         WHERE o.tenant_id = $1 AND o.category_id = c.category_id) AS offers
  FROM category c WHERE c.tenant_id = $1 ORDER BY c.position, c.category_id LIMIT 500;

-- name: office_category_insert
INSERT INTO category (tenant_id, category_id, slug, name, position)
SELECT $1::bigint, $2, $3, $4::jsonb, coalesce(max(position) + 1, 0)
  FROM category WHERE tenant_id = $1;

-- name: office_category_update
UPDATE category SET name = $4::jsonb, version = version + 1
 WHERE tenant_id = $1 AND category_id = $2
   AND vt_require(version = $3, 'changed');

-- name: office_category_delete
DELETE FROM category WHERE tenant_id = $1 AND category_id = $2;

-- name: office_category_swap
UPDATE category SET position = CASE category_id WHEN $2 THEN $5::int ELSE $4::int END
 WHERE tenant_id = $1 AND category_id = ANY (ARRAY[$2::bigint, $3::bigint]);
