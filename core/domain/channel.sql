-- name: channel_guard
WITH looked AS (
    UPDATE channel SET version = version + 1
     WHERE tenant_id = $1 AND channel_id = $2 AND version = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM looked), 'channel_changed');

-- name: channel_set_registration
UPDATE channel SET settings = settings || jsonb_build_object('registration', $3::text)
 WHERE tenant_id = $1 AND channel_id = $2;

-- name: channel_add_profile
INSERT INTO profile (tenant_id, profile_id, channel_id, name, mode, from_date, to_date, every_offer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: channel_set_profile
WITH saved AS (
    UPDATE profile SET name = $4, mode = $5, from_date = $6, to_date = $7, every_offer = $8
     WHERE tenant_id = $1 AND profile_id = $2 AND channel_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'channel_gone');

-- name: channel_drop_offers
DELETE FROM profile_offer WHERE tenant_id = $1 AND profile_id = $2;

-- name: channel_add_offers
INSERT INTO profile_offer (tenant_id, profile_id, offer_id)
SELECT $1, $2, unnest($3::bigint[]);

-- name: channel_drop_profile
WITH dropped AS (
    DELETE FROM profile WHERE tenant_id = $1 AND profile_id = $2 AND channel_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM dropped), 'channel_gone');
