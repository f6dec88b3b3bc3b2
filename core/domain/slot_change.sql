-- name: slot_cancel
WITH gone AS (
    UPDATE slot SET state = 'cancelled', version = version + 1
     WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]) AND state <> 'cancelled'
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM gone) = cardinality($2::bigint[]), 'changed');

-- name: slot_free_resources
DELETE FROM allocation WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]);

-- name: slot_move
WITH moved AS (
    UPDATE slot
       SET starts_at = $3, ends_at = $3::timestamptz + (ends_at - starts_at), rule_id = NULL,
           state = 'open', version = version + 1
     WHERE tenant_id = $1 AND slot_id = $2 AND version = $4 AND state <> 'cancelled'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'changed');

-- Its rule makes none again where it was.
-- name: slot_leave
INSERT INTO slot_exception (tenant_id, offer_id, starts_at)
SELECT $1, s.offer_id, s.starts_at FROM slot s WHERE s.tenant_id = $1 AND s.slot_id = $2
ON CONFLICT DO NOTHING;

-- $3: by so many microseconds.
-- name: slot_move_resources
WITH used AS (
    SELECT a.allocation_id FROM allocation a WHERE a.tenant_id = $1 AND a.slot_id = $2
    UNION ALL
    SELECT a.allocation_id
      FROM order_line l
      JOIN allocation a ON a.tenant_id = l.tenant_id AND a.line_id = l.line_id
     WHERE l.tenant_id = $1 AND l.slot_id = $2)
UPDATE allocation a
   SET from_at = a.from_at + make_interval(secs => $3::bigint / 1e6),
       to_at = a.to_at + make_interval(secs => $3::bigint / 1e6)
  FROM used
 WHERE a.tenant_id = $1 AND a.allocation_id = used.allocation_id;

-- name: slot_move_lines
WITH moved AS (
    UPDATE order_line l
       SET moved_from = l.starts_at, sequence = l.sequence + 1,
           starts_at = l.starts_at + make_interval(secs => $3::bigint / 1e6),
           ends_at = l.ends_at + make_interval(secs => $3::bigint / 1e6)
     WHERE l.tenant_id = $1 AND l.slot_id = $2
       AND l.state IN ('held', 'paying', 'reserved', 'confirmed', 'expired')
    RETURNING l.order_id, l.line_id, l.state)
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
SELECT $1, order_id, line_id, $4, state, state, 'staff', 'moved' FROM moved;

-- Who is about to place one of these meanwhile looks at it again first.
-- name: slot_tell_baskets
UPDATE orders o SET version = o.version + 1
 WHERE o.tenant_id = $1 AND o.placed_at IS NULL
   AND o.order_id IN (SELECT l.order_id FROM order_line l
                       WHERE l.tenant_id = $1 AND l.slot_id = ANY ($2::bigint[])
                         AND l.state IN ('held', 'paying', 'expired'));

-- name: slot_change_insert
INSERT INTO slot_change (tenant_id, change_id, kind, slots, reason, actor_id, actor_name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: slot_change_rows
INSERT INTO slot_change_row (tenant_id, change_id, order_id, lines, total_minor)
SELECT $1, $2, l.order_id, array_agg(l.line_id ORDER BY l.line_id),
       sum(l.total_minor)::bigint
  FROM order_line l
 WHERE l.tenant_id = $1 AND l.slot_id = ANY ($3::bigint[]) AND l.state IN ('reserved', 'confirmed')
 GROUP BY l.order_id;

-- name: slot_change_next
SELECT w.order_id, array_to_json(w.lines) AS lines, c.kind, c.reason, c.actor_id, c.actor_name
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
