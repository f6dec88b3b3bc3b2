-- An endpoint sends in one job at a time; the same job, run again after its process was killed, goes
-- on. Whoever finds it taken may end: the row's lock makes sure that the other one looks once more
-- after this.
-- name: webhook_claim
UPDATE webhook_endpoint SET sending_job = $3, sending_until = $5
 WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'on'
   AND (sending_until IS NULL OR sending_until <= $4 OR sending_job = $3)
RETURNING url, secret, old_secret, vt_us(old_secret_until) AS old_until_us,
          vt_us(failing_since) AS failing_us;

-- name: webhook_release
UPDATE webhook_endpoint SET sending_job = NULL, sending_until = NULL
 WHERE tenant_id = $1 AND endpoint_id = $2 AND sending_job = $3;

-- name: webhook_next
SELECT vt_us(d.next_at) AS next_us FROM webhook_delivery d
 WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'waiting'
 ORDER BY d.next_at LIMIT 1;

-- name: webhook_due
SELECT d.delivery_id, d.event_id, d.tries, d.round_tries, vt_us(d.round_at) AS round_us, e.type,
       e.object_id, e.facts, e.body, vt_us(e.created_at) AS created_us
  FROM webhook_delivery d
  JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id
 WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'waiting' AND d.next_at <= $3
 ORDER BY d.next_at, d.delivery_id LIMIT $4::int;

-- Whoever is first makes it up; everybody sends the same.
-- name: webhook_set_body
UPDATE webhook_event SET body = $3 WHERE tenant_id = $1 AND event_id = $2 AND body IS NULL;

-- name: webhook_body
SELECT body FROM webhook_event WHERE tenant_id = $1 AND event_id = $2;

-- A try counts once, also when its end is written twice.
-- name: webhook_note_try
WITH counted AS (
    UPDATE webhook_delivery
       SET tries = tries + 1, round_tries = round_tries + 1, state = $4::text,
           next_at = coalesce($5::timestamptz, next_at)
     WHERE tenant_id = $1 AND delivery_id = $2 AND tries = $3::int AND state = 'waiting'
    RETURNING tries)
INSERT INTO webhook_try (tenant_id, delivery_id, number, at, took_ms, status, fault, answer)
SELECT $1, $2, tries, $6, $7::int, $8::int, $9, $10 FROM counted;

-- name: webhook_works
UPDATE webhook_endpoint SET failing_since = NULL
 WHERE tenant_id = $1 AND endpoint_id = $2 AND failing_since IS NOT NULL;

-- name: webhook_fails
UPDATE webhook_endpoint SET failing_since = $3
 WHERE tenant_id = $1 AND endpoint_id = $2 AND failing_since IS NULL;

-- name: webhook_fail_off
WITH off AS (
    UPDATE webhook_endpoint SET state = 'failed', version = version + 1, sending_until = NULL
     WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'on' AND failing_since <= $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM off), 'not_failing');

-- name: webhook_stop
UPDATE webhook_delivery SET state = 'stopped'
 WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'waiting';
