-- name: return_order
WITH changed AS (
    UPDATE orders
       SET version = version + 1, returned_minor = returned_minor + $4, due_minor = due_minor - $5
     WHERE tenant_id = $1 AND order_id = $2 AND version = $3 AND placed_at IS NOT NULL
       AND due_minor >= $5
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: return_lines
WITH wanted AS (
    SELECT line_id, returned FROM unnest($3::bigint[], $4::bigint[]) AS w (line_id, returned)),
leaving AS (
    SELECT l.line_id, l.state FROM order_line l
     WHERE l.tenant_id = $1 AND l.order_id = $2 AND l.line_id = ANY ($3::bigint[])
       AND l.state IN ('confirmed', 'reserved')
       FOR NO KEY UPDATE),
gone AS (
    UPDATE order_line l
       SET state = 'cancelled', hold_until = NULL, cancelled_at = $5, returned_minor = w.returned,
           -- Whose booking was cancelled can't have failed to come.
           no_show_at = NULL
      FROM leaving v JOIN wanted w ON w.line_id = v.line_id
     WHERE l.tenant_id = $1 AND l.line_id = v.line_id
    RETURNING l.line_id, v.state AS was),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
    SELECT $1, $2, line_id, $5, was, 'cancelled', $6, $7 FROM gone)
SELECT vt_require((SELECT count(*) FROM gone) = cardinality($3::bigint[]), 'changed');

-- name: return_places
WITH freed AS (
    UPDATE slot SET taken = slot.taken - d.quantity
      FROM (SELECT slot_id, sum(quantity)::int AS quantity
              FROM unnest($2::bigint[], $3::int[]) AS l (slot_id, quantity)
             GROUP BY slot_id) d
     WHERE slot.tenant_id = $1 AND slot.slot_id = d.slot_id)
SELECT 1;

-- name: return_tickets
UPDATE ticket SET state = 'void'
 WHERE tenant_id = $1 AND line_id = ANY ($2::bigint[]) AND state = 'valid';

-- name: return_lock_payments
SELECT payment_id FROM payment
 WHERE tenant_id = $1 AND payment_id = ANY ($2::bigint[])
 ORDER BY payment_id
   FOR NO KEY UPDATE;

-- Never more than was paid, whoever else gives back at the same moment: the payment is locked, and
-- a statement sees what was committed before it began.
-- name: return_refund
WITH room AS (
    SELECT p.order_id, p.provider, p.currency,
           p.amount_minor - coalesce((SELECT sum(r.amount_minor) FROM payment r
                WHERE r.tenant_id = p.tenant_id AND r.order_id = p.order_id
                  AND r.refund_of = p.payment_id AND r.state <> 'abandoned'), 0) AS amount_minor
      FROM payment p
     WHERE p.tenant_id = $1 AND p.payment_id = $2 AND p.state = 'captured'),
refund AS (
    INSERT INTO payment (tenant_id, payment_id, order_id, refund_of, provider, state, amount_minor,
                         currency, created_at, changed_at)
    SELECT $1, $3, order_id, $2, provider, 'started', $4::bigint, currency, $5, $5
      FROM room WHERE amount_minor >= $4::bigint
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM refund), 'too_much');

-- name: return_again
WITH again AS (
    UPDATE payment SET state = 'started', refusal = NULL, changed_at = $4
     WHERE tenant_id = $1 AND payment_id = $2 AND order_id = $3 AND refund_of IS NOT NULL
       AND state = 'refused'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM again), 'already');
