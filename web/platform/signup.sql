-- name: signup_site
SELECT tenant_id, state FROM site WHERE slug = $1;

-- name: welcome_owner
SELECT email FROM staff WHERE tenant_id = $1 AND role = 'owner' ORDER BY staff_id LIMIT 1;

-- name: welcome_offers
SELECT count(*) AS offer_count FROM offer WHERE tenant_id = $1 AND state = 'published';
