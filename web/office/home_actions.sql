-- What waits for somebody of the venue, each as the list that Today leads to shows it.

-- name: home_refused
SELECT count(*) AS count
  FROM payment p
  JOIN orders o ON o.tenant_id = p.tenant_id AND o.order_id = p.order_id
 WHERE p.tenant_id = $1 AND p.refund_of IS NOT NULL AND p.state = 'refused' AND NOT o.practice;

-- Who couldn't be helped when a time was moved, cancelled or lost its court, and is in it still.
-- name: home_left_over
SELECT count(DISTINCT o.order_id) AS count
  FROM slot_change_row w
  JOIN orders o ON o.tenant_id = w.tenant_id AND o.order_id = w.order_id
 WHERE w.tenant_id = $1 AND w.state = 'failed' AND NOT o.practice
   AND EXISTS (SELECT 1 FROM order_line l
                WHERE l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)
                  AND l.state IN ('reserved', 'confirmed'));

-- name: home_asks
SELECT count(*) AS count FROM customer_email_wish WHERE tenant_id = $1;

-- name: home_paused
SELECT count(DISTINCT plugin) AS count FROM plugin_error
 WHERE tenant_id = $1 AND tripped_until > $2;

-- name: home_stopped
SELECT count(*) AS count FROM webhook_endpoint WHERE tenant_id = $1 AND state = 'failed';
