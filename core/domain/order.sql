-- An order is named by its number, its code or the session whose basket it is; the other two are
-- NULL. Lines taken out of a basket are left out of it. The number is found before the row is: under
-- row-level security an index takes values, and a bare coalesce counts as none.

-- name: order_read
SELECT order_id, code, session_id, customer_id, channel_id, language, version, vt_us(created_at) AS created_at,
       vt_us(placed_at) AS placed_at, vt_us(hold_started_at) AS hold_started_at,
       vt_us(hold_until) AS hold_until, hold_extended, name, email, phone, plugin_data,
       total_minor, tax_minor, due_minor, returned_minor
  FROM orders
 WHERE tenant_id = $1
   AND order_id = (SELECT coalesce($2::bigint,
       (SELECT c.order_id FROM orders c WHERE c.tenant_id = $1 AND c.code = $3),
       (SELECT b.order_id FROM orders b
         WHERE b.tenant_id = $1 AND b.session_id = $4 AND b.placed_at IS NULL)));

-- name: order_read_lines
SELECT l.sequence, vt_us(l.moved_from) AS moved_from, l.line_id, l.offer_id, l.slot_id, l.rate_id, l.quantity, l.state, l.title, l.rate_name,
       vt_us(l.starts_at) AS starts_at, vt_us(l.ends_at) AS ends_at,
       vt_us(l.hold_until) AS hold_until, l.unit_minor, l.discounts, l.tax_ppm, l.tax_included,
       l.tax_minor, l.total_minor, l.returned_minor, vt_us(l.cancelled_at) AS cancelled_at,
       vt_us(l.no_show_at) AS no_show_at, o.slug, o.image,
       EXISTS (SELECT 1 FROM offer_place n
                WHERE n.tenant_id = l.tenant_id AND n.offer_id = l.offer_id) AS numbered,
       o.min_per_order, o.max_per_order, o.exclusive,
       r.code AS rate_code, t.name AS tax_name, s.state AS slot_state, o.state AS offer_state,
       o.closes_min_before, s.capacity - s.taken AS slot_left,
       (SELECT string_agg(p.place, ', ' ORDER BY p.place) FROM slot_place p
         WHERE p.tenant_id = l.tenant_id AND p.line_id = l.line_id) AS places,
       coalesce(
           (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM allocation a
              JOIN resource e ON e.tenant_id = a.tenant_id AND e.resource_id = a.resource_id
             WHERE a.tenant_id = l.tenant_id AND a.line_id = l.line_id),
           -- Another room than the offer's own is named.
           CASE WHEN NOT o.exclusive THEN
               (SELECT string_agg(e.name, ', ' ORDER BY e.position) FROM resource e
                 WHERE e.tenant_id = l.tenant_id AND e.resource_id = ANY (s.resources))
           END) AS resources
  FROM order_line l
  JOIN slot s ON s.tenant_id = l.tenant_id AND s.slot_id = l.slot_id
  JOIN offer o ON o.tenant_id = l.tenant_id AND o.offer_id = l.offer_id
  JOIN rate r ON r.tenant_id = l.tenant_id AND r.rate_id = l.rate_id
  JOIN tax t ON t.tenant_id = o.tenant_id AND t.tax_id = o.tax_id
 WHERE l.tenant_id = $1
   AND l.order_id = (SELECT coalesce($2::bigint,
       (SELECT c.order_id FROM orders c WHERE c.tenant_id = $1 AND c.code = $3),
       (SELECT b.order_id FROM orders b
         WHERE b.tenant_id = $1 AND b.session_id = $4 AND b.placed_at IS NULL)))
   AND (l.state <> 'cancelled' OR l.cancelled_at IS NOT NULL)
 ORDER BY l.line_id;
