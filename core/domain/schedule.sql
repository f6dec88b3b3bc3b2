-- $2–$3: numbers of offers from–to, which is one or all of them.

-- name: schedule_revision
SELECT revision FROM site_revision WHERE tenant_id = $1;

-- name: schedule_guard
SELECT vt_require(revision = $2, 'schedule_changed')
  FROM site_revision WHERE tenant_id = $1
   FOR NO KEY UPDATE;

-- name: schedule_offers
SELECT o.offer_id, o.title, o.duration_min, o.buffer_min, o.capacity, o.exclusive,
       o.opens_days_before, o.state,
       (SELECT json_agg(f.resource_id::text ORDER BY f.resource_id) FROM offer_resource f
         WHERE f.tenant_id = o.tenant_id AND f.offer_id = o.offer_id) AS resources
  FROM offer o
 WHERE o.tenant_id = $1 AND o.offer_id >= $2 AND o.offer_id <= $3
 ORDER BY o.offer_id;

-- name: schedule_rules
SELECT r.rule_id, r.offer_id, r.version, array_to_json(r.days) AS days,
       (SELECT json_agg(extract(epoch FROM t)::int / 60 ORDER BY t) FROM unnest(r.times) t)
           AS minutes,
       r.from_date::text AS from_date, r.to_date::text AS to_date, r.every_weeks, r.week,
       array_to_json(r.rate_codes) AS rate_codes
  FROM schedule_rule r
 WHERE r.tenant_id = $1 AND r.offer_id >= $2 AND r.offer_id <= $3
 ORDER BY r.offer_id, r.rule_id;

-- name: schedule_slots
SELECT s.slot_id, s.offer_id, s.rule_id, vt_us(s.starts_at) AS starts_at,
       vt_us(s.ends_at) AS ends_at, s.taken, s.capacity, s.version, s.state,
       s.resources::text AS resources, s.taken > 0 OR EXISTS (SELECT 1 FROM order_line l
                               WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id) AS used
  FROM slot s
 WHERE s.tenant_id = $1 AND s.offer_id >= $2 AND s.offer_id <= $3 AND s.starts_at > $4
 ORDER BY s.offer_id, s.starts_at;

-- name: schedule_exceptions
SELECT offer_id, vt_us(starts_at) AS starts_at
  FROM slot_exception
 WHERE tenant_id = $1 AND offer_id >= $2 AND offer_id <= $3 AND starts_at > $4
 ORDER BY offer_id, starts_at;

-- What is used from $4 on, of the resources that slots take and of those with the codes $5. Uses of one never overlap:
-- of those that begin before, only the last can reach in.
-- name: schedule_uses
WITH wanted AS (
    SELECT f.resource_id
      FROM offer o
      JOIN offer_resource f ON f.tenant_id = o.tenant_id AND f.offer_id = o.offer_id
     WHERE o.tenant_id = $1 AND o.offer_id >= $2 AND o.offer_id <= $3 AND NOT o.exclusive
     UNION
    SELECT e.resource_id FROM resource e WHERE e.tenant_id = $1 AND e.code = ANY ($5::text[])),
used AS (
    SELECT u.resource_id, u.from_at, u.to_at, u.slot_id, u.line_id
      FROM wanted w
      JOIN allocation u ON u.tenant_id = $1 AND u.resource_id = w.resource_id
           AND u.from_at >= $4
     UNION ALL
    SELECT w.resource_id, b.from_at, b.to_at, b.slot_id, b.line_id
      FROM wanted w
     CROSS JOIN LATERAL (
           SELECT u.from_at, u.to_at, u.slot_id, u.line_id
             FROM allocation u
            WHERE u.tenant_id = $1 AND u.resource_id = w.resource_id
              AND u.from_at < (SELECT $4::timestamptz)
            ORDER BY u.from_at DESC LIMIT 1) b)
SELECT u.resource_id, u.slot_id, vt_us(u.from_at) AS from_at, vt_us(u.to_at) AS to_at,
       coalesce((SELECT s.offer_id FROM slot s WHERE s.tenant_id = $1 AND s.slot_id = u.slot_id),
                l.offer_id) AS offer_id,
       (l.state IN ('held', 'paying') AND l.hold_until <= $4) IS TRUE AS over
  FROM used u
  LEFT JOIN order_line l ON l.tenant_id = $1 AND l.line_id = u.line_id
 ORDER BY u.resource_id, u.from_at;

-- name: schedule_titles
SELECT offer_id, title FROM offer WHERE tenant_id = $1;

-- name: schedule_names
SELECT resource_id, code, name FROM resource WHERE tenant_id = $1;

-- name: schedule_make
INSERT INTO slot (tenant_id, slot_id, offer_id, starts_at, ends_at, capacity, rate_codes, rule_id,
                  resources)
SELECT $1, n.slot_id, n.offer_id, to_timestamp(n.starts_us / 1e6), to_timestamp(n.ends_us / 1e6),
       n.capacity, r.rate_codes, n.rule_id, n.resources::bigint[]
  FROM jsonb_to_recordset($2::jsonb) AS n (slot_id bigint, offer_id bigint, starts_us bigint,
                                           ends_us bigint, capacity int, rule_id bigint,
                                           resources text)
  LEFT JOIN schedule_rule r ON r.tenant_id = $1 AND r.rule_id = n.rule_id;

-- name: schedule_lock
SELECT slot_id FROM slot
 WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[])
 ORDER BY slot_id
   FOR NO KEY UPDATE;

-- name: schedule_remove
DELETE FROM slot s
 WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[]) AND s.taken = 0
   AND NOT EXISTS (SELECT 1 FROM order_line l
                    WHERE l.tenant_id = $1 AND l.slot_id = s.slot_id);

-- What was sold of it meanwhile is honoured all the same.
-- name: schedule_set_state
UPDATE slot SET state = $3, version = version + 1
 WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]) AND state <> 'cancelled';

-- name: schedule_detach
UPDATE slot SET rule_id = NULL WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]);

-- A slot that somebody has changes in what is open only.
-- name: schedule_renew
UPDATE slot s
   SET rule_id = n.rule_id, resources = n.resources::bigint[],
       capacity = CASE WHEN n.used THEN GREATEST(s.capacity, n.capacity)
                       ELSE GREATEST(s.taken, n.capacity) END,
       ends_at = CASE WHEN n.used OR s.taken > 0 THEN s.ends_at
                      ELSE to_timestamp(n.ends_us / 1e6) END,
       rate_codes = CASE WHEN n.used OR s.taken > 0 THEN s.rate_codes
                         ELSE (SELECT r.rate_codes FROM schedule_rule r
                                WHERE r.tenant_id = $1 AND r.rule_id = n.rule_id) END
  FROM jsonb_to_recordset($2::jsonb) AS n (slot_id bigint, ends_us bigint, capacity int,
                                           rule_id bigint, resources text, used boolean)
 WHERE s.tenant_id = $1 AND s.slot_id = n.slot_id;

-- name: schedule_free
DELETE FROM allocation WHERE tenant_id = $1 AND slot_id = ANY ($2::bigint[]);

-- What isn't exclusive uses its resources from the moment it exists. Somebody else may have taken
-- one since it was looked at: then nothing of all this happens, and it is looked at again.
-- name: schedule_take
INSERT INTO allocation (tenant_id, resource_id, slot_id, from_at, to_at)
SELECT $1, n.resource_id, n.slot_id, to_timestamp(n.from_us / 1e6), to_timestamp(n.to_us / 1e6)
  FROM jsonb_to_recordset($2::jsonb) AS n (slot_id bigint, resource_id bigint, from_us bigint,
                                           to_us bigint);
