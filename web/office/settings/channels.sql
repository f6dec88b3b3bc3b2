-- name: office_channels
SELECT c.channel_id::text AS channel_id, c.kind, c.name, c.version,
       (SELECT count(*) FROM profile p
         WHERE p.tenant_id = c.tenant_id AND p.channel_id = c.channel_id) AS profiles
  FROM channel c WHERE c.tenant_id = $1 ORDER BY c.channel_id LIMIT 100;

-- name: office_channel
SELECT channel_id::text AS channel_id, kind, name, version,
       coalesce(settings->>'registration', 'guest') AS registration
  FROM channel WHERE tenant_id = $1 AND channel_id = $2;

-- name: office_profiles
SELECT p.profile_id::text AS profile_id, p.name, p.mode, p.from_date, p.to_date, p.every_offer,
       (SELECT count(*) FROM profile_offer o
         WHERE o.tenant_id = p.tenant_id AND o.profile_id = p.profile_id) AS offers
  FROM profile p WHERE p.tenant_id = $1 AND p.channel_id = $2
 ORDER BY p.profile_id LIMIT 100;

-- name: office_profile_offers
SELECT o.offer_id::text AS offer_id, o.title,
       EXISTS (SELECT 1 FROM profile_offer p
                WHERE p.tenant_id = $1 AND p.profile_id = $2 AND p.offer_id = o.offer_id) AS chosen
  FROM offer o WHERE o.tenant_id = $1 AND o.state <> 'archived'
 ORDER BY o.position, o.offer_id LIMIT 500;
