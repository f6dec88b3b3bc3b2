-- When a venue is open, and what becomes of slots when that or their rules change.

-- Weekly hours as [[weekday, from minute, to minute]], in the site's zone; 1 is Monday. Without a
-- row everything is open; a resource with a row of its own doesn't follow the site's.
CREATE TABLE opening (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    opening_id bigint NOT NULL DEFAULT vt_id(),
    resource_id bigint,
    hours jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, opening_id),
    UNIQUE NULLS NOT DISTINCT (tenant_id, resource_id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource ON DELETE CASCADE
);
SELECT vt_tenant_table('opening');

-- A holiday, or a time when the venue or one of its resources is closed, with a reason that
-- customers read: {"en": "…"}.
CREATE TABLE closure (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    closure_id bigint NOT NULL DEFAULT vt_id(),
    resource_id bigint,
    kind text NOT NULL CHECK (kind IN ('holiday', 'closure')),
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL CHECK (to_at > from_at),
    reason jsonb NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, closure_id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource ON DELETE CASCADE
);
CREATE INDEX closure_end ON closure (tenant_id, to_at, from_at);
SELECT vt_tenant_table('closure');

-- Times of an offer at which its rules make no slot: the one there was moved or taken out.
CREATE TABLE slot_exception (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    offer_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, offer_id, starts_at),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
SELECT vt_tenant_table('slot_exception');

ALTER TABLE schedule_rule ADD COLUMN version bigint NOT NULL DEFAULT 1;

ALTER TABLE slot
    -- The rule that made it; NULL: a single one, which no rule takes away.
    ADD COLUMN rule_id bigint,
    -- Of its offer's, those that are open then; NULL: all of them.
    ADD COLUMN resources bigint[],
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    DROP CONSTRAINT slot_state_check,
    -- Closed: what was sold is honoured, nothing more is.
    ADD CONSTRAINT slot_state_check CHECK (state IN ('open', 'closed', 'cancelled'));
UPDATE slot s
   SET rule_id = (SELECT min(r.rule_id)
                    FROM schedule_rule r
                    JOIN site t ON t.tenant_id = r.tenant_id
                   WHERE r.tenant_id = s.tenant_id AND r.offer_id = s.offer_id
                     AND extract(isodow FROM s.starts_at AT TIME ZONE t.time_zone)::int
                         = ANY (r.days)
                     AND (s.starts_at AT TIME ZONE t.time_zone)::time = ANY (r.times));

ALTER TABLE order_line
    -- Raised each time that its time changes: calendar programs take the highest.
    ADD COLUMN sequence int NOT NULL DEFAULT 0,
    -- When it was to begin before the office moved it.
    ADD COLUMN moved_from timestamptz;

-- vt_resources_free, of `only` these when they are given.
CREATE FUNCTION vt_slot_resources_free(tenant bigint, offer bigint, only_of bigint[],
                                       from_at timestamptz, to_at timestamptz, at timestamptz)
    RETURNS TABLE (resource_id bigint) LANGUAGE sql STABLE PARALLEL SAFE ROWS 2 AS $$
    SELECT f.resource_id
      FROM offer_resource f
     WHERE f.tenant_id = tenant AND f.offer_id = offer
       AND (only_of IS NULL OR f.resource_id = ANY (only_of))
       AND coalesce((SELECT a.to_at
                       FROM allocation a
                      WHERE a.tenant_id = f.tenant_id AND a.resource_id = f.resource_id
                        -- A value by then, which row-level security lets the index take.
                        AND a.from_at < (SELECT $5)
                        AND (a.line_id IS NULL
                             OR (SELECT (l.state IN ('held', 'paying') AND l.hold_until <= $6) IS NOT TRUE
                                   FROM order_line l
                                  WHERE l.tenant_id = a.tenant_id AND l.line_id = a.line_id))
                      ORDER BY a.from_at DESC LIMIT 1), '-infinity') <= $4
$$;

CREATE OR REPLACE FUNCTION vt_slots(tenant bigint, offer bigint, is_exclusive boolean,
                                    buffer_min int, from_at timestamptz, to_at timestamptz,
                                    at timestamptz)
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
                OR EXISTS (SELECT 1 FROM vt_slot_resources_free(s.tenant_id, s.offer_id,
                               s.resources, s.starts_at,
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
                              FROM vt_slot_resources_free(s.tenant_id, s.offer_id, s.resources,
                                       s.starts_at,
                                       s.ends_at + make_interval(mins => buffer_min), $7)) END)
      FROM slot s
     WHERE s.tenant_id = tenant AND s.offer_id = offer AND s.state = 'open'
       AND s.starts_at >= from_at AND s.starts_at < to_at
$$;
