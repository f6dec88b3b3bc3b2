-- name: webhook_latest
SELECT d.delivery_id::text AS delivery_id, d.state, d.tries, e.type,
       vt_us(d.created_at) AS created_us
  FROM webhook_delivery d
  JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id
 WHERE d.tenant_id = $1 AND d.endpoint_id = $2
 ORDER BY d.delivery_id DESC LIMIT 5;
