-- For every endpoint that wants to hear of it: a delivery, and a job for the endpoint (a job that
-- waits already may look before this is committed). Nothing at all where there is none.
-- name: event_add
WITH wanted AS MATERIALIZED (
    SELECT endpoint_id FROM webhook_endpoint
     WHERE tenant_id = $1 AND state = 'on' AND $3 = ANY (events)),
told AS (
    INSERT INTO webhook_event (tenant_id, event_id, type, object_id, facts, created_at)
    SELECT $1, $2, $3, $4, $5::jsonb, $6 WHERE EXISTS (SELECT 1 FROM wanted)
    RETURNING event_id),
due AS (
    INSERT INTO webhook_delivery (tenant_id, endpoint_id, event_id, round_at, next_at, created_at)
    SELECT $1, w.endpoint_id, t.event_id, $6, $6, $6 FROM told t CROSS JOIN wanted w)
INSERT INTO job (tenant_id, kind, payload, run_at, created_at, lane)
SELECT $1, $7::text, jsonb_build_object('endpoint', w.endpoint_id::text), $6, $6, 1 FROM wanted w;

-- The same of many objects.
-- name: event_add_all
WITH wanted AS MATERIALIZED (
    SELECT endpoint_id FROM webhook_endpoint
     WHERE tenant_id = $1 AND state = 'on' AND $3 = ANY (events)),
told AS (
    INSERT INTO webhook_event (tenant_id, event_id, type, object_id, facts, created_at)
    SELECT $1, n.id, $3, n.object, n.facts::jsonb, $6
      FROM unnest($2::bigint[], $4::bigint[], $5::text[]) AS n (id, object, facts)
     WHERE EXISTS (SELECT 1 FROM wanted)
    RETURNING event_id),
due AS (
    INSERT INTO webhook_delivery (tenant_id, endpoint_id, event_id, round_at, next_at, created_at)
    SELECT $1, w.endpoint_id, t.event_id, $6, $6, $6 FROM told t CROSS JOIN wanted w)
INSERT INTO job (tenant_id, kind, payload, run_at, created_at, lane)
SELECT $1, $7::text, jsonb_build_object('endpoint', w.endpoint_id::text), $6, $6, 1 FROM wanted w;

-- name: event_add_for
WITH told AS (
    INSERT INTO webhook_event (tenant_id, event_id, type, object_id, created_at)
    SELECT $1, $2, $3::text, endpoint_id, $6 FROM webhook_endpoint
     WHERE tenant_id = $1 AND endpoint_id = $4 AND state = 'on'
    RETURNING event_id),
due AS (
    INSERT INTO webhook_delivery (tenant_id, delivery_id, endpoint_id, event_id, round_at, next_at,
                                  created_at)
    SELECT $1, $5, $4, event_id, $6, $6, $6 FROM told),
woken AS (
    INSERT INTO job (tenant_id, kind, payload, run_at, created_at, lane)
    SELECT $1, $7::text, jsonb_build_object('endpoint', $4::bigint::text), $6, $6, 1 FROM told)
SELECT vt_require(EXISTS (SELECT 1 FROM told), 'gone');
