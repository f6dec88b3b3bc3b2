-- One row for each line of these orders ($2, in their order), with what concerns the whole order in
-- every one of them. $3: the site is in practice mode.
-- name: orders_export
SELECT o.code, vt_us(o.placed_at) AS placed, o.name, o.email, c.kind AS channel, l.title AS offer,
       vt_us(l.starts_at) AS starts, l.rate_name AS rate, l.quantity, l.unit_minor AS unit,
       d.discount, d.discount_name, l.tax_ppm AS tax_rate, l.tax_minor AS tax,
       l.total_minor AS total, l.returned_minor AS returned,
       CASE WHEN l.no_show_at IS NOT NULL THEN 'no_show' ELSE l.state END AS state,
       p.paid, p.refunded, o.due_minor AS due,
       concat_ws(',', p.ways, CASE WHEN o.due_minor > 0 THEN 'venue' END) AS ways, n.notes,
       o.currency, CASE WHEN o.practice OR $3::boolean THEN 'yes' END AS practice
  FROM unnest($2::bigint[]) WITH ORDINALITY AS w (order_id, place)
  JOIN orders o ON o.tenant_id = $1 AND o.order_id = w.order_id
  JOIN channel c ON c.tenant_id = o.tenant_id AND c.channel_id = o.channel_id
  LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
       AND l.placed_at IS NOT NULL
  LEFT JOIN LATERAL (
       SELECT -sum((x ->> 'minor')::bigint)::bigint AS discount,
              string_agg(x ->> 'label', ', ') AS discount_name
         FROM jsonb_array_elements(l.discounts) x) d ON l.discounts <> '[]'
  LEFT JOIN LATERAL (
       SELECT sum(y.amount_minor) FILTER (WHERE y.refund_of IS NULL)::bigint AS paid,
              sum(y.amount_minor) FILTER (WHERE y.refund_of IS NOT NULL)::bigint AS refunded,
              string_agg(DISTINCT y.provider, ',') AS ways
         FROM payment y
        WHERE y.tenant_id = o.tenant_id AND y.order_id = o.order_id AND y.state = 'captured') p
       ON true
  LEFT JOIN LATERAL (
       SELECT string_agg(z.body, E'\n' ORDER BY z.note_id) AS notes
         FROM order_note z
        WHERE z.tenant_id = o.tenant_id AND z.order_id = o.order_id AND z.body <> '') n ON true
 ORDER BY w.place, l.line_id;

-- What a filter is about, by its numbers.
-- name: orders_filter_names
SELECT (SELECT title FROM offer WHERE tenant_id = $1 AND offer_id = $2::bigint) AS offer,
       (SELECT kind FROM channel WHERE tenant_id = $1 AND channel_id = $3::bigint) AS channel,
       (SELECT o.title FROM slot s
          JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
         WHERE s.tenant_id = $1 AND s.slot_id = $4::bigint) AS slot,
       (SELECT vt_us(starts_at) FROM slot WHERE tenant_id = $1 AND slot_id = $4) AS slot_us;
