-- What the page of one customer shows beside the record.

-- name: customer_bookings
SELECT l.line_id, o.code, l.title, l.rate_name, l.quantity, l.state, l.total_minor,
       l.no_show_at IS NOT NULL AS no_show, vt_us(l.starts_at) AS starts_us,
       vt_us(l.ends_at) AS ends_us
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE l.tenant_id = $1 AND l.customer_id = $2 AND l.placed_at IS NOT NULL
   AND ($3::timestamptz IS NULL OR (l.ends_at, l.line_id) < ($3, $4::bigint))
 ORDER BY l.ends_at DESC, l.line_id DESC
 LIMIT $5::int;

-- name: customer_wish
SELECT email, reason, vt_us(asked_at) AS asked_us FROM customer_email_wish
 WHERE tenant_id = $1 AND customer_id = $2;
