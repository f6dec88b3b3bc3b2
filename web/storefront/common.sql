-- name: common_basket
SELECT vt_us(b.hold_until) AS hold_until,
       (SELECT sum(l.quantity) FROM order_line l
         WHERE l.tenant_id = $1 AND l.order_id = b.order_id AND l.state <> 'cancelled') AS places
  FROM orders b
 WHERE b.tenant_id = $1 AND b.session_id = $2 AND b.placed_at IS NULL
 ORDER BY b.order_id DESC LIMIT 1;
