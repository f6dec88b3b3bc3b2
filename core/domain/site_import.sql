-- name: site_import_reserve
INSERT INTO site (slug, skeleton, name, kind, currency, time_zone, languages, created_at)
VALUES ($1, $2, $3, '', 'EUR', 'UTC', '{en}', $4)
RETURNING tenant_id;
