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

-- name: schedule_make
INSERT INTO slot (tenant_id, offer_id, starts_at, ends_at, capacity, rate_codes, rule_id, resources)
SELECT $1, n.offer_id, to_timestamp(n.starts_us / 1e6), to_timestamp(n.ends_us / 1e6), n.capacity,
       r.rate_codes, n.rule_id, n.resources::bigint[]
  FROM jsonb_to_recordset($2::jsonb) AS n (offer_id bigint, starts_us bigint, ends_us bigint,
                                           capacity int, rule_id bigint, resources text)
  LEFT JOIN schedule_rule r ON r.tenant_id = $1 AND r.rule_id = n.rule_id
ON CONFLICT (tenant_id, offer_id, starts_at) DO NOTHING;

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

-- A time that nobody has booked and that got longer or shorter uses its resources anew.
-- name: schedule_free
DELETE FROM allocation a
 USING slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE a.tenant_id = $1 AND a.slot_id = s.slot_id AND s.tenant_id = $1 AND s.offer_id = $2
   AND s.starts_at > $3 AND s.rule_id IS NOT NULL AND s.state <> 'cancelled' AND s.taken = 0
   AND (a.from_at, a.to_at) <> (s.starts_at, s.ends_at + make_interval(mins => o.buffer_min));

-- Offers that aren't exclusive use their resources from the moment their slots exist.
-- name: schedule_allocate
INSERT INTO allocation (tenant_id, resource_id, slot_id, from_at, to_at)
SELECT s.tenant_id, f.resource_id, s.slot_id, s.starts_at,
       s.ends_at + make_interval(mins => o.buffer_min)
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id AND NOT o.exclusive
  JOIN offer_resource f ON f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.offer_id = $2 AND s.starts_at > $3 AND s.state <> 'cancelled'
   AND NOT EXISTS (SELECT 1 FROM allocation a
                    WHERE a.tenant_id = s.tenant_id AND a.slot_id = s.slot_id)
ON CONFLICT DO NOTHING;

-- What found its room taken isn't there.
-- name: schedule_unmake
DELETE FROM slot s
 WHERE s.tenant_id = $1 AND s.offer_id = $2 AND s.starts_at > $3 AND s.rule_id IS NOT NULL
   AND s.state = 'open' AND s.taken = 0
   AND (SELECT count(*) FROM allocation a
         WHERE a.tenant_id = s.tenant_id AND a.slot_id = s.slot_id)
       < (SELECT count(*) FROM offer_resource f
           WHERE f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id)
   AND NOT EXISTS (SELECT 1 FROM order_line l
                    WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id);
