-- name: feature_revision
SELECT revision FROM site_revision WHERE tenant_id = $1;

-- name: feature_guard
SELECT vt_require(revision = $2, 'feature_changed')
  FROM (SELECT revision FROM site_revision WHERE tenant_id = $1 FOR UPDATE) r;

-- name: feature_set_state
INSERT INTO feature (tenant_id, plugin, state, changed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, plugin) DO UPDATE
   SET state = excluded.state, changed_at = excluded.changed_at;

-- name: feature_set_settings
INSERT INTO feature (tenant_id, plugin, state, settings, changed_at, version)
VALUES ($1, $2, 'off', $3::jsonb, $4, 2)
ON CONFLICT (tenant_id, plugin) DO UPDATE
   SET settings = excluded.settings, changed_at = excluded.changed_at,
       version = feature.version + 1;

-- Settings that nobody saved yet are their first version.
-- name: feature_version_guard
SELECT vt_require(
    coalesce((SELECT version FROM feature WHERE tenant_id = $1 AND plugin = $2 FOR UPDATE), 1) = $3,
    'settings_changed');

-- name: feature_ask_approval
INSERT INTO approval (tenant_id, plugin, state, asked_at, asked_by, asked_id, question)
VALUES ($1, $2, 'asked', $3, $4, $5, coalesce($6, ''));

-- name: feature_end_approval
UPDATE approval SET state = $3, decided_at = $4, decided_by = $5, answer = coalesce($6, '')
 WHERE tenant_id = $1 AND plugin = $2 AND state = 'asked'
RETURNING asked_id;

-- Given without having been asked for.
-- name: feature_give_approval
INSERT INTO approval (tenant_id, plugin, state, asked_at, asked_by, decided_at, decided_by, answer)
VALUES ($1, $2, 'approved', $3, $4, $3, $4, coalesce($5, ''));

-- name: feature_end_grant
WITH newest AS (
    SELECT approval_id, state FROM approval
     WHERE tenant_id = $1 AND plugin = $2 ORDER BY approval_id DESC LIMIT 1),
ended AS (
    UPDATE approval a SET state = 'withdrawn', decided_at = $3, decided_by = $4,
           answer = coalesce($5, '')
      FROM newest n
     WHERE a.tenant_id = $1 AND a.approval_id = n.approval_id AND n.state = 'approved'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM ended), 'not_approved');

-- Who asked, for the answer by mail.
-- name: feature_asked_by
SELECT asked_id FROM approval WHERE tenant_id = $1 AND plugin = $2 AND state = 'asked';
