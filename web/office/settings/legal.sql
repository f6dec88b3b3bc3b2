-- name: office_taxes
SELECT tax_id::text AS tax_id, code, name, rate_ppm, included, version,
       (SELECT count(*) FROM offer o WHERE o.tenant_id = t.tenant_id AND o.tax_id = t.tax_id
           AND o.state <> 'archived') AS offers
  FROM tax t WHERE t.tenant_id = $1 ORDER BY t.rate_ppm DESC, t.code LIMIT 100;

-- name: office_tax
SELECT tax_id::text AS tax_id, code, name, rate_ppm, included, version
  FROM tax WHERE tenant_id = $1 AND tax_id = $2;

-- name: office_tax_offers
SELECT title, count(*) OVER () AS users FROM offer
 WHERE tenant_id = $1 AND tax_id = $2 ORDER BY state DESC, position LIMIT 3;
