-- Whose session it is: somebody who is being deleted or merged at this moment isn't there any more,
-- and the order is a guest's.
-- name: order_set_contact
WITH changed AS (
    UPDATE orders SET name = $3, email = $4, email_folded = $5, phone = $6, language = $7,
                      terms_version = $8,
                      customer_id = (SELECT c.customer_id
                                       FROM session s
                                       JOIN customer c ON c.tenant_id = s.tenant_id
                                            AND c.customer_id = s.customer_id
                                      WHERE s.tenant_id = $1
                                        AND s.session_id = orders.session_id
                                        FOR KEY SHARE OF c)
     WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');

-- Whom staff book for: not somebody who was deleted meanwhile.
-- name: order_set_basket_customer
WITH there AS (
    SELECT customer_id FROM customer WHERE tenant_id = $1 AND customer_id = $3 FOR KEY SHARE),
changed AS (
    UPDATE orders SET customer_id = $3
     WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NULL
       AND EXISTS (SELECT 1 FROM there)
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- Names in the language that the buyer reads by now.
-- name: order_translate_lines
UPDATE order_line l
   SET title = coalesce(o.title->>$3::text, l.title),
       rate_name = coalesce(r.name->>$3::text, l.rate_name)
  FROM offer o, rate r
 WHERE l.tenant_id = $1 AND l.order_id = $2
   AND o.tenant_id = l.tenant_id AND o.offer_id = l.offer_id
   AND r.tenant_id = l.tenant_id AND r.rate_id = l.rate_id;

-- Nothing is sold by a site that was suspended meanwhile.
-- name: order_mark_placed
WITH changed AS (
    UPDATE orders SET placed_at = $3, due_minor = $4, version = version + 1
     WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NULL AND version = $5
    RETURNING 1)
SELECT vt_require((SELECT state = 'open' FROM site WHERE tenant_id = $1), 'site_closed'),
       vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- A hold that ran out has to be renewed before it is sold; a payment that came late hasn't. Nothing
-- is sold of a slot that was cancelled meanwhile.
-- name: order_confirm_lines
WITH confirmed AS (
    UPDATE order_line l
       SET state = 'confirmed', state_before_paying = NULL, hold_until = NULL, placed_at = $5,
           customer_id = (SELECT o.customer_id FROM orders o
                           WHERE o.tenant_id = $1 AND o.order_id = $2)
      FROM slot s
     WHERE l.tenant_id = $1 AND l.order_id = $2 AND l.state = $3::text
       AND (l.state = 'paying' OR l.hold_until > $5)
       AND s.tenant_id = l.tenant_id AND s.slot_id = l.slot_id AND s.state = 'open'
    RETURNING l.line_id),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
    SELECT $1, $2, line_id, $5, $3, 'confirmed', $7, $6 FROM confirmed)
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
     WHERE tenant_id = $1 AND order_id = $2
       AND (state = 'paying' OR (state = 'held' AND hold_until > $5))
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

-- name: payment_order_until
UPDATE orders SET hold_until = $3 WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NULL;

-- name: payment_lines_until
UPDATE order_line SET hold_until = $3
 WHERE tenant_id = $1 AND order_id = $2 AND state = 'paying';

-- name: payment_give_up
WITH changed AS (
    UPDATE payment SET state = $3, refusal = $4, changed_at = $5
     WHERE tenant_id = $1 AND payment_id = $2 AND state = 'started'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');

-- The hold goes on when the buyer is back in time; one that ran out stays so, for others to take.
-- name: payment_release_lines
WITH back AS (
    UPDATE order_line l
       SET state = coalesce(l.state_before_paying, 'held'), state_before_paying = NULL,
           hold_until = CASE WHEN coalesce(l.state_before_paying, 'held') = 'held'
                              AND l.hold_until > $5 THEN $4::timestamptz
                             ELSE l.hold_until END
     WHERE l.tenant_id = $1 AND l.order_id = $2 AND l.state = 'paying'
       AND NOT EXISTS (SELECT 1 FROM payment p
                        WHERE p.tenant_id = $1 AND p.order_id = $2 AND p.state = 'started'
                          AND p.payment_id <> $3)
    RETURNING l.line_id, l.state),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
    SELECT $1, $2, line_id, $5, 'paying', state, 'provider' FROM back)
UPDATE orders
   SET hold_until = CASE WHEN hold_until > $5 THEN $4 ELSE hold_until END, version = version + 1
 WHERE tenant_id = $1 AND order_id = $2 AND EXISTS (SELECT 1 FROM back);

-- What follows depends on whether it was given up, so it must still be in the state that was read.
-- name: payment_capture
WITH changed AS (
    UPDATE payment SET state = 'captured', refusal = NULL, changed_at = $3
     WHERE tenant_id = $1 AND payment_id = $2 AND state = $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');

-- name: payment_revive_lines
WITH back AS (
    SELECT line_id, state FROM order_line
     WHERE tenant_id = $1 AND order_id = $2 AND line_id = ANY ($3::bigint[])
       AND state IN ('expired', 'held')
       FOR NO KEY UPDATE),
revived AS (
    UPDATE order_line l SET state = 'paying', state_before_paying = 'held', hold_until = NULL
      FROM back
     WHERE l.tenant_id = $1 AND l.line_id = back.line_id
    RETURNING l.line_id, back.state AS was)
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
SELECT $1, $2, line_id, $4, was, 'paying', 'provider' FROM revived;

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
UPDATE payment SET state = $5, reference = $3, refusal = $6, changed_at = $4
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
