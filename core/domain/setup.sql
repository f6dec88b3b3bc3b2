-- name: setup_channels
SELECT DISTINCT ON (kind) kind, channel_id, name FROM channel
 WHERE tenant_id = $1 ORDER BY kind, channel_id;

-- name: setup_branding
UPDATE site SET branding = branding || $2::jsonb WHERE tenant_id = $1;

-- name: setup_channel_name
UPDATE channel SET name = $3 WHERE tenant_id = $1
   AND channel_id = (SELECT min(channel_id) FROM channel WHERE tenant_id = $1 AND kind = $2);

-- name: setup_revision
SELECT revision FROM site_revision WHERE tenant_id = $1;
