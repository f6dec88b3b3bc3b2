-- name: schedule_rules
SELECT r.rule_id, r.offer_id, array_to_json(r.days) AS days,
       (SELECT json_agg(extract(epoch FROM t)::int / 60) FROM unnest(r.times) t) AS minutes,
       r.from_date::text AS from_date, r.to_date::text AS to_date, r.every_weeks, r.week,
       o.duration_min, o.exclusive, o.opens_days_before
  FROM schedule_rule r
  JOIN offer o ON o.tenant_id = r.tenant_id AND o.offer_id = r.offer_id
 WHERE r.tenant_id = $1 AND o.state <> 'archived'
 ORDER BY r.offer_id, r.rule_id;

-- name: schedule_insert_slots
INSERT INTO slot (tenant_id, offer_id, starts_at, ends_at, capacity, rate_codes)
SELECT $1::bigint, o.offer_id, n.starts_at, n.starts_at + make_interval(mins => o.duration_min),
       CASE WHEN o.exclusive
            THEN (SELECT count(*) FROM offer_resource f
                   WHERE f.tenant_id = $1 AND f.offer_id = o.offer_id)
            ELSE o.capacity END,
       r.rate_codes
  FROM unnest($3::timestamptz[], $4::bigint[]) AS n (starts_at, rule_id)
  JOIN schedule_rule r ON r.tenant_id = $1 AND r.rule_id = n.rule_id
  JOIN offer o ON o.tenant_id = $1 AND o.offer_id = $2
ON CONFLICT (tenant_id, offer_id, starts_at) DO NOTHING;

-- name: schedule_insert_allocations
INSERT INTO allocation (tenant_id, resource_id, slot_id, from_at, to_at)
SELECT s.tenant_id, f.resource_id, s.slot_id, s.starts_at,
       s.ends_at + make_interval(mins => o.buffer_min)
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id AND NOT o.exclusive
  JOIN offer_resource f ON f.tenant_id = s.tenant_id AND f.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.offer_id = $2 AND s.starts_at >= $3
   AND NOT EXISTS (SELECT 1 FROM allocation a
                    WHERE a.tenant_id = s.tenant_id AND a.slot_id = s.slot_id)
ON CONFLICT DO NOTHING;
