-- name: command_set_site_state
UPDATE site SET state = $2 WHERE slug = $1 AND state <> 'creating';

-- name: command_touch_site
UPDATE site_revision r SET revision = r.revision + 1, changed_at = clock_timestamp()
  FROM site s WHERE s.slug = $1 AND r.tenant_id = s.tenant_id;

-- name: command_site_number
SELECT tenant_id FROM site WHERE slug = $1 AND state <> 'creating';
