-- name: opening_write_hours
WITH saved AS (
    INSERT INTO opening (tenant_id, resource_id, hours) VALUES ($1, $2, $3::jsonb)
    ON CONFLICT (tenant_id, resource_id) DO UPDATE
       SET hours = excluded.hours, version = opening.version + 1
     WHERE opening.version = $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'changed');

-- name: opening_remove_hours
WITH gone AS (
    DELETE FROM opening
     WHERE tenant_id = $1 AND resource_id IS NOT DISTINCT FROM $2::bigint AND version = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'changed');

-- name: opening_insert_closure
INSERT INTO closure (tenant_id, closure_id, resource_id, kind, from_at, to_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb);

-- name: opening_update_closure
WITH saved AS (
    UPDATE closure
       SET resource_id = $3, kind = $4, from_at = $5, to_at = $6, reason = $7::jsonb,
           version = version + 1
     WHERE tenant_id = $1 AND closure_id = $2 AND version = $8
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'changed');

-- name: opening_delete_closure
DELETE FROM closure WHERE tenant_id = $1 AND closure_id = $2;
