-- While the feature closes nothing new begins.
-- name: series_closing
SELECT 1 AS closing FROM feature
 WHERE tenant_id = $1 AND plugin = 'recurring-bookings' AND state = 'closing';

-- name: series_insert
INSERT INTO plugin_recurring_bookings.series (
       tenant_id, series_id, state, offer_id, resource_id, counts, quantity, rule, rrule, pay,
       customer_id, name, name_folded, email, email_folded, phone, language, public_note,
       private_note, created_at, created_by)
SELECT $1, v.series_id, 'draft', v.offer_id, v.resource_id, v.counts, v.quantity, v.rule, v.rrule,
       v.pay, v.customer_id, v.name, v.name_folded, v.email, v.email_folded, v.phone, v.language,
       v.public_note, v.private_note, to_timestamp(v.now_us / 1e6), v.created_by
  FROM jsonb_to_record($2::jsonb) AS v (
       series_id bigint, offer_id bigint, resource_id bigint, counts jsonb, quantity int,
       rule jsonb, rrule text, pay text, customer_id bigint, name text,
       name_folded text, email text, email_folded text, phone text, language text, public_note text, private_note text,
       now_us bigint, created_by text);

-- name: series_insert_occurrences
INSERT INTO plugin_recurring_bookings.occurrence (tenant_id, series_id, number, local_time, state)
SELECT $1, $2, t.number, t.local_time, 'draft'
  FROM jsonb_array_elements_text($3::jsonb) WITH ORDINALITY AS t (local_time, number);

-- name: series_new_id
SELECT vt_id()::text AS id FROM site WHERE tenant_id = $1;

-- Drafts that nobody went on with for a day.
-- name: series_clean
DELETE FROM plugin_recurring_bookings.series
 WHERE tenant_id = $1 AND state = 'draft'
   AND created_at < (SELECT to_timestamp($2::bigint / 1e6));

-- name: series_load
SELECT s.series_id::text AS id, s.state, s.offer_id::text AS offer_id, o.title,
       o.state AS offer_state, o.exclusive, s.resource_id::text AS resource_id,
       r.name AS resource_name, s.counts, s.quantity, s.rule, s.rrule, s.pay,
       s.customer_id::text AS customer_id,
       s.customer_id IS NOT NULL AND c.customer_id IS NULL AS owner_gone,
       s.name, coalesce(c.email, s.email) AS email, s.phone, s.language, s.public_note,
       s.private_note, s.round,
       s.round_all, s.version, vt_us(s.created_at) AS created_us, s.created_by,
       vt_us(((s.rule->>'first')::date + interval '12 hours') AT TIME ZONE v.time_zone) AS first_us,
       vt_us((nullif(s.rule->>'until', '')::date + interval '12 hours')
                 AT TIME ZONE v.time_zone)
           AS until_us
  FROM plugin_recurring_bookings.series s
  JOIN site v ON v.tenant_id = s.tenant_id
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
  LEFT JOIN resource r ON r.tenant_id = s.tenant_id AND r.resource_id = s.resource_id
  LEFT JOIN customer c ON c.tenant_id = s.tenant_id AND c.customer_id = s.customer_id
 WHERE s.tenant_id = $1 AND s.series_id = $2::bigint;

-- Its dates with what became of their lines. day_us is noon, for the words of a day.
-- name: series_occurrences
SELECT n.number, n.local_time, n.state, n.reason, n.todo, n.todo_data,
       vt_us(n.try_at) AS try_us, n.told, n.order_id::text AS order_id, ord.code AS order_code,
       array_to_json(n.line_ids::text[]) AS line_ids, n.public_note, n.private_note,
       n.session_id::text AS session_id, l.live, l.starts_us, l.place, l.due_minor,
       CASE WHEN n.reason IS DISTINCT FROM 'clock'
            THEN vt_us(n.local_time::timestamp AT TIME ZONE v.time_zone) END AS wall_us,
       vt_us((left(n.local_time, 10)::date + interval '12 hours') AT TIME ZONE v.time_zone) AS day_us
  FROM plugin_recurring_bookings.occurrence n
  JOIN site v ON v.tenant_id = n.tenant_id
  LEFT JOIN orders ord ON ord.tenant_id = n.tenant_id AND ord.order_id = n.order_id
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE x.state IN ('confirmed', 'reserved'))::int AS live,
              vt_us(min(x.starts_at)) AS starts_us, ord.due_minor,
              (SELECT string_agg(r.name, ', ' ORDER BY r.position)
                 FROM allocation a
                 JOIN resource r ON r.tenant_id = a.tenant_id AND r.resource_id = a.resource_id
                WHERE a.tenant_id = n.tenant_id AND a.line_id = ANY (n.line_ids)) AS place
         FROM order_line x
        WHERE x.tenant_id = n.tenant_id AND x.line_id = ANY (n.line_ids)) l ON n.line_ids IS NOT NULL
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint
 ORDER BY n.number;

-- Of one that was being written: its version is what was looked at.
-- name: series_start
WITH changed AS (
    UPDATE plugin_recurring_bookings.series
       SET state = 'running', round = 'book', round_all = $4::int, version = version + 1
     WHERE tenant_id = $1 AND series_id = $2::bigint AND version = $3::bigint AND state = 'draft'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- $3: [{number, state, todo, reason, try_us}].
-- name: series_plan
UPDATE plugin_recurring_bookings.occurrence n
   SET state = p.state, todo = p.todo, reason = p.reason, told = p.todo IS NULL,
       try_at = to_timestamp(p.try_us / 1e6)
  FROM jsonb_to_recordset($3::jsonb) AS p (
       number int, state text, todo text, reason text, try_us bigint)
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = p.number AND n.state = 'draft';

-- name: series_begin_round
WITH changed AS (
    UPDATE plugin_recurring_bookings.series
       SET round = $4, round_all = $5::int, version = version + 1
     WHERE tenant_id = $1 AND series_id = $2::bigint AND version = $3::bigint
       AND state = 'running' AND round IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- $3: numbers; a date that still waits to be booked is only rewritten or dropped.
-- name: series_mark
UPDATE plugin_recurring_bookings.occurrence n
   SET todo = $4, todo_data = $5::jsonb, try_at = NULL, reason = NULL, told = false
  FROM jsonb_array_elements_text($3::jsonb) AS m (number)
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = m.number::int
   AND n.state = 'booked' AND n.todo IS NULL;

-- name: series_drop
UPDATE plugin_recurring_bookings.occurrence n
   SET state = 'cancelled', todo = NULL, try_at = NULL, reason = NULL
  FROM jsonb_array_elements_text($3::jsonb) AS m (number)
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = m.number::int
   AND n.state = 'planned';

-- Those that wait for their sale to open: at the new time, or with the new resource.
-- name: series_replan
UPDATE plugin_recurring_bookings.occurrence n
   SET local_time = left(n.local_time, 10) || 'T' || $4, todo_data = $5::jsonb
  FROM jsonb_array_elements_text($3::jsonb) AS m (number)
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = m.number::int
   AND n.state = 'planned';

-- Notes of single dates; NULL takes the series'.
-- name: series_note
UPDATE plugin_recurring_bookings.occurrence n
   SET public_note = $4, private_note = $5
  FROM jsonb_array_elements_text($3::jsonb) AS m (number)
 WHERE n.tenant_id = $1 AND n.series_id = $2::bigint AND n.number = m.number::int;

-- name: series_note_all
WITH changed AS (
    UPDATE plugin_recurring_bookings.series
       SET public_note = $4, private_note = $5, version = version + 1
     WHERE tenant_id = $1 AND series_id = $2::bigint AND version = $3::bigint
    RETURNING 1),
own AS (
    UPDATE plugin_recurring_bookings.occurrence SET public_note = NULL, private_note = NULL
     WHERE tenant_id = $1 AND series_id = $2::bigint
       AND (public_note IS NOT NULL OR private_note IS NOT NULL))
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: series_touch
WITH changed AS (
    UPDATE plugin_recurring_bookings.series SET version = version + 1
     WHERE tenant_id = $1 AND series_id = $2::bigint AND version = $3::bigint
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- The series that an order belongs to.
-- name: series_of_order
SELECT s.series_id::text AS id, s.name
  FROM plugin_recurring_bookings.occurrence n
  JOIN plugin_recurring_bookings.series s ON s.tenant_id = n.tenant_id AND s.series_id = n.series_id
 WHERE n.tenant_id = $1 AND n.order_id = $2::bigint
 LIMIT 1;

-- name: series_open_work
SELECT count(*)::int AS count FROM plugin_recurring_bookings.series s
 WHERE s.tenant_id = $1 AND s.state = 'running'
   AND EXISTS (SELECT 1 FROM plugin_recurring_bookings.occurrence n
                WHERE n.tenant_id = s.tenant_id AND n.series_id = s.series_id
                  AND n.todo IS NOT NULL);
