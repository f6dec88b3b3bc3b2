-- Which of an order's lines may be cancelled as far as their offers go; $3 is the setting.
-- name: allowed_lines
SELECT l.line_id::text AS id, coalesce(f.allowed, $3::boolean) AS allowed
  FROM order_line l
  LEFT JOIN plugin_self_cancel.choice f ON f.tenant_id = l.tenant_id AND f.offer_id = l.offer_id
 WHERE l.tenant_id = $1 AND l.order_id = $2;

-- In the cancelling unit: what was allowed when the page was made still is, and the feature is on.
-- name: still_allowed
SELECT vt_require(
    EXISTS (SELECT 1 FROM feature WHERE tenant_id = $1 AND plugin = 'self-cancel'
                AND state IN ('on', 'closing'))
    AND NOT EXISTS (
        SELECT 1
          FROM order_line l
          LEFT JOIN plugin_self_cancel.choice f
               ON f.tenant_id = l.tenant_id AND f.offer_id = l.offer_id
         WHERE l.tenant_id = $1
           AND l.line_id IN (SELECT t.id::bigint FROM jsonb_array_elements_text($2::jsonb) AS t (id))
           AND NOT coalesce(f.allowed, $3::boolean)), 'not_allowed');

-- name: offers
SELECT o.offer_id::text AS id, o.title, o.state, coalesce(f.allowed, $2::boolean) AS allowed
  FROM offer o
  LEFT JOIN plugin_self_cancel.choice f ON f.tenant_id = o.tenant_id AND f.offer_id = o.offer_id
 WHERE o.tenant_id = $1 AND o.state IN ('draft', 'published')
 ORDER BY o.state DESC, o.position, o.slug
 LIMIT 500;

-- name: allow
WITH known AS (
    INSERT INTO plugin_self_cancel.choice (tenant_id, offer_id, allowed)
    SELECT tenant_id, offer_id, $3::boolean FROM offer WHERE tenant_id = $1 AND offer_id = $2
    ON CONFLICT (tenant_id, offer_id) DO UPDATE SET allowed = excluded.allowed
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM known), 'unknown');
