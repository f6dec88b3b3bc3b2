-- $2 category, $3 tax, $4 resources.
-- name: office_preview_names
SELECT (SELECT category_id FROM category WHERE tenant_id = $1 AND slug = $2) AS category_id,
       t.name AS tax_name, t.rate_ppm, t.included,
       (SELECT string_agg(e.name, ', ' ORDER BY e.position)
          FROM resource e
         WHERE e.tenant_id = $1 AND e.code = ANY ($4::text[])
        HAVING count(*) <= 3) AS place
  FROM tax t WHERE t.tenant_id = $1 AND t.code = $3;

-- name: office_preview_rates
SELECT code, name, note, price_minor FROM rate
 WHERE tenant_id = $1 AND offer_id = $2 AND NOT archived ORDER BY position, rate_id LIMIT 100;
