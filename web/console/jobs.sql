-- Failed jobs, the latest first, or waiting ones, those first that are due last; of all sites.
-- name: console_jobs_failed
SELECT j.tenant_id, j.job_id, j.kind, j.state, j.attempt, j.last_error, vt_us(j.run_at) AS run_us,
       vt_us(j.lease_until) AS lease_us, vt_us(j.finished_at) AS sort_us, s.slug, s.name
  FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
 WHERE j.state = 'failed'
   AND (j.finished_at, j.job_id) < (coalesce(timestamptz 'epoch' + $1::bigint * interval '1 microsecond',
                                          'infinity'), coalesce($2::bigint, 9223372036854775807))
   AND ($3::text IS NULL OR j.kind = $3)
 ORDER BY j.finished_at DESC, j.job_id DESC LIMIT $4;

-- name: console_jobs_waiting
SELECT j.tenant_id, j.job_id, j.kind, j.state, j.attempt, j.last_error, vt_us(j.run_at) AS run_us,
       vt_us(j.lease_until) AS lease_us, vt_us(j.run_at) AS sort_us, s.slug, s.name
  FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
 WHERE j.state = 'waiting'
   AND (j.run_at, j.job_id) > (coalesce(timestamptz 'epoch' + $1::bigint * interval '1 microsecond',
                                          '-infinity'), coalesce($2::bigint, 0))
   AND ($3::text IS NULL OR j.kind = $3)
 ORDER BY j.run_at, j.job_id LIMIT $4;

-- Of one site, in either state.
-- name: console_jobs_of_site
SELECT j.tenant_id, j.job_id, j.kind, j.state, j.attempt, j.last_error, vt_us(j.run_at) AS run_us,
       vt_us(j.lease_until) AS lease_us, vt_us(j.run_at) AS sort_us, s.slug, s.name
  FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
 WHERE j.tenant_id = (SELECT tenant_id FROM site WHERE slug = $5) AND j.state = $6
   AND (j.run_at, j.job_id) < (coalesce(timestamptz 'epoch' + $1::bigint * interval '1 microsecond',
                                          'infinity'), coalesce($2::bigint, 9223372036854775807))
   AND ($3::text IS NULL OR j.kind = $3)
 ORDER BY j.run_at DESC, j.job_id DESC LIMIT $4;

-- name: console_job
SELECT j.tenant_id, j.job_id, j.kind, j.state, j.attempt, j.last_error, j.payload,
       vt_us(j.run_at) AS run_us, vt_us(j.lease_until) AS lease_us,
       vt_us(j.created_at) AS created_us, vt_us(j.finished_at) AS finished_us, s.slug, s.name
  FROM job j LEFT JOIN site s ON s.tenant_id = j.tenant_id
 WHERE j.tenant_id = $1 AND j.job_id = $2;

-- A failed or waiting job that nobody is at runs now, with all its tries.
-- name: console_job_again
WITH again AS (
    UPDATE job SET state = 'waiting', run_at = $3, attempt = 0, lease_until = NULL,
           finished_at = NULL
     WHERE tenant_id = $1 AND job_id = $2 AND state <> 'done'
       AND (lease_until IS NULL OR lease_until <= $3)
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM again), 'not_there');

-- name: console_job_audit
INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id,
    after)
SELECT $1, $3, 'operator', $4, $5, 'job.retry', 'job', $2::text, jsonb_build_object('kind', kind)
  FROM job WHERE tenant_id = $1 AND job_id = $2::bigint;
