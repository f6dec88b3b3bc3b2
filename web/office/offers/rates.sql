-- name: office_rates
SELECT rate_id, version, code, name, note, price_minor, position, archived
  FROM rate WHERE tenant_id = $1 AND offer_id = $2
 ORDER BY archived, position, rate_id LIMIT 100;
