-- name: offer_own
UPDATE offer SET sample = false WHERE tenant_id = $1 AND offer_id = $2 AND sample;

-- name: offer_own_of_slots
UPDATE offer SET sample = false
 WHERE tenant_id = $1 AND sample
   AND offer_id IN (SELECT s.offer_id FROM slot s
                     WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[]));

-- name: offer_own_of_resource
UPDATE offer SET sample = false
 WHERE tenant_id = $1 AND sample
   AND offer_id IN (SELECT f.offer_id FROM offer_resource f
                     WHERE f.tenant_id = $1 AND f.resource_id = $2);
