-- name: office_resources
SELECT resource_id, name, kind FROM resource WHERE tenant_id = $1 ORDER BY position, resource_id;
