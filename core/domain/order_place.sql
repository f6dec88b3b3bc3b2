-- name: order_set_contact
WITH changed AS (
    UPDATE orders SET name = $3, email = $4, email_folded = $5, phone = $6
     WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');

-- name: order_mark_placed
WITH changed AS (
    UPDATE orders SET placed_at = $3, due_minor = $4, version = version + 1
     WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');

-- name: order_confirm_lines
WITH confirmed AS (
    UPDATE order_line SET state = 'confirmed', state_before_paying = NULL, hold_until = NULL
     WHERE tenant_id = $1 AND order_id = $2 AND state = ANY ($3::text[])
    RETURNING line_id),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
    SELECT $1, $2, line_id, $5, ($3::text[])[1], 'confirmed', 'customer', $6 FROM confirmed)
SELECT vt_require((SELECT count(*) FROM confirmed) = $4, 'expired');

-- name: order_insert_tickets
INSERT INTO ticket (tenant_id, line_id, number, code, place)
SELECT $1, n.line_id, n.number, n.code,
       (SELECT p.place FROM slot_place p
         WHERE p.tenant_id = $1 AND p.line_id = n.line_id
         ORDER BY p.place OFFSET n.number - 1 LIMIT 1)
  FROM jsonb_to_recordset($2::jsonb) AS n (line_id bigint, number int, code text);

-- name: payment_insert
INSERT INTO payment (tenant_id, payment_id, order_id, provider, state, amount_minor, currency,
                     created_at, changed_at)
VALUES ($1, $2, $3, $4, 'started', $5, $6, $7, $7);

-- name: payment_abandon_others
UPDATE payment SET state = 'abandoned', changed_at = $4
 WHERE tenant_id = $1 AND order_id = $2 AND payment_id <> $3 AND state = 'started';

-- name: payment_hold_lines
WITH held AS (
    UPDATE order_line
       SET state_before_paying = CASE state WHEN 'paying' THEN state_before_paying ELSE state END,
           state = 'paying', hold_until = $4
     WHERE tenant_id = $1 AND order_id = $2 AND state IN ('held', 'paying')
    RETURNING line_id),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
    SELECT $1, $2, line_id, $5, 'held', 'paying', 'customer' FROM held)
SELECT vt_require((SELECT count(*) FROM held) = $3, 'expired');

-- name: payment_hold_order
WITH changed AS (
    UPDATE orders SET version = version + 1, hold_until = $4
     WHERE tenant_id = $1 AND order_id = $2 AND version = $3 AND placed_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: payment_set_reference
UPDATE payment SET reference = $3, changed_at = $4 WHERE tenant_id = $1 AND payment_id = $2;

-- name: payment_give_up
UPDATE payment SET state = $3, refusal = $4, changed_at = $5
 WHERE tenant_id = $1 AND payment_id = $2 AND state = 'started';

-- name: payment_release_lines
WITH back AS (
    UPDATE order_line l
       SET state = coalesce(l.state_before_paying, 'held'), state_before_paying = NULL,
           hold_until = CASE coalesce(l.state_before_paying, 'held')
                        WHEN 'held' THEN $4::timestamptz ELSE l.hold_until END
     WHERE l.tenant_id = $1 AND l.order_id = $2 AND l.state = 'paying'
       AND NOT EXISTS (SELECT 1 FROM payment p
                        WHERE p.tenant_id = $1 AND p.order_id = $2 AND p.state = 'started'
                          AND p.payment_id <> $3)
    RETURNING l.line_id, l.state),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
    SELECT $1, $2, line_id, $5, 'paying', state, 'provider' FROM back)
UPDATE orders SET hold_until = $4, version = version + 1
 WHERE tenant_id = $1 AND order_id = $2 AND EXISTS (SELECT 1 FROM back);

-- name: payment_capture
WITH changed AS (
    UPDATE payment SET state = 'captured', refusal = NULL, changed_at = $3
     WHERE tenant_id = $1 AND payment_id = $2 AND state <> 'captured'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');

-- name: payment_revive_lines
UPDATE order_line SET state = 'paying', state_before_paying = 'held'
 WHERE tenant_id = $1 AND order_id = $2 AND line_id = ANY ($3::bigint[])
   AND state IN ('expired', 'held');

-- name: payment_by_id
SELECT payment_id, order_id, provider, state, amount_minor, currency, reference, refund_of
  FROM payment WHERE tenant_id = $1 AND payment_id = $2;

-- name: payment_by_reference
SELECT payment_id FROM payment WHERE tenant_id = $1 AND provider = $2 AND reference = $3;

-- name: payment_insert_refund
INSERT INTO payment (tenant_id, payment_id, order_id, refund_of, provider, state, amount_minor,
                     currency, created_at, changed_at)
SELECT tenant_id, $3, order_id, payment_id, provider, 'started', $4, currency, $5, $5
  FROM payment WHERE tenant_id = $1 AND payment_id = $2;

-- name: payment_refund_done
UPDATE payment SET state = 'captured', reference = $3, changed_at = $4
 WHERE tenant_id = $1 AND payment_id = $2 AND state = 'started';

-- name: payments_of_order
SELECT payment_id, provider, state, amount_minor, refusal, refund_of,
       vt_us(changed_at) AS changed_at
  FROM payment WHERE tenant_id = $1 AND order_id = $2 ORDER BY payment_id;

-- name: tickets_of_order
SELECT t.code, t.place, t.line_id, t.state
  FROM order_line l
  JOIN ticket t ON t.tenant_id = l.tenant_id AND t.line_id = l.line_id
 WHERE l.tenant_id = $1 AND l.order_id = $2
 ORDER BY l.line_id, t.number;
