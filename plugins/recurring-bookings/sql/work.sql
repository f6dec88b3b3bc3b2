-- Series with dates still to be done, for when the plugin is switched on again.
-- name: work_open
SELECT s.series_id::text AS id
  FROM plugin_recurring_bookings.series s
 WHERE s.tenant_id = $1 AND s.state = 'running'
   AND EXISTS (SELECT 1 FROM plugin_recurring_bookings.occurrence n
                WHERE n.tenant_id = s.tenant_id AND n.series_id = s.series_id
                  AND n.todo IS NOT NULL)
 ORDER BY s.series_id
 LIMIT 1000;

-- What is due, the first $3 of it.
-- name: work_due
SELECT n.number, n.local_time, n.state, n.todo, n.todo_data, n.session_id::text AS session_id,
       n.try_at IS NOT NULL AS waited,
       n.order_id::text AS order_id, array_to_json(n.line_ids::text[]) AS line_ids
  FROM plugin_recurring_bookings.occurrence n
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.todo IS NOT NULL
   AND (n.try_at IS NULL OR n.try_at <= to_timestamp($4::bigint / 1e6))
 ORDER BY n.number
 LIMIT $3::int;

-- In the unit that places the order of this basket, just before: the dates are booked with it. $5
-- are their slots, side by side with $4, their numbers.
-- name: work_booked
WITH placed AS (
    SELECT o.order_id
      FROM orders o
     WHERE o.tenant_id = $1 AND o.session_id = $3::bigint AND o.placed_at IS NULL),
wanted AS (
    SELECT n.value::int AS number, s.value::bigint AS slot_id
      FROM jsonb_array_elements_text($4::jsonb) WITH ORDINALITY AS n (value, place)
      JOIN jsonb_array_elements_text($5::jsonb) WITH ORDINALITY AS s (value, place)
           ON s.place = n.place),
booked AS (
    UPDATE plugin_recurring_bookings.occurrence n
       SET state = 'booked', todo = NULL, todo_data = NULL, try_at = NULL, reason = NULL,
           order_id = p.order_id,
           line_ids = ARRAY(SELECT l.line_id FROM order_line l
                             WHERE l.tenant_id = $1 AND l.order_id = p.order_id
                               AND l.slot_id = w.slot_id AND l.state = 'held')
      FROM placed p, wanted w
     WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = w.number
       AND n.todo = 'book'
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM booked) = jsonb_array_length($4::jsonb), 'already'),
       vt_require(EXISTS (SELECT 1 FROM feature
                           WHERE tenant_id = $1 AND plugin = 'recurring-bookings'
                             AND state IN ('on', 'closing')), 'feature_off');

-- name: work_skipped
UPDATE plugin_recurring_bookings.occurrence
   SET state = 'skipped', todo = NULL, todo_data = NULL, try_at = NULL, reason = $4
 WHERE tenant_id = $1 AND series_id = $2::bigint AND number = $3::int AND todo = 'book';

-- Its sale has opened, and its time isn't there yet: an hour later.
-- name: work_postponed
UPDATE plugin_recurring_bookings.occurrence
   SET try_at = to_timestamp($4::bigint / 1e6) + interval '1 hour'
 WHERE tenant_id = $1 AND series_id = $2::bigint AND number = $3::int AND todo = 'book';

-- In the unit that moves its lines.
-- name: work_moved
WITH moved AS (
    UPDATE plugin_recurring_bookings.occurrence
       SET local_time = $4, todo = NULL, todo_data = NULL, reason = NULL
     WHERE tenant_id = $1 AND series_id = $2::bigint AND number = $3::int AND todo = 'move'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'already');

-- In the unit that cancels its lines.
-- name: work_cancelled
WITH gone AS (
    UPDATE plugin_recurring_bookings.occurrence
       SET state = 'cancelled', todo = NULL, todo_data = NULL, reason = NULL
     WHERE tenant_id = $1 AND series_id = $2::bigint AND number = $3::int AND todo = 'cancel'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'already');

-- It stays as it was, and says why.
-- name: work_kept
UPDATE plugin_recurring_bookings.occurrence
   SET todo = NULL, todo_data = NULL, reason = $4, told = true
 WHERE tenant_id = $1 AND series_id = $2::bigint AND number = $3::int
   AND todo IN ('move', 'cancel');

-- name: work_left
SELECT count(*) FILTER (WHERE n.try_at IS NULL
                        OR n.try_at <= to_timestamp($3::bigint / 1e6))::int AS due,
       vt_us(min(n.try_at) FILTER (WHERE n.try_at > to_timestamp($3::bigint / 1e6))) AS next_us
  FROM plugin_recurring_bookings.occurrence n
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.todo IS NOT NULL;

-- What the owner doesn't know yet.
-- name: work_untold
SELECT n.number, n.state, n.local_time, ord.code,
       coalesce((SELECT vt_us(min(x.starts_at)) FROM order_line x
                  WHERE x.tenant_id = n.tenant_id AND x.line_id = ANY (n.line_ids)), 0) AS starts_us
  FROM plugin_recurring_bookings.occurrence n
  LEFT JOIN orders ord ON ord.tenant_id = n.tenant_id AND ord.order_id = n.order_id
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND NOT n.told AND n.todo IS NULL
   AND n.state IN ('booked', 'cancelled')
 ORDER BY n.number;

-- Once, together with the mail: whoever comes second finds nothing to tell.
-- name: work_told
WITH told AS (
    UPDATE plugin_recurring_bookings.occurrence n SET told = true
      FROM jsonb_array_elements_text($3::jsonb) AS m (number)
     WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = m.number::int AND NOT n.told
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM told) = jsonb_array_length($3::jsonb), 'already');

-- name: work_end_round
UPDATE plugin_recurring_bookings.series SET round = NULL, version = version + 1
 WHERE tenant_id = $1 AND series_id = $2::bigint AND round IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM plugin_recurring_bookings.occurrence n
                    WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.todo IS NOT NULL
                      AND n.try_at IS NULL);
