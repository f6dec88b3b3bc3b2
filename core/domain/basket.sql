-- name: basket_slot
SELECT s.slot_id, s.offer_id, vt_us(s.starts_at) AS starts_at, vt_us(s.ends_at) AS ends_at, s.state,
       o.slug, o.state AS offer_state, o.title, o.min_per_order, o.max_per_order, o.exclusive,
       o.closes_min_before, o.opens_days_before, array_to_json(s.rate_codes) AS rate_codes,
       t.rate_ppm, t.included,
       EXISTS (SELECT 1 FROM offer_place p
                WHERE p.tenant_id = s.tenant_id AND p.offer_id = s.offer_id) AS numbered
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
  JOIN tax t ON t.tenant_id = o.tenant_id AND t.tax_id = o.tax_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2;

-- name: basket_rates
SELECT r.rate_id, r.code, r.name, r.price_minor
  FROM slot s
  JOIN rate r ON r.tenant_id = s.tenant_id AND r.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2 AND NOT r.archived;

-- name: basket_profile
SELECT count(*) AS allowed
  FROM profile p
 WHERE p.tenant_id = $1 AND p.channel_id = $2 AND p.mode = 'sale'
   AND (p.every_offer OR EXISTS (SELECT 1 FROM profile_offer f
         WHERE f.tenant_id = p.tenant_id AND f.profile_id = p.profile_id
           AND f.offer_id = (SELECT s.offer_id FROM slot s
                              WHERE s.tenant_id = $1 AND s.slot_id = $3)))
   AND (p.from_date IS NULL OR p.from_date <= $4::date)
   AND (p.to_date IS NULL OR p.to_date >= $4::date);

-- name: basket_insert_session
INSERT INTO session (tenant_id, session_id, token_hash, kind, created_at, seen_at, expires_at)
VALUES ($1, $2, decode($3, 'hex'), 'guest', $4, $4, $4::timestamptz + interval '30 days')
ON CONFLICT (tenant_id, token_hash) DO UPDATE
   SET seen_at = excluded.seen_at, expires_at = excluded.expires_at;

-- name: basket_insert_order
INSERT INTO orders (tenant_id, order_id, code, session_id, channel_id, language, currency,
                    created_at, hold_started_at, hold_until, total_minor, tax_minor, plugin_data,
                    customer_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12::jsonb, $13);

-- name: basket_update_order
WITH changed AS (
    UPDATE orders
       SET version = version + 1, hold_started_at = $4, hold_until = $5, hold_extended = $6,
           total_minor = $7, tax_minor = $8, plugin_data = $9::jsonb
     WHERE tenant_id = $1 AND order_id = $2 AND version = $3 AND placed_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: basket_refresh_holds
WITH kept AS (
    UPDATE order_line SET hold_until = $3
     WHERE tenant_id = $1 AND order_id = $2 AND state = 'held'
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM kept) = $4, 'expired');

-- name: basket_lock_slots
SELECT slot_id FROM slot
 WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[])
 ORDER BY slot_id
   FOR NO KEY UPDATE;

-- name: basket_lock_resources
SELECT resource_id FROM resource
 WHERE tenant_id = $1
   AND resource_id = ANY (ARRAY(
       SELECT f.resource_id
         FROM unnest($2::bigint[]) AS w (offer_id)
        CROSS JOIN LATERAL (SELECT resource_id FROM offer_resource
                             WHERE tenant_id = $1 AND offer_id = w.offer_id
                            OFFSET 0) f))
 ORDER BY resource_id
   FOR NO KEY UPDATE;

-- What follows is for one slot, $2: by its whole key every plan is good, whatever a site's size.

-- A line that somebody is just changing isn't waited for: its owner renews, pays or leaves it.
-- name: basket_take_over
WITH over AS (
    SELECT line_id, state FROM order_line
     WHERE tenant_id = $1 AND slot_id = $2 AND state IN ('held', 'paying') AND hold_until <= $3
       FOR NO KEY UPDATE SKIP LOCKED),
gone AS (
    UPDATE order_line SET state = 'expired', state_before_paying = NULL, hold_until = NULL
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM over))
    RETURNING line_id, order_id, quantity),
freed AS (
    UPDATE slot SET taken = taken - g.quantity
      FROM (SELECT sum(quantity)::int AS quantity FROM gone HAVING count(*) > 0) g
     WHERE slot.tenant_id = $1 AND slot.slot_id = $2),
unplaced AS (
    DELETE FROM slot_place
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM gone))),
unallocated AS (
    DELETE FROM allocation
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM gone)))
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
SELECT $1, gone.order_id, line_id, $3, over.state, 'expired', 'system'
  FROM gone JOIN over USING (line_id);

-- Whatever expired and stands in the way on a resource, whichever offer it belongs to. The
-- resources are locked, so nobody else touches those slots. A use of a resource ends within eight
-- days: the longest offer and its buffer.
-- name: basket_take_over_resources
WITH over AS (
    SELECT l.line_id, l.state FROM order_line l
     WHERE l.tenant_id = $1 AND l.state IN ('held', 'paying') AND l.hold_until <= $3
       AND l.line_id = ANY (ARRAY(
           SELECT a.line_id
             FROM slot s
             JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
             JOIN offer_resource f ON f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id
             JOIN allocation a ON a.tenant_id = s.tenant_id AND a.resource_id = f.resource_id
                  AND a.from_at < s.ends_at + make_interval(mins => o.buffer_min)
                  AND a.from_at > s.starts_at - interval '8 days' AND a.to_at > s.starts_at
            WHERE s.tenant_id = $1 AND s.slot_id = $2 AND a.line_id IS NOT NULL))
       FOR NO KEY UPDATE SKIP LOCKED),
gone AS (
    UPDATE order_line SET state = 'expired', state_before_paying = NULL, hold_until = NULL
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM over))
    RETURNING line_id, order_id, slot_id, quantity),
freed AS (
    UPDATE slot SET taken = taken - g.quantity
      FROM (SELECT slot_id, sum(quantity)::int AS quantity FROM gone GROUP BY slot_id) g
     WHERE slot.tenant_id = $1 AND slot.slot_id = g.slot_id
       AND slot.slot_id = ANY (ARRAY(SELECT slot_id FROM gone))),
unallocated AS (
    DELETE FROM allocation
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM gone)))
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
SELECT $1, gone.order_id, line_id, $3, over.state, 'expired', 'system'
  FROM gone JOIN over USING (line_id);

-- name: basket_take_places
WITH taken AS (
    UPDATE slot SET taken = taken + $3::int
     WHERE tenant_id = $1 AND slot_id = $2
       AND ($3::int <= 0 OR (state = 'open' AND taken + $3::int <= capacity))
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'sold_out');

-- name: basket_write_lines
WITH new AS (
    SELECT * FROM jsonb_to_recordset($3::jsonb) AS n (
        line_id bigint, offer_id bigint, slot_id bigint, rate_id bigint, quantity int, title text,
        rate_name text, starts_us bigint, ends_us bigint, unit_minor bigint, discounts jsonb,
        tax_ppm bigint, tax_included boolean, tax_minor bigint, total_minor bigint, was text)),
written AS (
    INSERT INTO order_line (tenant_id, line_id, order_id, offer_id, slot_id, rate_id, quantity,
                            state, hold_until, title, rate_name, starts_at, ends_at, unit_minor,
                            discounts, tax_ppm, tax_included, tax_minor, total_minor)
    SELECT $1, line_id, $2, offer_id, slot_id, rate_id, quantity, 'held', $4, title, rate_name,
           to_timestamp(starts_us / 1e6), to_timestamp(ends_us / 1e6), unit_minor, discounts,
           tax_ppm, tax_included, tax_minor, total_minor
      FROM new
    ON CONFLICT (tenant_id, line_id) DO UPDATE
       SET quantity = excluded.quantity, state = 'held', hold_until = excluded.hold_until,
           discounts = excluded.discounts, tax_minor = excluded.tax_minor,
           total_minor = excluded.total_minor)
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
SELECT $1, $2, line_id, $5, was, 'held', 'customer' FROM new WHERE was IS DISTINCT FROM 'held';

-- name: basket_remove_lines
WITH leaving AS (
    SELECT line_id, state FROM order_line
     WHERE tenant_id = $1 AND order_id = $2 AND line_id = ANY ($3::bigint[])
       AND state IN ('held', 'expired')
       FOR NO KEY UPDATE),
removed AS (
    UPDATE order_line l SET state = 'cancelled', hold_until = NULL
      FROM leaving
     WHERE l.tenant_id = $1 AND l.line_id = leaving.line_id
    RETURNING l.line_id, leaving.state AS was)
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
SELECT $1, $2, line_id, $4, was, 'cancelled', 'customer' FROM removed;

-- name: basket_give_back
WITH unplaced AS (
    DELETE FROM slot_place WHERE tenant_id = $1 AND line_id = ANY ($2::bigint[]))
DELETE FROM allocation WHERE tenant_id = $1 AND line_id = ANY ($2::bigint[]);

-- $5: this resource or none; NULL: the first that is free.
-- name: basket_allocate
WITH wanted AS (
    SELECT s.offer_id, s.resources, s.starts_at AS from_at,
           s.ends_at + make_interval(mins => o.buffer_min) AS to_at
      FROM slot s
      JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
     WHERE s.tenant_id = $1 AND s.slot_id = $2),
free AS (
    SELECT r.resource_id, w.from_at, w.to_at
      FROM wanted w
      JOIN offer_resource f ON f.tenant_id = $1 AND f.offer_id = w.offer_id
      JOIN resource r ON r.tenant_id = $1 AND r.resource_id = f.resource_id
     WHERE (w.resources IS NULL OR r.resource_id = ANY (w.resources))
       AND ($5::bigint IS NULL OR r.resource_id = $5)
       AND NOT EXISTS (SELECT 1 FROM allocation a
                        WHERE a.tenant_id = $1 AND a.resource_id = r.resource_id
                          AND a.from_at < w.to_at AND a.to_at > w.from_at
                          AND a.from_at > w.from_at - interval '8 days')
     ORDER BY r.position, r.resource_id
     LIMIT $4::int),
used AS (
    INSERT INTO allocation (tenant_id, resource_id, line_id, from_at, to_at)
    SELECT $1, resource_id, $3, from_at, to_at FROM free
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM used) = $4::int, 'sold_out');

-- name: basket_seat
WITH free AS (
    SELECT p.place
      FROM slot o
      JOIN offer_place p ON p.tenant_id = o.tenant_id AND p.offer_id = o.offer_id
     WHERE o.tenant_id = $1 AND o.slot_id = $2
       AND NOT EXISTS (SELECT 1 FROM slot_place s
                        WHERE s.tenant_id = $1 AND s.slot_id = $2 AND s.place = p.place)
     ORDER BY p.position
     LIMIT $4::int),
used AS (
    INSERT INTO slot_place (tenant_id, slot_id, place, line_id)
    SELECT $1, $2, place, $3 FROM free
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM used) = $4::int, 'sold_out');
