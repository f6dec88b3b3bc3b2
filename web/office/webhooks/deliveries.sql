-- name: webhook_deliveries
SELECT d.delivery_id, d.state, d.tries, e.type, vt_us(d.created_at) AS created_us,
       vt_us(d.next_at) AS next_us, t.status, t.fault
  FROM webhook_delivery d
  JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id
  LEFT JOIN webhook_try t
    ON t.tenant_id = d.tenant_id AND t.delivery_id = d.delivery_id AND t.number = d.tries
 WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.delivery_id < $3::bigint
 ORDER BY d.delivery_id DESC LIMIT $4::int;

-- name: webhook_deliveries_of_state
SELECT d.delivery_id, d.state, d.tries, e.type, vt_us(d.created_at) AS created_us,
       vt_us(d.next_at) AS next_us, t.status, t.fault
  FROM webhook_delivery d
  JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id
  LEFT JOIN webhook_try t
    ON t.tenant_id = d.tenant_id AND t.delivery_id = d.delivery_id AND t.number = d.tries
 WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.delivery_id < $3::bigint AND d.state = $5
 ORDER BY d.delivery_id DESC LIMIT $4::int;

-- name: webhook_one_delivery
SELECT d.delivery_id, d.state, d.tries, e.type, e.body, e.event_id,
       vt_us(d.created_at) AS created_us, vt_us(d.next_at) AS next_us
  FROM webhook_delivery d
  JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id
 WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.delivery_id = $3;

-- name: webhook_tries
SELECT number, vt_us(at) AS at_us, took_ms, status, fault, answer
  FROM webhook_try WHERE tenant_id = $1 AND delivery_id = $2
 ORDER BY number DESC LIMIT 100;
