-- Those that failed so often that nothing asks them until later than $2.
-- name: features_paused
SELECT DISTINCT plugin FROM plugin_error WHERE tenant_id = $1 AND tripped_until > $2;
