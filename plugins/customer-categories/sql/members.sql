-- The categories that somebody is in at a moment ($3, at the venue $4), with what they give.
-- name: terms_of
SELECT c.category_id::text AS id, c.name, c.kind, c.value, c.every_offer, c.version,
       vt_us((m.until_date + time '12:00') AT TIME ZONE $4::text) AS until_us,
       (SELECT json_agg(o.slug)
          FROM plugin_customer_categories.category_offer f
          JOIN offer o ON o.tenant_id = f.tenant_id AND o.offer_id = f.offer_id
         WHERE f.tenant_id = $1 AND f.category_id = c.category_id) AS offers,
       (SELECT json_agg(json_build_object('offer', o.slug, 'rate', r.code, 'minor', p.price_minor))
          FROM plugin_customer_categories.category_price p
          JOIN rate r ON r.tenant_id = p.tenant_id AND r.rate_id = p.rate_id
          JOIN offer o ON o.tenant_id = r.tenant_id AND o.offer_id = r.offer_id
         WHERE p.tenant_id = $1 AND p.category_id = c.category_id) AS prices
  FROM plugin_customer_categories.member m
  JOIN plugin_customer_categories.category c
       ON c.tenant_id = m.tenant_id AND c.category_id = m.category_id
 WHERE m.tenant_id = $1 AND m.customer_id = $2 AND NOT c.archived
   AND (m.until_date IS NULL
        OR m.until_date >= (to_timestamp($3::bigint) AT TIME ZONE $4::text)::date)
 ORDER BY c.category_id
 LIMIT 30;

-- In the sale's unit: the customer is still in the category that the price was made with, and it is
-- as it was ($4). Whoever takes somebody out, or changes it, goes before or after.
-- name: still_member
WITH member AS (
    SELECT until_date FROM plugin_customer_categories.member
     WHERE tenant_id = $1 AND customer_id = $2 AND category_id = $3
       FOR SHARE),
category AS (
    SELECT archived, version FROM plugin_customer_categories.category
     WHERE tenant_id = $1 AND category_id = $3
       FOR SHARE)
SELECT vt_require(
    EXISTS (SELECT 1 FROM category WHERE NOT archived AND version = $4::int)
    AND EXISTS (SELECT 1 FROM member
                 WHERE until_date IS NULL
                    OR until_date >= (to_timestamp($5::bigint) AT TIME ZONE $6::text)::date),
    'customer-categories.changed');

-- name: members_of
SELECT c.category_id::text AS id, c.name, c.archived, m.until_date::text AS until,
       vt_us((m.until_date + time '12:00') AT TIME ZONE $4::text) AS until_us, vt_us(m.since) AS since_us,
       coalesce(m.until_date < (to_timestamp($3::bigint) AT TIME ZONE $4::text)::date, false) AS over
  FROM plugin_customer_categories.member m
  JOIN plugin_customer_categories.category c
       ON c.tenant_id = m.tenant_id AND c.category_id = m.category_id
 WHERE m.tenant_id = $1 AND m.customer_id = $2
 ORDER BY c.category_id
 LIMIT 100;

-- name: put
WITH open AS (
    SELECT category_id FROM plugin_customer_categories.category
     WHERE tenant_id = $1 AND category_id = $3 AND NOT archived
       FOR KEY SHARE),
there AS (
    INSERT INTO plugin_customer_categories.member
           (tenant_id, customer_id, category_id, until_date, since)
    SELECT $1, $2, category_id, $4::date, to_timestamp($5::bigint) FROM open
    ON CONFLICT (tenant_id, customer_id, category_id) DO UPDATE
       SET until_date = excluded.until_date
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM there), 'gone');

-- name: take_out
WITH gone AS (
    DELETE FROM plugin_customer_categories.member
     WHERE tenant_id = $1 AND customer_id = $2 AND category_id = $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'gone');

-- The list of customers, filtered by a category ($2) whatever its end.
-- name: customers_of
SELECT customer_id FROM plugin_customer_categories.member
 WHERE tenant_id = $1 AND category_id = $2::bigint AND customer_id < $3::bigint
 ORDER BY customer_id DESC LIMIT $4::int;

-- name: today
SELECT ((to_timestamp($2::bigint) AT TIME ZONE $3::text)::date)::text AS today
 WHERE $1::bigint IS NOT NULL;

-- Of these customers.
-- name: members_among
SELECT m.category_id::text AS category, m.customer_id::text AS customer,
       m.until_date::text AS until
  FROM plugin_customer_categories.member m
 WHERE m.tenant_id = $1
   AND m.customer_id = ANY (ARRAY(SELECT c::bigint FROM jsonb_array_elements_text($2::jsonb) AS c));

-- In the unit that writes the customers. Whatever was archived meanwhile stays as it is.
-- name: put_all
INSERT INTO plugin_customer_categories.member
       (tenant_id, customer_id, category_id, until_date, since)
SELECT $1, x.customer, c.category_id, x.until, to_timestamp($3::bigint)
  FROM jsonb_to_recordset($2::jsonb) AS x (customer bigint, "group" bigint, until date)
  JOIN plugin_customer_categories.category c
       ON c.tenant_id = $1 AND c.category_id = x."group" AND NOT c.archived
ON CONFLICT (tenant_id, customer_id, category_id) DO UPDATE SET until_date = excluded.until_date;

-- name: take_out_all
DELETE FROM plugin_customer_categories.member m
 USING jsonb_to_recordset($2::jsonb) AS x (customer bigint, "group" bigint)
 WHERE m.tenant_id = $1 AND m.customer_id = x.customer AND m.category_id = x."group";
