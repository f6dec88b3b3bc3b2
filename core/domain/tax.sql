-- name: tax_guard
SELECT vt_require(EXISTS (SELECT 1 FROM tax
         WHERE tenant_id = $1 AND tax_id = $2 AND version = $3 FOR UPDATE), 'tax_changed');

-- name: tax_add
INSERT INTO tax (tenant_id, tax_id, code, name, rate_ppm, included)
VALUES ($1, $2, $3, $4::jsonb, $5, $6);

-- name: tax_set
UPDATE tax SET name = $3::jsonb, rate_ppm = $4, included = $5, version = version + 1
 WHERE tenant_id = $1 AND tax_id = $2;

-- name: tax_guard_unused
SELECT vt_require(NOT EXISTS (SELECT 1 FROM offer WHERE tenant_id = $1 AND tax_id = $2), 'tax_in_use');

-- name: tax_remove
WITH removed AS (DELETE FROM tax WHERE tenant_id = $1 AND tax_id = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM removed), 'tax_gone');
