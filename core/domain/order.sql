-- name: order_by_session
SELECT order_id, code, session_id, channel_id, language, version, vt_us(created_at) AS created_at,
       vt_us(placed_at) AS placed_at, vt_us(hold_started_at) AS hold_started_at,
       vt_us(hold_until) AS hold_until, hold_extended, name, email, phone, plugin_data,
       total_minor, tax_minor, due_minor
  FROM orders
 WHERE tenant_id = $1 AND session_id = $2 AND placed_at IS NULL
 ORDER BY order_id DESC LIMIT 1;

-- name: order_by_code
SELECT order_id, code, session_id, channel_id, language, version, vt_us(created_at) AS created_at,
       vt_us(placed_at) AS placed_at, vt_us(hold_started_at) AS hold_started_at,
       vt_us(hold_until) AS hold_until, hold_extended, name, email, phone, plugin_data,
       total_minor, tax_minor, due_minor
  FROM orders
 WHERE tenant_id = $1 AND code = $2;

-- name: order_by_id
SELECT order_id, code, session_id, channel_id, language, version, vt_us(created_at) AS created_at,
       vt_us(placed_at) AS placed_at, vt_us(hold_started_at) AS hold_started_at,
       vt_us(hold_until) AS hold_until, hold_extended, name, email, phone, plugin_data,
       total_minor, tax_minor, due_minor
  FROM orders
 WHERE tenant_id = $1 AND order_id = $2;

-- name: order_lines_by_session
SELECT l.line_id, l.offer_id, l.slot_id, l.rate_id, l.quantity, l.state, l.title, l.rate_name,
       vt_us(l.starts_at) AS starts_at, vt_us(l.ends_at) AS ends_at,
       vt_us(l.hold_until) AS hold_until, l.unit_minor, l.discounts, l.tax_ppm, l.tax_included,
       l.tax_minor, l.total_minor, o.slug, o.image,
       EXISTS (SELECT 1 FROM offer_place n
                WHERE n.tenant_id = l.tenant_id AND n.offer_id = l.offer_id) AS numbered,
       o.min_per_order, o.max_per_order, o.exclusive,
       r.code AS rate_code, t.name AS tax_name,
       (SELECT string_agg(p.place, ', ' ORDER BY p.place) FROM slot_place p
         WHERE p.tenant_id = l.tenant_id AND p.line_id = l.line_id) AS places,
       (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM allocation a
          JOIN resource e ON e.tenant_id = a.tenant_id AND e.resource_id = a.resource_id
         WHERE a.tenant_id = l.tenant_id AND a.line_id = l.line_id) AS resources
  FROM order_line l
  JOIN offer o ON o.tenant_id = l.tenant_id AND o.offer_id = l.offer_id
  JOIN rate r ON r.tenant_id = l.tenant_id AND r.rate_id = l.rate_id
  JOIN tax t ON t.tenant_id = o.tenant_id AND t.tax_id = o.tax_id
 WHERE l.tenant_id = $1
   AND l.order_id = (SELECT b.order_id FROM orders b
                      WHERE b.tenant_id = $1 AND b.session_id = $2 AND b.placed_at IS NULL
                      ORDER BY b.order_id DESC LIMIT 1)
   AND l.state <> 'cancelled'
 ORDER BY l.line_id;

-- name: order_lines_by_code
SELECT l.line_id, l.offer_id, l.slot_id, l.rate_id, l.quantity, l.state, l.title, l.rate_name,
       vt_us(l.starts_at) AS starts_at, vt_us(l.ends_at) AS ends_at,
       vt_us(l.hold_until) AS hold_until, l.unit_minor, l.discounts, l.tax_ppm, l.tax_included,
       l.tax_minor, l.total_minor, o.slug, o.image,
       EXISTS (SELECT 1 FROM offer_place n
                WHERE n.tenant_id = l.tenant_id AND n.offer_id = l.offer_id) AS numbered,
       o.min_per_order, o.max_per_order, o.exclusive,
       r.code AS rate_code, t.name AS tax_name,
       (SELECT string_agg(p.place, ', ' ORDER BY p.place) FROM slot_place p
         WHERE p.tenant_id = l.tenant_id AND p.line_id = l.line_id) AS places,
       (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM allocation a
          JOIN resource e ON e.tenant_id = a.tenant_id AND e.resource_id = a.resource_id
         WHERE a.tenant_id = l.tenant_id AND a.line_id = l.line_id) AS resources
  FROM order_line l
  JOIN offer o ON o.tenant_id = l.tenant_id AND o.offer_id = l.offer_id
  JOIN rate r ON r.tenant_id = l.tenant_id AND r.rate_id = l.rate_id
  JOIN tax t ON t.tenant_id = o.tenant_id AND t.tax_id = o.tax_id
 WHERE l.tenant_id = $1
   AND l.order_id = (SELECT b.order_id FROM orders b WHERE b.tenant_id = $1 AND b.code = $2)
 ORDER BY l.line_id;

-- name: order_lines_by_id
SELECT l.line_id, l.offer_id, l.slot_id, l.rate_id, l.quantity, l.state, l.title, l.rate_name,
       vt_us(l.starts_at) AS starts_at, vt_us(l.ends_at) AS ends_at,
       vt_us(l.hold_until) AS hold_until, l.unit_minor, l.discounts, l.tax_ppm, l.tax_included,
       l.tax_minor, l.total_minor, o.slug, o.image,
       EXISTS (SELECT 1 FROM offer_place n
                WHERE n.tenant_id = l.tenant_id AND n.offer_id = l.offer_id) AS numbered,
       o.min_per_order, o.max_per_order, o.exclusive,
       r.code AS rate_code, t.name AS tax_name,
       (SELECT string_agg(p.place, ', ' ORDER BY p.place) FROM slot_place p
         WHERE p.tenant_id = l.tenant_id AND p.line_id = l.line_id) AS places,
       (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM allocation a
          JOIN resource e ON e.tenant_id = a.tenant_id AND e.resource_id = a.resource_id
         WHERE a.tenant_id = l.tenant_id AND a.line_id = l.line_id) AS resources
  FROM order_line l
  JOIN offer o ON o.tenant_id = l.tenant_id AND o.offer_id = l.offer_id
  JOIN rate r ON r.tenant_id = l.tenant_id AND r.rate_id = l.rate_id
  JOIN tax t ON t.tenant_id = o.tenant_id AND t.tax_id = o.tax_id
 WHERE l.tenant_id = $1 AND l.order_id = $2
 ORDER BY l.line_id;
