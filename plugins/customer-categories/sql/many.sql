-- Many customers at once. $2 the category, $3 the last day or NULL, $4 the customers, $5 the moment.
-- name: look_put
SELECT w.id::bigint AS customer_id,
       CASE WHEN $3::date < (to_timestamp($5::bigint) AT TIME ZONE s.time_zone)::date THEN 'past'
            WHEN m.customer_id IS NOT NULL AND m.until_date IS NOT DISTINCT FROM $3::date
            THEN 'in' END AS why,
       CASE WHEN m.customer_id IS NOT NULL
            THEN jsonb_build_object('until', m.until_date, 'since', m.since) END AS was
  FROM site s
 CROSS JOIN jsonb_array_elements_text($4::jsonb) AS w (id)
  LEFT JOIN plugin_customer_categories.member m
       ON m.tenant_id = $1 AND m.category_id = $2::bigint AND m.customer_id = w.id::bigint
 WHERE s.tenant_id = $1;

-- name: look_out
SELECT w.id::bigint AS customer_id,
       CASE WHEN m.customer_id IS NULL THEN 'out' END AS why,
       CASE WHEN m.customer_id IS NOT NULL
            THEN jsonb_build_object('until', m.until_date, 'since', m.since) END AS was
  FROM jsonb_array_elements_text($4::jsonb) AS w (id)
  LEFT JOIN plugin_customer_categories.member m
       ON m.tenant_id = $1 AND m.category_id = $2::bigint AND m.customer_id = w.id::bigint
 WHERE ($3::date IS NULL OR true) AND $5::bigint > 0;

-- $2 the customer, $3 the category.
-- name: put_many
WITH open AS (
    SELECT category_id FROM plugin_customer_categories.category
     WHERE tenant_id = $1 AND category_id = $3::bigint AND NOT archived
       FOR KEY SHARE),
there AS (
    INSERT INTO plugin_customer_categories.member
           (tenant_id, customer_id, category_id, until_date, since)
    SELECT $1, $2::bigint, category_id, $4::date, to_timestamp($5::bigint) FROM open
    ON CONFLICT (tenant_id, customer_id, category_id) DO UPDATE
       SET until_date = excluded.until_date
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM there), 'gone');

-- name: out_many
WITH gone AS (
    DELETE FROM plugin_customer_categories.member
     WHERE tenant_id = $1 AND customer_id = $2::bigint AND category_id = $3::bigint
       AND ($4::date IS NULL OR true) AND $5::bigint > 0
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'gone');

-- As it was: $4 NULL, in none.
-- name: back_many
WITH gone AS (
    DELETE FROM plugin_customer_categories.member
     WHERE tenant_id = $1 AND customer_id = $2::bigint AND category_id = $3::bigint
       AND $4::jsonb IS NULL
    RETURNING 1),
there AS (
    INSERT INTO plugin_customer_categories.member
           (tenant_id, customer_id, category_id, until_date, since)
    SELECT $1, $2::bigint, $3::bigint, ($4::jsonb ->> 'until')::date,
           ($4::jsonb ->> 'since')::timestamptz
     WHERE $4::jsonb IS NOT NULL
    ON CONFLICT (tenant_id, customer_id, category_id) DO UPDATE
       SET until_date = excluded.until_date
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone) OR EXISTS (SELECT 1 FROM there), 'gone');
