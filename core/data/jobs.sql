-- name: job_add
INSERT INTO job (tenant_id, kind, payload, run_at, once_key, created_at, lane)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, kind, once_key) WHERE state = 'waiting' DO NOTHING

-- Picks up due jobs of the oldest 500: every site's first, then every site's second … while a site
-- has fewer than $4 at work. $1 now, $2 end of the lease, $3 how many, $5 the jobs at work here,
-- of the sites $6. A picked-up job is due again when its lease ends.
-- name: job_pick
WITH due AS (
    SELECT tenant_id, job_id, run_at FROM job
    WHERE state = 'waiting' AND lane = 0 AND run_at <= $1 ORDER BY run_at LIMIT 500
), running AS (
    SELECT r.tenant_id, count(*) AS jobs FROM unnest($6::bigint[]) AS r (tenant_id) GROUP BY 1
), ranked AS (
    SELECT d.tenant_id, d.job_id, d.run_at, COALESCE(r.jobs, 0)
        + row_number() OVER (PARTITION BY d.tenant_id ORDER BY d.run_at, d.job_id) AS turn
    FROM due d LEFT JOIN running r ON r.tenant_id = d.tenant_id
    WHERE d.job_id <> ALL ($5::bigint[])
), chosen AS (
    SELECT tenant_id, job_id FROM ranked WHERE turn <= $4::int ORDER BY turn, run_at LIMIT $3::int
), locked AS (
    SELECT j.tenant_id, j.job_id FROM job j
    JOIN chosen c ON c.tenant_id = j.tenant_id AND c.job_id = j.job_id
    WHERE j.state = 'waiting' AND j.run_at <= $1 FOR UPDATE OF j SKIP LOCKED
), picked AS (
    UPDATE job SET attempt = job.attempt + 1, run_at = $2, lease_until = $2, once_key = NULL
    FROM locked l WHERE job.tenant_id = l.tenant_id AND job.job_id = l.job_id
    RETURNING job.tenant_id, job.job_id, job.kind, job.payload, job.attempt
)
SELECT p.tenant_id, p.job_id, p.kind, p.payload, p.attempt, s.slug, w.due, 0::bigint AS last_site
FROM (SELECT count(*) AS due FROM due) w
LEFT JOIN picked p ON true
LEFT JOIN site s ON s.tenant_id = p.tenant_id

-- The same for jobs that wait for machines of strangers: few are due, one or two for each.
-- name: job_pick_slow
WITH due AS (
    SELECT tenant_id, job_id, run_at FROM job
    WHERE state = 'waiting' AND lane = 1 AND run_at <= $1 ORDER BY run_at LIMIT 500
), running AS (
    SELECT r.tenant_id, count(*) AS jobs FROM unnest($6::bigint[]) AS r (tenant_id) GROUP BY 1
), ranked AS (
    SELECT d.tenant_id, d.job_id, d.run_at, COALESCE(r.jobs, 0)
        + row_number() OVER (PARTITION BY d.tenant_id ORDER BY d.run_at, d.job_id) AS turn
    FROM due d LEFT JOIN running r ON r.tenant_id = d.tenant_id
    WHERE d.job_id <> ALL ($5::bigint[])
), chosen AS (
    SELECT tenant_id, job_id FROM ranked WHERE turn <= $4::int ORDER BY turn, run_at LIMIT $3::int
), locked AS (
    SELECT j.tenant_id, j.job_id FROM job j
    JOIN chosen c ON c.tenant_id = j.tenant_id AND c.job_id = j.job_id
    WHERE j.state = 'waiting' AND j.run_at <= $1 FOR UPDATE OF j SKIP LOCKED
), picked AS (
    UPDATE job SET attempt = job.attempt + 1, run_at = $2, lease_until = $2, once_key = NULL
    FROM locked l WHERE job.tenant_id = l.tenant_id AND job.job_id = l.job_id
    RETURNING job.tenant_id, job.job_id, job.kind, job.payload, job.attempt
)
SELECT p.tenant_id, p.job_id, p.kind, p.payload, p.attempt, s.slug, w.due, 0::bigint AS last_site
FROM (SELECT count(*) AS due FROM due) w
LEFT JOIN picked p ON true
LEFT JOIN site s ON s.tenant_id = p.tenant_id

-- When more is due than job_pick looks at: goes from site to site, from after $7 on, so that one
-- with a long queue doesn't hide the others.
-- name: job_pick_in_turn
WITH RECURSIVE turn AS (
    (SELECT tenant_id, 1 AS visited FROM job
     WHERE state = 'waiting' AND tenant_id > $7 ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT j.tenant_id FROM job j WHERE j.state = 'waiting' AND j.tenant_id > t.tenant_id
            ORDER BY j.tenant_id LIMIT 1), t.visited + 1
    FROM turn t WHERE t.tenant_id IS NOT NULL AND t.visited < 2000
), running AS (
    SELECT r.tenant_id, count(*) AS jobs FROM unnest($6::bigint[]) AS r (tenant_id) GROUP BY 1
), due AS (
    SELECT d.tenant_id, d.job_id, d.run_at, t.visited FROM turn t
    LEFT JOIN running r ON r.tenant_id = t.tenant_id
    CROSS JOIN LATERAL (
        SELECT j.tenant_id, j.job_id, j.run_at FROM job j
        WHERE j.state = 'waiting' AND j.lane = 0 AND j.tenant_id = t.tenant_id AND j.run_at <= $1
            AND j.job_id <> ALL ($5::bigint[])
        ORDER BY j.run_at LIMIT greatest($4::int - COALESCE(r.jobs, 0), 0)
    ) d LIMIT $3::int
), locked AS (
    SELECT j.tenant_id, j.job_id FROM job j
    JOIN due d ON d.tenant_id = j.tenant_id AND d.job_id = j.job_id
    WHERE j.state = 'waiting' AND j.run_at <= $1 FOR UPDATE OF j SKIP LOCKED
), picked AS (
    UPDATE job SET attempt = job.attempt + 1, run_at = $2, lease_until = $2, once_key = NULL
    FROM locked l WHERE job.tenant_id = l.tenant_id AND job.job_id = l.job_id
    RETURNING job.tenant_id, job.job_id, job.kind, job.payload, job.attempt
)
SELECT p.tenant_id, p.job_id, p.kind, p.payload, p.attempt, s.slug, 0::bigint AS due,
    CASE WHEN w.seen >= $3::int THEN w.last_due ELSE w.last_visited END AS last_site
FROM (SELECT (SELECT count(*) FROM due) AS seen, (SELECT max(tenant_id) FROM due) AS last_due,
    (SELECT CASE WHEN bool_or(tenant_id IS NULL) OR count(*) = 0 THEN 0 ELSE max(tenant_id) END
     FROM turn) AS last_visited) w
LEFT JOIN picked p ON true
LEFT JOIN site s ON s.tenant_id = p.tenant_id

-- An attempt ends once, while it has its lease.
-- name: job_done
UPDATE job SET state = 'done', finished_at = $4, lease_until = NULL, last_error = NULL
WHERE tenant_id = $1 AND job_id = $2 AND attempt = $3 AND lease_until IS NOT NULL

-- name: job_retry_later
UPDATE job SET run_at = $4, lease_until = NULL, last_error = $5
WHERE tenant_id = $1 AND job_id = $2 AND attempt = $3 AND lease_until IS NOT NULL

-- name: job_give_up
UPDATE job SET state = 'failed', finished_at = $4, lease_until = NULL, last_error = $5
WHERE tenant_id = $1 AND job_id = $2 AND attempt = $3 AND lease_until IS NOT NULL

-- name: job_extend
UPDATE job SET run_at = $4, lease_until = $4
WHERE tenant_id = $1 AND job_id = $2 AND attempt = $3 AND lease_until IS NOT NULL

-- Jobs at work anywhere; leases are shorter than an hour.
-- name: job_leased
SELECT count(*) AS leased FROM job
WHERE state = 'waiting' AND run_at > $1 AND run_at <= $1::timestamptz + interval '1 hour'
    AND lease_until > $1
