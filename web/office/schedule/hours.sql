-- name: office_resources
SELECT resource_id, name, kind FROM resource
 WHERE tenant_id = $1 AND NOT archived
 ORDER BY position, resource_id;

-- One that was put away stays with its closure.
-- name: office_closure_resources
SELECT r.resource_id, r.name, r.kind FROM resource r
 WHERE r.tenant_id = $1
   AND (NOT r.archived OR EXISTS (SELECT 1 FROM closure c
                                   WHERE c.tenant_id = $1 AND c.resource_id = r.resource_id))
 ORDER BY r.position, r.resource_id;
