-- name: overlay_note_error
INSERT INTO plugin_error (tenant_id, plugin, place, message, first_at, last_at)
VALUES ($1, 'templates', $2, $3, $4, $4)
ON CONFLICT (tenant_id, plugin, place, message) DO UPDATE
   SET happened = plugin_error.happened + 1, last_at = excluded.last_at;
