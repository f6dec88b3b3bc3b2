-- name: office_resource_list
SELECT r.resource_id::text AS id, r.code, r.name, r.kind, r.archived, r.version,
       (SELECT count(*) FROM offer_resource f
          JOIN offer o ON o.tenant_id = $1 AND o.offer_id = f.offer_id AND o.state <> 'archived'
         WHERE f.tenant_id = $1 AND f.resource_id = r.resource_id) AS offers
  FROM resource r
 WHERE r.tenant_id = $1
 ORDER BY r.archived, r.position, r.resource_id
 LIMIT 500;
