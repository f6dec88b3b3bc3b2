-- name: outage_resources
SELECT resource_id, name, kind FROM resource WHERE tenant_id = $1 ORDER BY position, resource_id;

-- What is used from $2 to $3, of all resources. Uses of one never overlap: of those that begin
-- before, only the last can reach in. A hold that ran out uses nothing.
-- name: outage_uses
WITH used AS (
    SELECT u.allocation_id, e.resource_id, u.from_at, u.to_at, u.slot_id, u.line_id
      FROM resource e
      JOIN allocation u ON u.tenant_id = e.tenant_id AND u.resource_id = e.resource_id
           AND u.from_at >= $2 AND u.from_at < $3
     WHERE e.tenant_id = $1
     UNION ALL
    SELECT b.allocation_id, e.resource_id, b.from_at, b.to_at, b.slot_id, b.line_id
      FROM resource e
     CROSS JOIN LATERAL (
           SELECT u.allocation_id, u.from_at, u.to_at, u.slot_id, u.line_id
             FROM allocation u
            WHERE u.tenant_id = $1 AND u.resource_id = e.resource_id
              AND u.from_at < (SELECT $2::timestamptz)
            ORDER BY u.from_at DESC LIMIT 1) b
     WHERE e.tenant_id = $1)
SELECT a.allocation_id, a.resource_id, vt_us(a.from_at) AS from_at, vt_us(a.to_at) AS to_at,
       s.slot_id, vt_us(s.starts_at) AS starts_at, o.offer_id, o.title, o.exclusive,
       coalesce(l.quantity, s.taken) AS places, l.line_id, l.order_id, p.code, p.name,
       p.placed_at IS NULL AS basket
  FROM used a
  LEFT JOIN order_line l ON l.tenant_id = $1 AND l.line_id = a.line_id
  LEFT JOIN orders p ON p.tenant_id = $1 AND p.order_id = l.order_id
  JOIN slot s ON s.tenant_id = $1 AND s.slot_id = coalesce(a.slot_id, l.slot_id)
  JOIN offer o ON o.tenant_id = $1 AND o.offer_id = s.offer_id
 WHERE l.line_id IS NULL OR l.state NOT IN ('held', 'paying') OR l.hold_until > $4
 ORDER BY a.from_at, a.allocation_id
 LIMIT 20000;

-- Who booked slots that need the resource.
-- name: outage_lines
SELECT l.line_id, l.order_id, l.slot_id
  FROM order_line l
 WHERE l.tenant_id = $1 AND l.slot_id = ANY ($2::bigint[]) AND l.state IN ('reserved', 'confirmed')
 ORDER BY l.order_id, l.line_id;

-- $2 uses, $3 the resource that they had, $4 those that they get.
-- name: outage_place
WITH placed AS (
    UPDATE allocation a SET resource_id = w.resource_id
      FROM unnest($2::bigint[], $4::bigint[]) AS w (allocation_id, resource_id)
     WHERE a.tenant_id = $1 AND a.allocation_id = w.allocation_id AND a.resource_id = $3
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM placed) = cardinality($2::bigint[]), 'schedule_changed');

-- A slot with another room keeps it: its rule has no say in it any more.
-- name: outage_place_slots
UPDATE slot s
   SET rule_id = NULL, version = s.version + 1,
       resources = ARRAY(SELECT a.resource_id FROM allocation a
                          WHERE a.tenant_id = $1 AND a.slot_id = s.slot_id
                          ORDER BY a.resource_id)
 WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[]);

-- name: outage_cancel_slots
UPDATE slot SET state = 'cancelled', version = version + 1
 WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]) AND state <> 'cancelled';

-- Of baskets; a late payment tries to take them again, and goes back when it can't.
-- name: outage_drop_holds
WITH gone AS (
    UPDATE order_line l SET state = 'expired', state_before_paying = NULL, hold_until = NULL
     WHERE l.tenant_id = $1 AND l.line_id = ANY ($2::bigint[]) AND l.state IN ('held', 'paying')
    RETURNING l.line_id, l.order_id, l.slot_id, l.quantity),
freed AS (
    UPDATE slot SET taken = taken - g.quantity
      FROM (SELECT slot_id, sum(quantity)::int AS quantity FROM gone GROUP BY slot_id) g
     WHERE slot.tenant_id = $1 AND slot.slot_id = g.slot_id),
unallocated AS (
    DELETE FROM allocation
     WHERE tenant_id = $1 AND line_id = ANY (ARRAY(SELECT line_id FROM gone)))
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
SELECT $1, order_id, line_id, $3, 'held', 'expired', $4, 'outage' FROM gone;

-- $3: [{order_id, lines, remedy, state, code}].
-- name: outage_rows
INSERT INTO slot_change_row (tenant_id, change_id, order_id, lines, total_minor, remedy, state, code)
SELECT $1, $2, w.order_id, w.lines,
       (SELECT coalesce(sum(l.total_minor), 0)::bigint FROM order_line l
         WHERE l.tenant_id = $1 AND l.line_id = ANY (w.lines)),
       w.remedy, w.state, w.code
  FROM jsonb_to_recordset($3::jsonb) AS w (order_id bigint, lines bigint[], remedy text,
                                           state text, code text);
