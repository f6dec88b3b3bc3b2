-- name: webhook_read
SELECT endpoint_id, version, url, description, to_json(events) AS events, state,
       vt_us(secret_at) AS secret_us, secret_by, vt_us(old_secret_until) AS old_until_us,
       vt_us(failing_since) AS failing_us
  FROM webhook_endpoint
 WHERE tenant_id = $1 AND endpoint_id = $2;

-- name: webhook_list
SELECT endpoint_id, version, url, description, to_json(events) AS events, state,
       vt_us(secret_at) AS secret_us, secret_by, vt_us(old_secret_until) AS old_until_us,
       vt_us(failing_since) AS failing_us
  FROM webhook_endpoint WHERE tenant_id = $1 ORDER BY endpoint_id LIMIT 100;

-- name: webhook_insert
WITH room AS (
    SELECT count(*) < $8::int AS is_there FROM webhook_endpoint WHERE tenant_id = $1),
made AS (
    INSERT INTO webhook_endpoint (tenant_id, endpoint_id, url, description, events, secret,
                                  secret_at, secret_by, created_at, state)
    SELECT $1, $2, $3, $4, $5::text[], $6, $7, $9, $7, $10 FROM room WHERE is_there
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM made), 'too_many');

-- Switched on again it starts with a clean sheet; another address too.
-- name: webhook_update
WITH changed AS (
    UPDATE webhook_endpoint
       SET url = $4, description = $5, events = $6::text[], state = $7, version = version + 1,
           failing_since = CASE WHEN state = $7 AND url = $4 THEN failing_since END
     WHERE tenant_id = $1 AND endpoint_id = $2 AND version = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: webhook_delete
WITH gone AS (
    DELETE FROM webhook_endpoint WHERE tenant_id = $1 AND endpoint_id = $2 AND version = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'changed');

-- name: webhook_secret
SELECT secret FROM webhook_endpoint WHERE tenant_id = $1 AND endpoint_id = $2;

-- name: webhook_set_secret
WITH changed AS (
    UPDATE webhook_endpoint
       SET old_secret = secret, old_secret_until = $5, secret = $3, secret_at = $4, secret_by = $6,
           version = version + 1
     WHERE tenant_id = $1 AND endpoint_id = $2
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'gone');

-- name: webhook_again
WITH again AS (
    UPDATE webhook_delivery d
       SET state = 'waiting', round_tries = 0, round_at = $4, next_at = $4
      FROM webhook_endpoint e
     WHERE d.tenant_id = $1 AND d.delivery_id = $3 AND d.endpoint_id = $2
       AND e.tenant_id = d.tenant_id AND e.endpoint_id = d.endpoint_id AND e.state = 'on'
    RETURNING d.endpoint_id),
woken AS (
    INSERT INTO job (tenant_id, kind, payload, run_at, created_at, lane)
    SELECT $1, $5::text, jsonb_build_object('endpoint', endpoint_id::text), $4, $4, 1 FROM again)
SELECT vt_require(EXISTS (SELECT 1 FROM again), 'gone');
