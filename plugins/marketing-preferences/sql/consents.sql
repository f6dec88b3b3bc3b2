-- What there is to say something about, and what one person said; nothing that was removed.
-- name: choices_of
SELECT p.preference_id::text AS id, p.text_version, t.title, t.body, p.active,
       coalesce(c.given, false) AS given, vt_us(n.at) AS at_us
  FROM plugin_marketing_preferences.preference p
  JOIN plugin_marketing_preferences.preference_text t
       ON t.tenant_id = p.tenant_id AND t.preference_id = p.preference_id
      AND t.version = p.text_version
  LEFT JOIN plugin_marketing_preferences.choice c
       ON c.tenant_id = p.tenant_id AND c.preference_id = p.preference_id AND c.customer_id = $2
  LEFT JOIN plugin_marketing_preferences.consent n
       ON n.tenant_id = c.tenant_id AND n.consent_id = c.consent_id
 WHERE p.tenant_id = $1 AND NOT p.removed
 ORDER BY p.position, p.preference_id
 LIMIT 100;

-- What was said, latest first, one row more than is shown.
-- name: log_of
SELECT n.consent_id::text AS id, n.given, n.language, n.source, n.note, n.text_version, t.title,
       vt_us(n.at) AS at_us
  FROM plugin_marketing_preferences.consent n
  JOIN plugin_marketing_preferences.preference_text t
       ON t.tenant_id = n.tenant_id AND t.preference_id = n.preference_id
      AND t.version = n.text_version
 WHERE n.tenant_id = $1 AND n.customer_id = $2
   AND n.consent_id < coalesce($3::bigint, 9223372036854775807)
 ORDER BY n.consent_id DESC
 LIMIT 51;

-- Says yes or no ($4) to a preference in the words of a version ($5, or those of now). What is so
-- already, and a no to what was never agreed to, is no news. A yes needs what is offered; a no is
-- always taken. `known`: there is such a preference, and this can be said to it.
-- name: say
WITH known AS (
    SELECT p.preference_id, t.version
      FROM plugin_marketing_preferences.preference p
      JOIN plugin_marketing_preferences.preference_text t
           ON t.tenant_id = p.tenant_id AND t.preference_id = p.preference_id
          AND t.version = coalesce($5::int, p.text_version)
     WHERE p.tenant_id = $1 AND p.preference_id = $3
       AND (NOT $4::boolean OR (p.active AND NOT p.removed))),
news AS (
    INSERT INTO plugin_marketing_preferences.choice AS c
           (tenant_id, preference_id, customer_id, given, consent_id)
    SELECT $1, k.preference_id, $2, $4::boolean, vt_id()
      FROM known k
     WHERE $4::boolean
        OR EXISTS (SELECT 1 FROM plugin_marketing_preferences.choice o
                    WHERE o.tenant_id = $1 AND o.preference_id = $3 AND o.customer_id = $2)
    ON CONFLICT (tenant_id, preference_id, customer_id) DO UPDATE
       SET given = excluded.given, consent_id = excluded.consent_id
     WHERE c.given IS DISTINCT FROM excluded.given
    RETURNING c.consent_id),
logged AS (
    INSERT INTO plugin_marketing_preferences.consent
           (tenant_id, consent_id, customer_id, preference_id, text_version, given, language,
            source, note, at)
    SELECT $1, n.consent_id, $2, k.preference_id, k.version, $4::boolean, $6, $7, $8,
           to_timestamp($9::bigint)
      FROM known k, news n
    RETURNING 1)
SELECT (SELECT count(*) FROM known) > 0 AS known, (SELECT count(*) FROM logged) > 0 AS changed;

-- Who a link is for, and what it may end.
-- name: reader
SELECT c.customer_id::text AS id, c.first_name, c.last_name, c.email
  FROM customer c
 WHERE c.tenant_id = $1 AND c.customer_id = $2;

-- name: given_of
SELECT p.preference_id::text AS id, t.title
  FROM plugin_marketing_preferences.choice c
  JOIN plugin_marketing_preferences.preference p
       ON p.tenant_id = c.tenant_id AND p.preference_id = c.preference_id
  JOIN plugin_marketing_preferences.preference_text t
       ON t.tenant_id = p.tenant_id AND t.preference_id = p.preference_id
      AND t.version = p.text_version
 WHERE c.tenant_id = $1 AND c.customer_id = $2 AND c.given
 ORDER BY p.position, p.preference_id
 LIMIT 100;

-- Who said yes or no ($3) to a preference, one page of $5 after $4.
-- name: people
SELECT c.customer_id::text AS key, u.first_name, u.last_name, u.email, u.language, n.source,
       n.text_version, n.given, vt_us(n.at) AS at_us
  FROM plugin_marketing_preferences.choice c
  JOIN customer u ON u.tenant_id = c.tenant_id AND u.customer_id = c.customer_id
  JOIN plugin_marketing_preferences.consent n
       ON n.tenant_id = c.tenant_id AND n.consent_id = c.consent_id
 WHERE c.tenant_id = $1 AND c.preference_id = $2 AND c.given = $3::boolean
   AND c.customer_id > coalesce($4::bigint, 0)
 ORDER BY c.customer_id
 LIMIT $5::int;

-- What holds is what the log says last.
-- name: settle
INSERT INTO plugin_marketing_preferences.choice
       (tenant_id, preference_id, customer_id, given, consent_id)
SELECT DISTINCT ON (n.preference_id) n.tenant_id, n.preference_id, n.customer_id, n.given,
       n.consent_id
  FROM plugin_marketing_preferences.consent n
 WHERE n.tenant_id = $1 AND n.customer_id = $2::bigint
 ORDER BY n.preference_id, n.consent_id DESC
ON CONFLICT (tenant_id, preference_id, customer_id) DO UPDATE
   SET given = excluded.given, consent_id = excluded.consent_id;
