-- name: rollout_insert
INSERT INTO rollout (rollout_id, operator_id, operator_name, title, changes, state, created_at)
VALUES ($1, $2, $3, $4, $5::jsonb, 'draft', $6);

-- name: rollout_choose
WITH chosen AS (
    INSERT INTO rollout_site (tenant_id, rollout_id, state)
    SELECT s.tenant_id, $1::bigint, 'waiting' FROM site s
     WHERE s.state IN ('open', 'suspended')
       AND ($2::text IS NULL OR s.slug = $2)
       AND ($3::text IS NULL OR s.state = $3)
       AND ($4::boolean IS NULL OR s.practice = $4)
       AND ($5::text IS NULL OR s.plan = $5)
       AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM feature f
            WHERE f.tenant_id = s.tenant_id AND f.plugin = $6 AND f.state IN ('on', 'closing')))
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM chosen), 'none');

-- name: rollout_start
WITH started AS (
    UPDATE rollout SET state = $2, applied_at = coalesce(applied_at, $3),
           undone_at = CASE WHEN $2 = 'undone' THEN $3::timestamptz END
     WHERE rollout_id = $1 AND state = $4
       AND ($2 <> 'undone' OR NOT EXISTS (SELECT 1 FROM rollout_site s
            WHERE s.rollout_id = $1 AND s.state = 'waiting'))
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM started), 'changed');

-- One job a site: they run in turn, a few of a site at once.
-- name: rollout_jobs
INSERT INTO job (tenant_id, kind, payload, run_at, created_at)
SELECT tenant_id, 'rollout.site',
       jsonb_build_object('rollout', $1::bigint::text, 'undo', $2::boolean, 'who', $3::text,
                          'who_id', $4::bigint::text),
       $5::timestamptz, $5
  FROM rollout_site
 WHERE rollout_id = $1
   AND state = ANY (CASE WHEN $2 THEN ARRAY['done', 'failed'] ELSE ARRAY['waiting'] END);

-- name: rollout_of_site
SELECT r.changes, s.before, s.state
  FROM rollout r JOIN rollout_site s ON s.rollout_id = r.rollout_id
 WHERE r.rollout_id = $1 AND s.tenant_id = $2;

-- What was there first stays known when a second try finds half of it done.
-- name: rollout_note
UPDATE rollout_site
   SET state = $3, error = $4, changed_at = $6,
       before = CASE WHEN $7::boolean THEN before ELSE $5::jsonb || before END
 WHERE tenant_id = $1 AND rollout_id = $2;

-- name: rollout_clean
WITH old AS (
    DELETE FROM rollout WHERE state = 'draft' AND created_at < $1 RETURNING rollout_id)
DELETE FROM rollout_site s USING old WHERE s.rollout_id = old.rollout_id;
