-- name: site_change_settings
UPDATE site SET settings = settings || $2::jsonb WHERE tenant_id = $1;

-- name: site_change_look
UPDATE site SET branding = $2::jsonb, texts = $3::jsonb WHERE tenant_id = $1;

-- name: site_change_contact
UPDATE site SET contact = $2::jsonb WHERE tenant_id = $1;
