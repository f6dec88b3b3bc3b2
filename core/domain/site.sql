-- name: site_tenant_by_slug
SELECT tenant_id FROM site WHERE slug = $1;

-- name: site_slug_by_tenant
SELECT slug FROM site WHERE tenant_id = $1;

-- name: site_load
SELECT r.revision, s.slug, s.name, s.kind, s.plan, s.state, s.practice, s.currency, s.time_zone,
       array_to_json(s.languages) AS languages, s.branding, s.texts, s.contact, s.settings,
       (SELECT c.channel_id FROM channel c
         WHERE c.tenant_id = s.tenant_id AND c.kind = 'web'
         ORDER BY c.channel_id LIMIT 1) AS web_channel,
       (SELECT c.settings->>'registration' FROM channel c
         WHERE c.tenant_id = s.tenant_id AND c.kind = 'web'
         ORDER BY c.channel_id LIMIT 1) AS registration
  FROM site_revision r
  JOIN site s ON s.tenant_id = r.tenant_id
 WHERE r.tenant_id = $1;

-- name: site_features
SELECT plugin, state, settings FROM feature WHERE tenant_id = $1 ORDER BY plugin;

-- name: site_templates
SELECT name, body FROM template_override WHERE tenant_id = $1 ORDER BY name;

-- name: site_categories
SELECT c.category_id, c.slug, c.name
  FROM category c
 WHERE c.tenant_id = $1
   AND EXISTS (SELECT 1 FROM offer o
                WHERE o.tenant_id = $1 AND o.category_id = c.category_id
                  AND o.state = 'published')
 ORDER BY c.position, c.category_id;
