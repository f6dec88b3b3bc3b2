-- Customers, newest first: a number is a time, so they are sorted by it. All statements take $2, the
-- number to go on below, and $3, how many.

-- name: customers_newest
SELECT customer_id FROM customer
 WHERE tenant_id = $1 AND customer_id < $2::bigint
 ORDER BY customer_id DESC LIMIT $3::int;

-- name: customers_chosen
SELECT c.customer_id
  FROM (SELECT DISTINCT id FROM unnest($4::bigint[]) AS u (id)) w
  JOIN customer c ON c.tenant_id = $1 AND c.customer_id = w.id
 WHERE w.id < $2::bigint
 ORDER BY c.customer_id DESC LIMIT $3::int;

-- name: customers_with_account
SELECT customer_id FROM customer
 WHERE tenant_id = $1 AND customer_id < $2::bigint AND registered_at IS NOT NULL
 ORDER BY customer_id DESC LIMIT $3::int;

-- name: customers_without_account
SELECT customer_id FROM customer
 WHERE tenant_id = $1 AND customer_id < $2::bigint AND registered_at IS NULL
 ORDER BY customer_id DESC LIMIT $3::int;

-- Those who ask for something that the venue has to do.
-- name: customers_who_ask
SELECT customer_id FROM customer_email_wish
 WHERE tenant_id = $1 AND customer_id < $2::bigint
 ORDER BY customer_id DESC LIMIT $3::int;

-- $4 the state as above or NULL, $5 the tag.
-- name: customers_of_tag
SELECT t.customer_id
  FROM customer_tag t
  JOIN customer c ON c.tenant_id = t.tenant_id AND c.customer_id = t.customer_id
 WHERE t.tenant_id = $1 AND t.tag_folded = $5 AND t.customer_id < $2::bigint
   AND ($4::text IS NULL
        OR CASE $4 WHEN 'account' THEN c.registered_at IS NOT NULL
                   WHEN 'no_account' THEN c.registered_at IS NULL
                   ELSE EXISTS (SELECT 1 FROM customer_email_wish w
                                 WHERE w.tenant_id = c.tenant_id
                                   AND w.customer_id = c.customer_id) END)
 ORDER BY t.customer_id DESC LIMIT $3::int;

-- By words: each is a beginning, a range of terms, and a customer has to be in all of them. Where
-- thousands have every word, a page is full after a look at the newest customers, most of the time.
-- If it isn't, those with the rarest word are gathered, and looked at from the newest on until it is:
-- words that only old customers have would make the first way read them all.
-- name: customers_found
WITH word AS MATERIALIZED (
    SELECT w.from_term, w.until_term, w.place,
           (SELECT count(*)
              FROM (SELECT 1 FROM search_term s
                     WHERE s.tenant_id = $1 AND s.kind = 'customer'
                       AND s.term >= w.from_term AND s.term < w.until_term
                     LIMIT 20000) t) AS size
      FROM unnest($6::text[], $7::text[]) WITH ORDINALITY AS w (from_term, until_term, place)),
rarest AS MATERIALIZED (
    SELECT from_term, until_term, size FROM word ORDER BY size, place LIMIT 1),
newest AS MATERIALIZED (
    SELECT n.customer_id
      FROM (SELECT c.customer_id FROM customer c
             WHERE (SELECT size > 3000 FROM rarest) AND $3::int < 500 AND $4::text IS NULL
               AND $5::text IS NULL AND c.tenant_id = $1 AND c.customer_id < $2::bigint
             ORDER BY c.customer_id DESC LIMIT 1000) n
     CROSS JOIN LATERAL (
           SELECT count(*) AS words
             FROM word w
            CROSS JOIN LATERAL (
                  SELECT 1 FROM search_term s
                   WHERE s.tenant_id = $1 AND s.kind = 'customer' AND s.object_id = n.customer_id
                     AND s.term >= w.from_term AND s.term < w.until_term
                   LIMIT 1) one) has
     WHERE has.words = cardinality($6)
     ORDER BY n.customer_id DESC
     LIMIT $3),
enough AS MATERIALIZED (
    SELECT count(*) = $3 AS yes FROM newest)
SELECT a.customer_id
  FROM (SELECT n.customer_id FROM newest n WHERE (SELECT yes FROM enough)
        UNION ALL
        (SELECT f.customer_id
           FROM (SELECT DISTINCT s.object_id AS customer_id
                   FROM rarest r
                  CROSS JOIN LATERAL (
                        SELECT t.object_id FROM search_term t
                         WHERE t.tenant_id = $1 AND t.kind = 'customer'
                           AND t.term >= r.from_term AND t.term < r.until_term) s
                  WHERE (SELECT NOT yes FROM enough) AND s.object_id < $2
                  ORDER BY 1 DESC) f
          CROSS JOIN LATERAL (
                SELECT count(*) AS words
                  FROM word w
                 CROSS JOIN LATERAL (
                       SELECT 1 FROM search_term s
                        WHERE s.tenant_id = $1 AND s.kind = 'customer'
                          AND s.object_id = f.customer_id
                          AND s.term >= w.from_term AND s.term < w.until_term
                        LIMIT 1) one) has
          WHERE has.words = cardinality($6)
            AND ($4 IS NULL
                 OR CASE WHEN $4 = 'asks' THEN EXISTS (
                             SELECT 1 FROM customer_email_wish w
                              WHERE w.tenant_id = $1 AND w.customer_id = f.customer_id)
                         ELSE EXISTS (
                             SELECT 1 FROM customer c
                              WHERE c.tenant_id = $1 AND c.customer_id = f.customer_id
                                AND (c.registered_at IS NOT NULL) = ($4 = 'account')) END)
            AND ($5 IS NULL
                 OR EXISTS (SELECT 1 FROM customer_tag t
                             WHERE t.tenant_id = $1 AND t.tag_folded = $5
                               AND t.customer_id = f.customer_id))
          LIMIT $3)) a
 ORDER BY a.customer_id DESC
 LIMIT $3;

-- What the list shows of them, in the same order.
-- name: customers_shown
SELECT c.customer_id, c.first_name, c.last_name, c.email, c.phone,
       c.registered_at IS NOT NULL AS has_account, c.verified_at IS NOT NULL AS is_verified,
       vt_us(c.created_at) AS created_us,
       (SELECT string_agg(t.tag, ', ' ORDER BY t.tag_folded) FROM customer_tag t
         WHERE t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id) AS tags,
       EXISTS (SELECT 1 FROM customer_email_wish m
                WHERE m.tenant_id = c.tenant_id AND m.customer_id = c.customer_id) AS asks,
       (SELECT vt_us(o.placed_at) FROM orders o
         WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.customer_id
           AND o.placed_at IS NOT NULL
         ORDER BY o.placed_at DESC, o.order_id DESC LIMIT 1) AS booked_us
  FROM unnest($2::bigint[]) WITH ORDINALITY AS w (customer_id, place)
  JOIN customer c ON c.tenant_id = $1 AND c.customer_id = w.customer_id
 ORDER BY w.place;

-- The tags in use, one look at the index for each.
-- name: customers_tags
WITH RECURSIVE used AS (
    (SELECT tag, tag_folded FROM customer_tag WHERE tenant_id = $1
      ORDER BY tag_folded, customer_id LIMIT 1)
    UNION ALL
    SELECT n.tag, n.tag_folded
      FROM used u
     CROSS JOIN LATERAL (
           SELECT t.tag, t.tag_folded FROM customer_tag t
            WHERE t.tenant_id = $1 AND t.tag_folded > u.tag_folded
            ORDER BY t.tag_folded, t.customer_id LIMIT 1) n)
SELECT tag, tag_folded FROM used LIMIT 100;
