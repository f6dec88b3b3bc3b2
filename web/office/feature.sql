-- name: office_plugin_errors
SELECT plugin, place, message, detail, happened, vt_us(first_at) AS first_us,
       vt_us(last_at) AS last_us, coalesce(tripped_until > $3, false) AS tripped,
       vt_us(tripped_until) AS tripped_us
  FROM plugin_error WHERE tenant_id = $1 AND plugin = $2 ORDER BY last_at DESC LIMIT 20;

-- name: office_notifications
SELECT key, enabled, texts <> '{}'::jsonb AS own
  FROM notification WHERE tenant_id = $1 AND plugin = $2 ORDER BY key;

-- name: office_feature_version
SELECT coalesce(max(version), 1) AS version FROM feature WHERE tenant_id = $1 AND plugin = $2;

-- The newest request for a feature.
-- name: office_feature_approval
SELECT state, answer, decided_by FROM approval
 WHERE tenant_id = $1 AND plugin = $2 ORDER BY approval_id DESC LIMIT 1;
