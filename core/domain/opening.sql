-- name: opening_hours
SELECT resource_id, hours, version FROM opening WHERE tenant_id = $1;

-- name: opening_closures
SELECT c.closure_id, c.resource_id, c.kind, vt_us(c.from_at) AS from_at, vt_us(c.to_at) AS to_at,
       c.reason, c.version, e.name AS resource_name
  FROM closure c
  LEFT JOIN resource e ON e.tenant_id = c.tenant_id AND e.resource_id = c.resource_id
 WHERE c.tenant_id = $1 AND c.to_at > $2
 ORDER BY c.to_at, c.closure_id
 LIMIT 2000;
