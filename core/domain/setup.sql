-- name: setup_channels
SELECT DISTINCT ON (c.kind) c.kind, c.channel_id, c.name,
       coalesce(c.settings->>'registration', 'guest') AS registration,
       CASE WHEN p.profiles = 0 THEN 'nothing'
            WHEN p.profiles > 1 OR p.narrow THEN 'chosen'
            WHEN p.mode = 'sale' THEN 'everything'
            ELSE 'reservations' END AS sells
  FROM channel c
  CROSS JOIN LATERAL (
       SELECT count(*) AS profiles, min(mode) AS mode,
              bool_or(NOT every_offer OR from_date IS NOT NULL OR to_date IS NOT NULL) AS narrow
         FROM profile WHERE tenant_id = c.tenant_id AND channel_id = c.channel_id) p
 WHERE c.tenant_id = $1 ORDER BY c.kind, c.channel_id;

-- name: setup_branding
UPDATE site SET branding = $2 WHERE tenant_id = $1;

-- name: setup_channel_name
UPDATE channel SET name = $3 WHERE tenant_id = $1 AND channel_id = $2;

-- name: setup_channel_registration
UPDATE channel SET settings = settings || jsonb_build_object('registration', $3::text)
 WHERE tenant_id = $1 AND channel_id = $2;

-- name: setup_channel_clear
DELETE FROM profile WHERE tenant_id = $1 AND channel_id = $2;

-- name: setup_channel_sells
INSERT INTO profile (tenant_id, channel_id, name, mode)
SELECT $1, $2, CASE WHEN $3::text = 'everything' THEN 'Everything on sale'
                    ELSE 'Everything to reserve' END,
       CASE WHEN $3 = 'everything' THEN 'sale' ELSE 'reservation' END
 WHERE $3 <> 'nothing';

-- Whoever looks at the channel's page sees that it changed.
-- name: setup_channel_touch
UPDATE channel SET version = version + 1 WHERE tenant_id = $1 AND channel_id = $2;

-- name: setup_revision
SELECT revision FROM site_revision WHERE tenant_id = $1;
