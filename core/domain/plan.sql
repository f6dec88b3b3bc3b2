-- The newest word on each feature's approval counts.
-- name: plan_entitlements
SELECT coalesce(p.title, s.plan) AS title, coalesce(p.everything, true) AS everything,
       array_to_json(coalesce(p.features, '{}')) AS features,
       (SELECT json_agg(n.plugin)
          FROM (SELECT DISTINCT ON (a.plugin) a.plugin, a.state FROM approval a
                 WHERE a.tenant_id = s.tenant_id ORDER BY a.plugin, a.approval_id DESC) n
         WHERE n.state = 'approved') AS approved
  FROM site s LEFT JOIN plan p ON p.name = s.plan
 WHERE s.tenant_id = $1;

-- name: plan_list
SELECT p.name, p.title, p.everything, array_to_json(p.features) AS features, p.position, p.version,
       coalesce(s.sites, 0) AS sites
  FROM plan p
  LEFT JOIN (SELECT plan, count(*) AS sites FROM site WHERE state <> 'creating' GROUP BY plan) s
       ON s.plan = p.name
 ORDER BY p.position, p.name;

-- name: plan_insert
INSERT INTO plan (name, title, everything, features, position)
VALUES ($1, $2, $3, $4::text[], $5);

-- name: plan_update
WITH changed AS (
    UPDATE plan SET title = $2, everything = $3, features = $4::text[], position = $5,
           version = version + 1
     WHERE name = $1 AND version = $6
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: plan_unused
-- A site that signs up gets the standard one.
SELECT vt_require($1 <> 'standard' AND NOT EXISTS (SELECT 1 FROM site WHERE plan = $1), 'used');

-- name: plan_delete
WITH gone AS (DELETE FROM plan WHERE name = $1 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'unknown');
