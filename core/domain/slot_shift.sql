-- What slots use, by themselves or by their lines; a hold that ran out uses nothing.
-- name: slot_shift_own_uses
SELECT a.slot_id, a.resource_id, vt_us(a.from_at) AS from_at, vt_us(a.to_at) AS to_at
  FROM allocation a
 WHERE a.tenant_id = $1 AND a.slot_id = ANY ($2::bigint[])
 UNION ALL
SELECT l.slot_id, a.resource_id, vt_us(a.from_at), vt_us(a.to_at)
  FROM order_line l
  JOIN allocation a ON a.tenant_id = l.tenant_id AND a.line_id = l.line_id
 WHERE l.tenant_id = $1 AND l.slot_id = ANY ($2::bigint[])
   AND (l.state NOT IN ('held', 'paying') OR l.hold_until > $3);

-- What is used from $2 to $3. Uses of one resource never overlap: of those that begin before, only
-- the last can reach in.
-- name: slot_shift_uses_then
WITH used AS (
    SELECT e.name, e.resource_id, u.from_at, u.to_at, u.slot_id, u.line_id
      FROM resource e
      JOIN allocation u ON u.tenant_id = e.tenant_id AND u.resource_id = e.resource_id
           AND u.from_at >= $2 AND u.from_at < $3
     WHERE e.tenant_id = $1
     UNION ALL
    SELECT e.name, e.resource_id, b.from_at, b.to_at, b.slot_id, b.line_id
      FROM resource e
     CROSS JOIN LATERAL (
           SELECT u.from_at, u.to_at, u.slot_id, u.line_id
             FROM allocation u
            WHERE u.tenant_id = $1 AND u.resource_id = e.resource_id
              AND u.from_at < (SELECT $2::timestamptz)
            ORDER BY u.from_at DESC LIMIT 1) b
     WHERE e.tenant_id = $1)
SELECT a.name AS resource_name, a.resource_id, vt_us(a.from_at) AS from_at,
       vt_us(a.to_at) AS to_at, s.slot_id, o.title
  FROM used a
  LEFT JOIN order_line l ON l.tenant_id = $1 AND l.line_id = a.line_id
  JOIN slot s ON s.tenant_id = $1 AND s.slot_id = coalesce(a.slot_id, l.slot_id)
  JOIN offer o ON o.tenant_id = $1 AND o.offer_id = s.offer_id
 WHERE l.line_id IS NULL OR l.state NOT IN ('held', 'paying') OR l.hold_until > $4
 LIMIT 5000;

-- Their rules make none again where they were.
-- name: slot_shift_leave
INSERT INTO slot_exception (tenant_id, offer_id, starts_at)
SELECT $1, s.offer_id, s.starts_at
  FROM slot s
 WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[]) AND s.rule_id IS NOT NULL
ON CONFLICT DO NOTHING;

-- Slots may move to where others of them are just now: first all of them are a thousand years away,
-- where nobody is in their way.
-- name: slot_shift_park
UPDATE slot
   SET starts_at = starts_at + make_interval(secs => 31556952000),
       ends_at = ends_at + make_interval(secs => 31556952000)
 WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]);

-- name: slot_shift_park_uses
WITH used AS (
    SELECT a.allocation_id FROM allocation a
     WHERE a.tenant_id = $1 AND a.slot_id = ANY ($2::bigint[])
     UNION ALL
    SELECT a.allocation_id
      FROM order_line l
      JOIN allocation a ON a.tenant_id = l.tenant_id AND a.line_id = l.line_id
     WHERE l.tenant_id = $1 AND l.slot_id = ANY ($2::bigint[]))
UPDATE allocation a
   SET from_at = a.from_at + make_interval(secs => 31556952000),
       to_at = a.to_at + make_interval(secs => 31556952000)
  FROM used
 WHERE a.tenant_id = $1 AND a.allocation_id = used.allocation_id;

-- $2: [{slot_id, to_us, by_us, version}]; by so many microseconds.
-- name: slot_shift
WITH moved AS (
    UPDATE slot s
       SET starts_at = to_timestamp(w.to_us / 1e6),
           ends_at = to_timestamp(w.to_us / 1e6) + (s.ends_at - s.starts_at),
           rule_id = NULL, state = 'open', version = s.version + 1
      FROM jsonb_to_recordset($2::jsonb) AS w (slot_id bigint, to_us bigint, version bigint)
     WHERE s.tenant_id = $1 AND s.slot_id = w.slot_id AND s.version = w.version
       AND s.state <> 'cancelled'
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM moved) = jsonb_array_length($2::jsonb), 'changed');

-- name: slot_shift_uses
WITH used AS (
    SELECT a.allocation_id, w.by_us
      FROM jsonb_to_recordset($2::jsonb) AS w (slot_id bigint, by_us bigint)
      JOIN allocation a ON a.tenant_id = $1 AND a.slot_id = w.slot_id
     UNION ALL
    SELECT a.allocation_id, w.by_us
      FROM jsonb_to_recordset($2::jsonb) AS w (slot_id bigint, by_us bigint)
      JOIN order_line l ON l.tenant_id = $1 AND l.slot_id = w.slot_id
      JOIN allocation a ON a.tenant_id = l.tenant_id AND a.line_id = l.line_id)
UPDATE allocation a
   SET from_at = a.from_at - make_interval(secs => 31556952000)
                 + make_interval(secs => used.by_us / 1e6),
       to_at = a.to_at - make_interval(secs => 31556952000)
               + make_interval(secs => used.by_us / 1e6)
  FROM used
 WHERE a.tenant_id = $1 AND a.allocation_id = used.allocation_id;

-- name: slot_shift_lines
WITH moved AS (
    UPDATE order_line l
       SET moved_from = l.starts_at, sequence = l.sequence + 1,
           starts_at = l.starts_at + make_interval(secs => w.by_us / 1e6),
           ends_at = l.ends_at + make_interval(secs => w.by_us / 1e6)
      FROM jsonb_to_recordset($2::jsonb) AS w (slot_id bigint, by_us bigint)
     WHERE l.tenant_id = $1 AND l.slot_id = w.slot_id
       AND l.state IN ('held', 'paying', 'reserved', 'confirmed', 'expired')
    RETURNING l.order_id, l.line_id, l.state)
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
SELECT $1, order_id, line_id, $3, state, state, $4, 'moved' FROM moved;
