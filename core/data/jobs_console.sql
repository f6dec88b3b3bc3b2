-- name: jobs_failed
SELECT j.tenant_id, j.job_id, j.kind, j.payload, j.state, j.attempt, vt_us(j.run_at) AS run_at_us,
    vt_us(j.lease_until) AS lease_until_us, j.last_error, vt_us(j.created_at) AS created_at_us,
    vt_us(j.finished_at) AS finished_at_us, s.slug
FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
WHERE j.state = 'failed' ORDER BY j.finished_at DESC LIMIT $1

-- name: jobs_done
SELECT j.tenant_id, j.job_id, j.kind, j.payload, j.state, j.attempt, vt_us(j.run_at) AS run_at_us,
    vt_us(j.lease_until) AS lease_until_us, j.last_error, vt_us(j.created_at) AS created_at_us,
    vt_us(j.finished_at) AS finished_at_us, s.slug
FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
WHERE j.state = 'done' ORDER BY j.finished_at DESC LIMIT $1

-- name: jobs_waiting
SELECT j.tenant_id, j.job_id, j.kind, j.payload, j.state, j.attempt, vt_us(j.run_at) AS run_at_us,
    vt_us(j.lease_until) AS lease_until_us, j.last_error, vt_us(j.created_at) AS created_at_us,
    vt_us(j.finished_at) AS finished_at_us, s.slug
FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
WHERE j.state = 'waiting' ORDER BY j.run_at DESC LIMIT $1

-- name: jobs_of_site
SELECT j.tenant_id, j.job_id, j.kind, j.payload, j.state, j.attempt, vt_us(j.run_at) AS run_at_us,
    vt_us(j.lease_until) AS lease_until_us, j.last_error, vt_us(j.created_at) AS created_at_us,
    vt_us(j.finished_at) AS finished_at_us, s.slug
FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
WHERE j.tenant_id = $1 AND j.state = $2 ORDER BY j.run_at DESC LIMIT $3

-- name: job_run_again
UPDATE job SET state = 'waiting', run_at = $3, attempt = 0, lease_until = NULL, finished_at = NULL
WHERE tenant_id = $1 AND job_id = $2 AND state <> 'done'
    AND (lease_until IS NULL OR lease_until <= $3)

-- Counted up to 10,000: more is a number nobody needs exactly.
-- name: jobs_load
SELECT
    (SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'waiting' LIMIT 10000) w) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'waiting'
        AND run_at < $1::timestamptz - interval '1 minute' LIMIT 10000) l) AS late,
    (SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'failed' LIMIT 10000) f) AS failed

-- name: jobs_clean_done
DELETE FROM job WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM job WHERE state = 'done' AND finished_at < $1 ORDER BY finished_at LIMIT 1000
))

-- name: jobs_clean_failed
DELETE FROM job WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM job WHERE state = 'failed' AND finished_at < $1 ORDER BY finished_at LIMIT 1000
))
