-- name: blueprint_address
SELECT slug FROM site WHERE (slug = $1 OR skeleton = $2)
   AND NOT (slug = $1 AND state = 'creating' AND created_at < $3);

-- name: blueprint_drop_unfinished
DELETE FROM site WHERE slug = $1 AND state = 'creating' AND created_at < $2;

-- name: blueprint_insert_site
INSERT INTO site (slug, skeleton, name, kind, currency, time_zone, languages, branding, texts,
                  contact, practice, created_at, plan, creation_key)
VALUES ($1, $2, $3, $4, $5, $6, $7::text[], $8::jsonb, $9::jsonb, $10::jsonb, $11, $12,
        coalesce($13, 'standard'), $14)
RETURNING tenant_id;

-- name: blueprint_made_by
SELECT state, coalesce(creation_key = $2, false) AS ours FROM site WHERE slug = $1;

-- name: blueprint_insert_revision
INSERT INTO site_revision (tenant_id) SELECT tenant_id FROM site WHERE slug = $1;

-- name: blueprint_open_site
UPDATE site SET state = 'open' WHERE tenant_id = $1;

-- name: blueprint_forget_site
DELETE FROM site WHERE tenant_id = $1 AND state = 'creating';

-- name: blueprint_insert_owner
INSERT INTO staff (tenant_id, email, email_folded, name, role, password_hash, created_at)
VALUES ($1, $2, $3, $4, 'owner', $5, $6);

-- name: blueprint_invite_owner
INSERT INTO staff_invitation (tenant_id, invitation_id, email, email_folded, role, invited_by,
                              created_at, expires_at)
VALUES ($1, $2, $3, $4, 'owner', $5, $6, $7);

-- name: blueprint_insert_channels
INSERT INTO channel (tenant_id, kind, name, settings)
VALUES ($1, 'web', 'Web', jsonb_strip_nulls(jsonb_build_object('registration', $2::text))),
       ($1, 'box_office', 'Box office', '{}'), ($1, 'phone', 'Phone', '{}');

-- name: blueprint_insert_profile
INSERT INTO profile (tenant_id, channel_id, name, mode)
SELECT tenant_id, channel_id, 'Everything on sale', 'sale' FROM channel WHERE tenant_id = $1;

-- name: blueprint_insert_feature
INSERT INTO feature (tenant_id, plugin, state, settings, changed_at)
VALUES ($1, $2, 'on', $3::jsonb, $4);

-- name: blueprint_insert_tax
INSERT INTO tax (tenant_id, code, name, rate_ppm, included) VALUES ($1, $2, $3::jsonb, $4, $5);

-- name: blueprint_insert_category
INSERT INTO category (tenant_id, slug, name, position) VALUES ($1, $2, $3::jsonb, $4);

-- name: blueprint_insert_resource
INSERT INTO resource (tenant_id, code, name, kind, position) VALUES ($1, $2, $3, $4, $5);

-- name: blueprint_insert_offer
INSERT INTO offer (tenant_id, slug, kind, state, sample, category_id, title, line, description,
                   image, image_alt, tax_id, duration_min, buffer_min, capacity, exclusive,
                   min_per_order, max_per_order, opens_days_before, closes_min_before, position)
VALUES ($1, $2, $3, 'published', $4,
        (SELECT category_id FROM category WHERE tenant_id = $1 AND slug = $5),
        $6::jsonb, $7::jsonb, $8::jsonb, $9, $10::jsonb,
        (SELECT tax_id FROM tax WHERE tenant_id = $1 AND code = $11),
        $12, $13, $14, $15, $16, $17, $18, $19, $20)
RETURNING offer_id;

-- name: blueprint_insert_rate
INSERT INTO rate (tenant_id, offer_id, code, name, note, price_minor, position)
VALUES ($1, $2, $3, $4::jsonb, coalesce($5::jsonb, '{}'), $6, $7);

-- name: blueprint_insert_offer_resource
INSERT INTO offer_resource (tenant_id, offer_id, resource_id)
SELECT $1::bigint, $2::bigint, resource_id FROM resource WHERE tenant_id = $1 AND code = $3
RETURNING resource_id;

-- name: blueprint_insert_rule
INSERT INTO schedule_rule (tenant_id, offer_id, days, times, rate_codes, every_weeks, week)
VALUES ($1, $2, $3::int[], $4::time[], $5::text[], $6, $7);

-- name: blueprint_insert_place
INSERT INTO offer_place (tenant_id, offer_id, place, position) VALUES ($1, $2, $3, $4);
