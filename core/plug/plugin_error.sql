-- name: plugin_error_add
INSERT INTO plugin_error AS e
       (tenant_id, plugin, place, message, detail, happened, first_at, last_at, tripped_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
ON CONFLICT (tenant_id, plugin, place, message) DO UPDATE
   SET happened = e.happened + excluded.happened, last_at = excluded.last_at,
       detail = excluded.detail, tripped_until = coalesce(excluded.tripped_until, e.tripped_until);

-- name: plugin_error_clean
DELETE FROM plugin_error
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM plugin_error WHERE last_at < $1 LIMIT 1000));
