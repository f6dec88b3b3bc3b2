-- Theirs, and what was booked with an address that is shown to be theirs ($3, or NULL). `until_us`:
-- when the last booking that is still to come at $4 is over; NULL: there is none.
-- name: erasure_orders
WITH theirs AS (
    SELECT order_id FROM orders
     WHERE tenant_id = $1 AND customer_id = $2 AND placed_at IS NOT NULL
    UNION
    SELECT order_id FROM orders
     WHERE tenant_id = $1 AND customer_id = $2 AND placed_at IS NULL
    UNION
    SELECT order_id FROM orders
     WHERE tenant_id = $1 AND email_folded = $3 AND customer_id IS NULL)
SELECT t.order_id, vt_us(max(l.ends_at)) AS until_us
  FROM theirs t
  LEFT JOIN order_line l ON l.tenant_id = $1 AND l.order_id = t.order_id
       AND l.ends_at > $4 AND l.cancelled_at IS NULL
       AND l.state IN ('option', 'reserved', 'paying', 'confirmed')
 GROUP BY t.order_id
 ORDER BY t.order_id;

-- name: erasure_address
SELECT EXISTS (SELECT 1 FROM customer
                WHERE tenant_id = $1 AND email_folded = $3 AND customer_id <> $2) AS shared;

-- Nobody else has come to have it since it was looked at.
-- name: erasure_address_guard
SELECT vt_require(NOT EXISTS (SELECT 1 FROM customer
                               WHERE tenant_id = $1 AND email_folded = $3 AND customer_id <> $2),
                  'customer_changed');

-- name: erasure_order
SELECT o.customer_id, vt_us(max(l.ends_at)) AS until_us
  FROM orders o
  LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
       AND l.ends_at > $3 AND l.cancelled_at IS NULL
       AND l.state IN ('option', 'reserved', 'paying', 'confirmed')
 WHERE o.tenant_id = $1 AND o.order_id = $2
 GROUP BY o.customer_id;

-- name: erasure_bookings
SELECT o.code, l.title, l.rate_name, l.quantity, vt_us(l.starts_at) AS starts_us,
       vt_us(l.ends_at) AS ends_us, count(*) OVER () AS bookings
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE l.tenant_id = $1 AND l.customer_id = $2 AND l.ends_at > $3 AND l.placed_at IS NOT NULL
   AND l.cancelled_at IS NULL AND l.state IN ('option', 'reserved', 'paying', 'confirmed')
 ORDER BY l.ends_at, l.line_id
 LIMIT 50;

-- name: erasure_guard
WITH locked AS (
    SELECT version FROM customer WHERE tenant_id = $1 AND customer_id = $2 FOR UPDATE)
SELECT vt_require(EXISTS (SELECT 1 FROM locked), 'customer_gone'),
       vt_require($3::bigint = 0 OR (SELECT version FROM locked) = $3, 'customer_changed');

-- What is still to come stands as a guest's.
-- name: erasure_let_go
WITH gone AS (
    UPDATE orders SET customer_id = NULL, session_id = NULL
     WHERE tenant_id = $1 AND order_id = ANY ($2::bigint[]))
UPDATE order_line SET customer_id = NULL
 WHERE tenant_id = $1 AND order_id = ANY ($2::bigint[]);

-- name: erasure_mails
SELECT job_id FROM mail
 WHERE tenant_id = $1 AND (order_id = ANY ($2::bigint[]) OR customer_id = $3);

-- What done jobs were about; the last mail's own may still wait.
-- name: erasure_done_jobs
UPDATE job SET payload = '{}', last_error = NULL
 WHERE tenant_id = $1 AND state IN ('done', 'failed')
   AND kind IN ('notification.send', 'plugin.job', 'text_message.send')
   AND (strpos(payload::text, $2) > 0 OR payload ->> 'to' = $3);

-- name: erasure_waiting_jobs
DELETE FROM job
 WHERE tenant_id = $1 AND state = 'waiting' AND kind IN ('notification.send', 'text_message.send')
   AND payload ->> 'key' IS DISTINCT FROM 'customer_deleted'
   AND (strpos(payload::text, $2) > 0 OR payload ->> 'to' = $3);

-- A mail server's refusal quotes the address.
-- name: erasure_job_errors
UPDATE job SET last_error = NULL
 WHERE tenant_id = $1 AND state IN ('done', 'failed') AND last_error IS NOT NULL
   AND payload ->> 'order_id' = ANY ($2::bigint[]::text[]);
