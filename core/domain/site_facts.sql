-- $2 name, $3 languages, the main one first, $4 currency.
-- name: site_facts_set
UPDATE site SET name = $2, languages = $3::text[], currency = $4 WHERE tenant_id = $1;

-- Amounts that somebody has seen stay in what they were said in.
-- name: site_facts_guard_currency
SELECT vt_require((SELECT currency FROM site WHERE tenant_id = $1) = $2
                  OR NOT EXISTS (SELECT 1 FROM orders WHERE tenant_id = $1), 'currency_used');

-- name: site_facts_sold
SELECT EXISTS (SELECT 1 FROM orders WHERE tenant_id = $1) AS sold;

-- What has no words in language $2: of each kind how many, and a few of them.
-- name: site_facts_missing
SELECT 'offer' AS kind, count(*) AS missing, to_json((array_agg(title))[1:3]) AS texts
  FROM (SELECT title FROM offer
         WHERE tenant_id = $1 AND state <> 'archived' AND coalesce(title ->> $2::text, '') = '') o
 UNION ALL
SELECT 'category', count(*), to_json((array_agg(name))[1:3])
  FROM (SELECT name FROM category
         WHERE tenant_id = $1 AND coalesce(name ->> $2::text, '') = '') c
 UNION ALL
SELECT 'rate', count(*), to_json((array_agg(name))[1:3])
  FROM (SELECT r.name FROM offer o
          JOIN rate r ON r.tenant_id = $1 AND r.offer_id = o.offer_id AND NOT r.archived
         WHERE o.tenant_id = $1 AND o.state <> 'archived'
           AND coalesce(r.name ->> $2::text, '') = '') r
 UNION ALL
SELECT 'tax', count(*), to_json((array_agg(name))[1:3])
  FROM (SELECT name FROM tax
         WHERE tenant_id = $1 AND coalesce(name ->> $2::text, '') = '') t;

-- name: site_facts_guard_words
SELECT vt_require(
           NOT EXISTS (SELECT 1 FROM offer
                        WHERE tenant_id = $1 AND state <> 'archived'
                          AND coalesce(title ->> $2::text, '') = '')
           AND NOT EXISTS (SELECT 1 FROM category
                            WHERE tenant_id = $1 AND coalesce(name ->> $2::text, '') = '')
           AND NOT EXISTS (SELECT 1 FROM tax
                            WHERE tenant_id = $1 AND coalesce(name ->> $2::text, '') = ''),
           'words_missing');

-- name: site_facts_set_zone
UPDATE site SET time_zone = $2 WHERE tenant_id = $1;

-- What is closed, and the times that were taken out of rules, follow the clock on the wall.
-- name: site_facts_move_closures
UPDATE closure c SET from_at = to_timestamp(n.from_us / 1e6), to_at = to_timestamp(n.to_us / 1e6)
  FROM jsonb_to_recordset($2::jsonb) AS n (id bigint, from_us bigint, to_us bigint)
 WHERE c.tenant_id = $1 AND c.closure_id = n.id;

-- name: site_facts_forget_exceptions
DELETE FROM slot_exception WHERE tenant_id = $1 AND starts_at > $2;

-- name: site_facts_add_exceptions
INSERT INTO slot_exception (tenant_id, offer_id, starts_at)
SELECT $1, n.offer_id, to_timestamp(n.starts_at / 1e6)
  FROM jsonb_to_recordset($2::jsonb) AS n (offer_id bigint, starts_at bigint)
ON CONFLICT (tenant_id, offer_id, starts_at) DO NOTHING;
