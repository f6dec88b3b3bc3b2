-- name: office_all_notifications
SELECT plugin, key, enabled, texts <> '{}'::jsonb AS own FROM notification WHERE tenant_id = $1
 ORDER BY plugin, key LIMIT 500;
