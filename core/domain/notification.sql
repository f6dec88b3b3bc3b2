-- name: notification_load
SELECT enabled, texts, vt_us(changed_at) AS changed_us
  FROM notification WHERE tenant_id = $1 AND plugin = $2 AND key = $3;

-- name: notification_guard
SELECT vt_require(coalesce((SELECT vt_us(changed_at) FROM notification
         WHERE tenant_id = $1 AND plugin = $2 AND key = $3 FOR UPDATE), 0) = $4,
       'notification_changed');

-- name: notification_save
INSERT INTO notification (tenant_id, plugin, key, enabled, texts, changed_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6)
ON CONFLICT (tenant_id, plugin, key) DO UPDATE
   SET enabled = excluded.enabled, texts = excluded.texts, changed_at = excluded.changed_at;
