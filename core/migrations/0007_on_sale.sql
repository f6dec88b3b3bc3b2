-- What can be sold, as a reader sees it. Every function is one plain SELECT that the planner writes
-- into the statement that calls it, so row-level security and indexes are the caller's. `at` is the
-- caller's clock.

-- Resources of an offer that nobody uses in a time; holds that have run out don't count. Uses of one
-- resource never overlap, so of those that begin before the end only the last can reach into it.
CREATE FUNCTION vt_resources_free(tenant bigint, offer bigint, from_at timestamptz,
                                  to_at timestamptz, at timestamptz)
    RETURNS TABLE (resource_id bigint) LANGUAGE sql STABLE PARALLEL SAFE ROWS 2 AS $$
    SELECT f.resource_id
      FROM offer_resource f
     WHERE f.tenant_id = tenant AND f.offer_id = offer
       AND coalesce((SELECT a.to_at
                       FROM allocation a
                      WHERE a.tenant_id = f.tenant_id AND a.resource_id = f.resource_id
                        -- A value by then, which row-level security lets the index take.
                        AND a.from_at < (SELECT $4)
                        AND (a.line_id IS NULL
                             OR (SELECT (l.state IN ('held', 'paying') AND l.hold_until <= $5) IS NOT TRUE
                                   FROM order_line l
                                  WHERE l.tenant_id = a.tenant_id AND l.line_id = a.line_id))
                      ORDER BY a.from_at DESC LIMIT 1), '-infinity') <= $3
$$;

-- Open slots of an offer that start in a time, with the places that are left: holds that have run
-- out count as free, an exclusive slot has as many as its offer has free resources. Whoever only
-- asks whether there is one reads is_free, which stops at the first.
CREATE FUNCTION vt_slots(tenant bigint, offer bigint, is_exclusive boolean, buffer_min int,
                         from_at timestamptz, to_at timestamptz, at timestamptz)
    RETURNS TABLE (slot_id bigint, starts_at timestamptz, ends_at timestamptz, capacity int,
                   rate_codes text[], is_free boolean, places_left int)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20 AS $$
    SELECT s.slot_id, s.starts_at, s.ends_at, s.capacity, s.rate_codes,
           s.capacity > s.taken
               - CASE WHEN s.taken < s.capacity THEN 0
                      ELSE coalesce((SELECT sum(l.quantity)
                                       FROM order_line l
                                      WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
                                        AND l.state IN ('held', 'paying')
                                        AND l.hold_until <= $7), 0) END
           AND (NOT is_exclusive
                OR EXISTS (SELECT 1 FROM vt_resources_free(s.tenant_id, s.offer_id, s.starts_at,
                               s.ends_at + make_interval(mins => buffer_min), $7))),
           LEAST(s.capacity - s.taken
                     + CASE WHEN s.taken = 0 THEN 0
                            ELSE coalesce((SELECT sum(l.quantity)::int
                                             FROM order_line l
                                            WHERE l.tenant_id = s.tenant_id
                                              AND l.slot_id = s.slot_id
                                              AND l.state IN ('held', 'paying')
                                              AND l.hold_until <= $7), 0) END,
                 CASE WHEN is_exclusive
                      THEN (SELECT count(*)::int
                              FROM vt_resources_free(s.tenant_id, s.offer_id, s.starts_at,
                                       s.ends_at + make_interval(mins => buffer_min), $7)) END)
      FROM slot s
     WHERE s.tenant_id = tenant AND s.offer_id = offer AND s.state = 'open'
       AND s.starts_at >= from_at AND s.starts_at < to_at
$$;

-- When an offer's slots may start to be on sale through a channel now: one row for each of its sale
-- profiles, the first and the last day as the venue's calendar has them. OFFSET 0 keeps the two
-- bounds computed once, as plain values that an index takes.
CREATE FUNCTION vt_sale_windows(tenant bigint, channel bigint, offer bigint, opens_days int,
                                closes_min int, zone text, at timestamptz)
    RETURNS TABLE (from_at timestamptz, to_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT GREATEST($7 + make_interval(mins => closes_min),
                    p.from_date::timestamp AT TIME ZONE zone),
           LEAST((($7 AT TIME ZONE zone)::date + opens_days + 1)::timestamp AT TIME ZONE zone,
                 (p.to_date + 1)::timestamp AT TIME ZONE zone)
      FROM profile p
     WHERE p.tenant_id = tenant AND p.channel_id = channel AND p.mode = 'sale'
       AND (p.every_offer
            OR EXISTS (SELECT 1 FROM profile_offer f
                        WHERE f.tenant_id = p.tenant_id AND f.profile_id = p.profile_id
                          AND f.offer_id = offer))
    OFFSET 0
$$;
