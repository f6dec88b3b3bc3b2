-- name: preferences
SELECT p.preference_id::text AS id, p.active, p.removed, t.title, t.body,
       (SELECT count(*) FROM plugin_marketing_preferences.choice c
         WHERE c.tenant_id = p.tenant_id AND c.preference_id = p.preference_id
           AND c.given) AS people
  FROM plugin_marketing_preferences.preference p
  JOIN plugin_marketing_preferences.preference_text t
       ON t.tenant_id = p.tenant_id AND t.preference_id = p.preference_id
      AND t.version = p.text_version
 WHERE p.tenant_id = $1 AND p.removed = $2::boolean
 ORDER BY p.position, p.preference_id
 LIMIT 100;

-- name: preference
SELECT p.preference_id::text AS id, p.active, p.removed, p.version, p.text_version, t.title, t.body
  FROM plugin_marketing_preferences.preference p
  JOIN plugin_marketing_preferences.preference_text t
       ON t.tenant_id = p.tenant_id AND t.preference_id = p.preference_id
      AND t.version = p.text_version
 WHERE p.tenant_id = $1 AND p.preference_id = $2;

-- Its history is kept under the number, from the first entry on.
-- name: next_id
SELECT vt_id()::text AS id WHERE $1::bigint IS NOT NULL;

-- name: insert_preference
WITH made AS (
    INSERT INTO plugin_marketing_preferences.preference
           (tenant_id, preference_id, position, active, created_at)
    SELECT $1, $2, coalesce(max(position), 0) + 1, $3::boolean, to_timestamp($4::bigint)
      FROM plugin_marketing_preferences.preference WHERE tenant_id = $1
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM plugin_marketing_preferences.preference
                    WHERE tenant_id = $1 AND NOT removed) < 30, 'full')
  FROM made;

-- name: insert_text
INSERT INTO plugin_marketing_preferences.preference_text
       (tenant_id, preference_id, version, title, body, created_at)
VALUES ($1, $2, $3::int, $4::jsonb, $5::jsonb, to_timestamp($6::bigint));

-- name: update_preference
WITH changed AS (
    UPDATE plugin_marketing_preferences.preference
       SET active = $4::boolean, text_version = $5::int, version = version + 1
     WHERE tenant_id = $1 AND preference_id = $2 AND version = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: set_removed
WITH changed AS (
    UPDATE plugin_marketing_preferences.preference
       SET removed = $3::boolean, version = version + 1
     WHERE tenant_id = $1 AND preference_id = $2 AND removed <> $3::boolean
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- Changes places with the one above; the first one stays.
-- name: move_up
WITH me AS (
    SELECT position, preference_id FROM plugin_marketing_preferences.preference
     WHERE tenant_id = $1 AND preference_id = $2 AND NOT removed),
above AS (
    SELECT p.position, p.preference_id
      FROM plugin_marketing_preferences.preference p
     WHERE p.tenant_id = $1 AND p.removed = false
       AND (p.position, p.preference_id)
           < ((SELECT position FROM me), (SELECT preference_id FROM me))
     ORDER BY p.position DESC, p.preference_id DESC
     LIMIT 1)
UPDATE plugin_marketing_preferences.preference p
   SET position = CASE WHEN p.preference_id = me.preference_id THEN above.position
                       ELSE me.position END
  FROM me, above
 WHERE p.tenant_id = $1 AND p.preference_id IN (me.preference_id, above.preference_id);

-- What a blueprint or a demo site brings: again is harmless.
-- name: seed_preference
WITH made AS (
    INSERT INTO plugin_marketing_preferences.preference (tenant_id, seed, position, created_at)
    SELECT $1, $2, coalesce(max(position), 0) + 1, to_timestamp($5::bigint)
      FROM plugin_marketing_preferences.preference WHERE tenant_id = $1
    ON CONFLICT (tenant_id, seed) DO NOTHING
    RETURNING preference_id)
INSERT INTO plugin_marketing_preferences.preference_text
       (tenant_id, preference_id, version, title, body, created_at)
SELECT $1, preference_id, 1, $3::jsonb, $4::jsonb, to_timestamp($5::bigint) FROM made;
