-- name: office_offer_categories
SELECT category_id, slug, name, position FROM category
 WHERE tenant_id = $1 ORDER BY position, category_id LIMIT 500;

-- name: office_offer_taxes
SELECT code, name, rate_ppm, included FROM tax WHERE tenant_id = $1 ORDER BY code LIMIT 100;

-- name: office_offer_resources
SELECT code, name, kind, archived FROM resource
 WHERE tenant_id = $1 ORDER BY position, code LIMIT 500;
