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
