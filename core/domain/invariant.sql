-- What has to hold between rows, over all sites, whoever wrote them. Each statement returns the rows
-- that contradict its name. The owner runs them: they read whole tables.

-- name: a_slot_counts_the_places_of_its_lines
SELECT s.tenant_id, s.slot_id, s.taken, coalesce(l.quantity, 0) AS lines
  FROM slot s
  LEFT JOIN (SELECT tenant_id, slot_id, sum(quantity) AS quantity
               FROM order_line WHERE state IN ('held', 'paying', 'reserved', 'confirmed')
              GROUP BY tenant_id, slot_id) l
    ON l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
 WHERE s.taken <> coalesce(l.quantity, 0);

-- name: no_slot_has_more_places_taken_than_it_has
SELECT tenant_id, slot_id, taken, capacity FROM slot WHERE taken > capacity OR taken < 0;

-- name: a_line_of_an_exclusive_offer_uses_as_many_resources_as_it_counts
SELECT l.tenant_id, l.line_id, l.state, l.quantity, count(a.*) AS allocations
  FROM order_line l
  JOIN offer o USING (tenant_id, offer_id)
  LEFT JOIN allocation a ON a.tenant_id = l.tenant_id AND a.line_id = l.line_id
 GROUP BY l.tenant_id, l.line_id, o.exclusive
HAVING count(a.*) <> CASE WHEN o.exclusive
       AND l.state IN ('held', 'paying', 'reserved', 'confirmed') THEN l.quantity ELSE 0 END;

-- name: a_line_with_numbered_places_has_as_many_as_it_counts
SELECT l.tenant_id, l.line_id, l.state, l.quantity, count(p.*) AS places
  FROM order_line l
  LEFT JOIN slot_place p ON p.tenant_id = l.tenant_id AND p.line_id = l.line_id
 GROUP BY l.tenant_id, l.line_id, l.offer_id
HAVING count(p.*) <> CASE WHEN l.state IN ('held', 'paying', 'reserved', 'confirmed')
       AND EXISTS (SELECT 1 FROM offer_place n
                    WHERE n.tenant_id = l.tenant_id AND n.offer_id = l.offer_id)
       THEN l.quantity ELSE 0 END;

-- name: no_two_uses_of_a_resource_overlap
SELECT tenant_id, resource_id, allocation_id, from_at, before_it
  FROM (SELECT a.tenant_id, a.resource_id, a.allocation_id, a.from_at,
               max(a.to_at) OVER (PARTITION BY a.tenant_id, a.resource_id ORDER BY a.from_at
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_it
          FROM allocation a) n
 WHERE from_at < before_it;

-- name: an_order_costs_what_its_lines_cost
SELECT o.tenant_id, o.code, o.total_minor, o.tax_minor, sum(l.total_minor) AS lines
  FROM orders o JOIN order_line l USING (tenant_id, order_id)
 WHERE (l.state IN ('held', 'paying', 'reserved', 'confirmed') OR l.cancelled_at IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM order_line e WHERE e.tenant_id = o.tenant_id
                    AND e.order_id = o.order_id AND e.state = 'expired')
 GROUP BY o.tenant_id, o.order_id
HAVING o.total_minor <> sum(l.total_minor) OR o.tax_minor <> sum(l.tax_minor);

-- name: a_line_costs_its_price_less_discounts_with_tax
SELECT tenant_id, line_id, total_minor
  FROM (SELECT l.*, l.unit_minor * l.quantity
                    + coalesce((SELECT sum((d->>'minor')::bigint)
                                  FROM jsonb_array_elements(l.discounts) d), 0) AS net
          FROM order_line l) n
 WHERE total_minor <> net + CASE WHEN tax_included THEN 0 ELSE tax_minor END;

-- name: in_a_placed_order_what_is_paid_and_due_makes_its_total
SELECT o.tenant_id, o.code, o.total_minor, o.returned_minor, o.due_minor, p.paid
  FROM orders o
  LEFT JOIN LATERAL (
       SELECT coalesce(sum(CASE WHEN refund_of IS NULL THEN amount_minor
                                ELSE -amount_minor END), 0) AS paid
         FROM payment p
        WHERE p.tenant_id = o.tenant_id AND p.order_id = o.order_id
          AND (p.state = 'captured'
               OR (p.refund_of IS NOT NULL AND p.state IN ('started', 'refused')))) p ON true
 WHERE o.placed_at IS NOT NULL AND o.total_minor - o.returned_minor <> o.due_minor + p.paid;

-- name: a_placed_order_holds_nothing
SELECT o.tenant_id, o.code, l.line_id, l.state
  FROM orders o JOIN order_line l USING (tenant_id, order_id)
 WHERE o.placed_at IS NOT NULL AND l.state IN ('held', 'paying');

-- name: no_payment_gives_back_more_than_it_was
SELECT p.tenant_id, p.payment_id, p.amount_minor, sum(r.amount_minor) AS refunded
  FROM payment p JOIN payment r ON r.tenant_id = p.tenant_id AND r.refund_of = p.payment_id
 WHERE r.state <> 'abandoned'
 GROUP BY p.tenant_id, p.payment_id
HAVING sum(r.amount_minor) > p.amount_minor;

-- name: every_confirmed_place_has_one_valid_ticket
SELECT l.tenant_id, l.line_id, l.state, l.quantity, count(t.*) AS tickets
  FROM order_line l
  LEFT JOIN ticket t ON t.tenant_id = l.tenant_id AND t.line_id = l.line_id AND t.state = 'valid'
 GROUP BY l.tenant_id, l.line_id
HAVING count(t.*) <> CASE WHEN l.state = 'confirmed' THEN l.quantity ELSE 0 END;

-- name: a_session_has_one_basket_at_most
SELECT tenant_id, session_id, count(*) AS baskets
  FROM orders WHERE placed_at IS NULL AND session_id IS NOT NULL
 GROUP BY tenant_id, session_id HAVING count(*) > 1;

-- name: the_last_event_of_a_line_is_its_state
SELECT l.tenant_id, l.line_id, l.state, e.to_state
  FROM order_line l
  JOIN (SELECT DISTINCT ON (tenant_id, line_id) tenant_id, line_id, to_state
          FROM order_event WHERE line_id IS NOT NULL
         ORDER BY tenant_id, line_id, at DESC, event_id DESC) e
    ON e.tenant_id = l.tenant_id AND e.line_id = l.line_id
 WHERE e.to_state <> l.state;

-- name: every_site_has_a_revision_and_a_channel_on_the_web
SELECT s.tenant_id, s.slug FROM site s
 WHERE s.state <> 'creating'
   AND (NOT EXISTS (SELECT 1 FROM site_revision r WHERE r.tenant_id = s.tenant_id)
        OR NOT EXISTS (SELECT 1 FROM channel c WHERE c.tenant_id = s.tenant_id AND c.kind = 'web'));
