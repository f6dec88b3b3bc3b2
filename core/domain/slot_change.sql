-- Orders are locked before slots, as by whoever changes an order.
-- name: slot_lock_orders
SELECT o.order_id FROM orders o
 WHERE o.tenant_id = $1
   AND o.order_id = ANY (ARRAY(
       SELECT l.order_id FROM order_line l
        WHERE l.tenant_id = $1 AND l.slot_id = ANY ($2::bigint[])
          AND l.state IN ('held', 'paying', 'expired', 'reserved', 'confirmed')))
 ORDER BY o.order_id
   FOR NO KEY UPDATE;

-- name: slot_cancel
WITH gone AS (
    UPDATE slot SET state = 'cancelled', version = version + 1
     WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]) AND state <> 'cancelled'
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM gone) = cardinality($2::bigint[]), 'changed');

-- name: slot_free_resources
DELETE FROM allocation WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]);

-- Who is just placing one of these, or cancelling it, looks at it again first.
-- name: slot_tell_orders
UPDATE orders o SET version = o.version + 1
 WHERE o.tenant_id = $1
   AND o.order_id IN (SELECT l.order_id FROM order_line l
                       WHERE l.tenant_id = $1 AND l.slot_id = ANY ($2::bigint[])
                         AND l.state IN ('held', 'paying', 'expired', 'reserved', 'confirmed'));

-- name: slot_change_insert
INSERT INTO slot_change (tenant_id, change_id, kind, slots, reason, actor_kind, actor_id, actor_name,
                         created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: slot_change_rows
INSERT INTO slot_change_row (tenant_id, change_id, order_id, lines, total_minor, remedy, asks,
                             choose_until)
SELECT $1, $2, l.order_id, array_agg(l.line_id ORDER BY l.line_id),
       sum(l.total_minor)::bigint, CASE $4::text WHEN 'ask' THEN 'tell' ELSE $4 END, $4 = 'ask',
       $5::timestamptz
  FROM order_line l
 WHERE l.tenant_id = $1 AND l.slot_id = ANY ($3::bigint[]) AND l.state IN ('reserved', 'confirmed')
 GROUP BY l.order_id;

-- $3 slots, $4 where those of each go: another one of the same offer, on sale.
-- name: slot_change_targets
WITH wanted AS (
    SELECT slot_id, target_id FROM unnest($3::bigint[], $4::bigint[]) AS w (slot_id, target_id)),
good AS (
    INSERT INTO slot_change_target (tenant_id, change_id, slot_id, target_id)
    SELECT $1, $2, w.slot_id, w.target_id
      FROM wanted w
      JOIN slot s ON s.tenant_id = $1 AND s.slot_id = w.slot_id
      JOIN slot t ON t.tenant_id = $1 AND t.slot_id = w.target_id AND t.offer_id = s.offer_id
           AND t.state = 'open' AND t.starts_at > $5
    ON CONFLICT (tenant_id, change_id, slot_id) DO UPDATE SET target_id = excluded.target_id
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM good) = cardinality($3::bigint[]), 'changed');

-- name: slot_change_again
WITH again AS (
    UPDATE slot_change_row SET state = 'waiting', remedy = CASE $3::text WHEN 'ask' THEN 'tell' ELSE $3 END,
           asks = $3 = 'ask', choose_until = $4, code = NULL
     WHERE tenant_id = $1 AND change_id = $2 AND state = 'failed'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM again), 'changed');

-- name: slot_change_next
SELECT w.order_id, array_to_json(w.lines) AS lines, c.reason,
       coalesce(c.actor_kind, 'staff') AS actor_kind, c.actor_id, c.actor_name,
       CASE WHEN w.asks THEN 'ask'
            ELSE coalesce(w.remedy, CASE c.kind WHEN 'move' THEN 'tell' ELSE 'refund' END)
       END AS remedy,
       vt_us(w.choose_until) AS until_us,
       (SELECT json_agg(json_build_object('line', l.line_id, 'target', t.target_id))
          FROM order_line l
          LEFT JOIN slot_change_target t ON t.tenant_id = l.tenant_id
               AND t.change_id = w.change_id AND t.slot_id = l.slot_id
         WHERE l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)) AS targets
  FROM slot_change_row w
  JOIN slot_change c ON c.tenant_id = w.tenant_id AND c.change_id = w.change_id
 WHERE w.tenant_id = $1 AND w.change_id = $2 AND w.state = 'waiting'
 ORDER BY w.order_id
 LIMIT 20;

-- name: slot_change_mark
WITH marked AS (
    UPDATE slot_change_row SET state = $4::text, code = $5
     WHERE tenant_id = $1 AND change_id = $2 AND order_id = $3 AND state = 'waiting'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM marked), 'already');

-- name: slot_lock_resources
SELECT resource_id FROM resource WHERE tenant_id = $1 ORDER BY resource_id FOR NO KEY UPDATE;

-- Whatever ran out in the slots $2, or on any resource from $3 to $4: nobody has it any more. The
-- resources are locked, so nobody else touches those slots. A use of a resource ends within eight
-- days: the longest offer and its buffer.
-- name: slot_take_over
WITH over AS (
    SELECT l.line_id, l.state FROM order_line l
     WHERE l.tenant_id = $1 AND l.state IN ('held', 'paying') AND l.hold_until <= $5
       AND l.line_id = ANY (ARRAY(
           SELECT h.line_id
             FROM order_line h
            WHERE h.tenant_id = $1 AND h.slot_id = ANY ($2::bigint[])
              AND h.state IN ('held', 'paying')
            UNION ALL
           SELECT u.line_id
             FROM resource e
            CROSS JOIN LATERAL (
                  SELECT a.line_id FROM allocation a
                   WHERE a.tenant_id = $1 AND a.resource_id = e.resource_id AND a.from_at < $4
                     AND a.from_at > $3::timestamptz - interval '8 days' AND a.to_at > $3
                     AND a.line_id IS NOT NULL) u
            WHERE e.tenant_id = $1))
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
unplaced AS (
    DELETE FROM slot_place
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM gone))),
unallocated AS (
    DELETE FROM allocation
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM gone)))
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor)
SELECT $1, gone.order_id, line_id, $5, over.state, 'expired', 'system'
  FROM gone JOIN over USING (line_id);
