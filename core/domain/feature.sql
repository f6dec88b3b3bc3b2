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
INSERT INTO feature (tenant_id, plugin, state, settings, changed_at)
VALUES ($1, $2, 'off', $3::jsonb, $4)
ON CONFLICT (tenant_id, plugin) DO UPDATE
   SET settings = excluded.settings, changed_at = excluded.changed_at;
