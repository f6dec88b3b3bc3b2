-- A customer's lines, not orders: a mixed order stands in both lists, each with its own. The two
-- parts of the key that follow the last row are NULL for the first page.

-- name: account_upcoming
SELECT l.line_id, o.code, l.title, l.rate_name, l.quantity, l.state, l.total_minor,
       vt_us(l.starts_at) AS starts_us, vt_us(l.ends_at) AS ends_us, f.slug, f.image,
       vt_us(l.ends_at) AS key_us
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
  JOIN offer f ON f.tenant_id = l.tenant_id AND f.offer_id = l.offer_id
 WHERE l.tenant_id = $1 AND l.customer_id = $2 AND l.ends_at > $3 AND l.cancelled_at IS NULL
   AND l.placed_at IS NOT NULL
   AND ($4::timestamptz IS NULL OR (l.ends_at, l.line_id) > ($4, $5::bigint))
 ORDER BY l.ends_at, l.line_id LIMIT 21;

-- name: account_previous
SELECT l.line_id, o.code, l.title, l.rate_name, l.quantity, l.state, l.total_minor,
       vt_us(l.starts_at) AS starts_us, vt_us(l.ends_at) AS ends_us, f.slug, f.image,
       vt_us(l.ends_at) AS key_us
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
  JOIN offer f ON f.tenant_id = l.tenant_id AND f.offer_id = l.offer_id
 WHERE l.tenant_id = $1 AND l.customer_id = $2 AND (l.ends_at <= $3 OR l.cancelled_at IS NOT NULL)
   AND l.placed_at IS NOT NULL
   AND ($4::timestamptz IS NULL OR (l.ends_at, l.line_id) < ($4, $5::bigint))
 ORDER BY l.ends_at DESC, l.line_id DESC LIMIT 21;

-- Of what was bought here, at the desk or by telephone; other shops of the site have their own.
-- name: account_tickets
SELECT l.line_id, o.code, l.title, l.rate_name, l.quantity, l.state, l.total_minor,
       vt_us(l.starts_at) AS starts_us, vt_us(l.ends_at) AS ends_us, f.slug, f.image,
       vt_us(l.ends_at) AS key_us
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
  JOIN channel c ON c.tenant_id = o.tenant_id AND c.channel_id = o.channel_id
  JOIN offer f ON f.tenant_id = l.tenant_id AND f.offer_id = l.offer_id
 WHERE l.tenant_id = $1 AND l.customer_id = $2 AND l.placed_at IS NOT NULL
   AND (o.channel_id = $3 OR c.kind IN ('box_office', 'phone'))
   AND ($4::timestamptz IS NULL OR (l.ends_at, l.line_id) < ($4, $5::bigint))
 ORDER BY l.ends_at DESC, l.line_id DESC LIMIT 21;
