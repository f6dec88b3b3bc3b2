-- Pairs of customers who may be one person, in the order of what they share. $2, $3, $4: where the
-- page before ended, $5 how many. Those whom staff told apart are left out.

-- name: alike_by_email
SELECT s.email_folded || ' ' || a.customer_id AS spot, a.customer_id AS one_id, b.customer_id AS two_id
  FROM (SELECT g.email_folded FROM customer g
         WHERE g.tenant_id = $1 AND g.email_folded >= $2::text
         GROUP BY g.email_folded HAVING count(*) > 1 ORDER BY g.email_folded) s
 CROSS JOIN LATERAL (
       SELECT x.customer_id FROM customer x
        WHERE x.tenant_id = $1 AND x.email_folded = s.email_folded
          AND x.customer_id >= CASE WHEN s.email_folded = $2::text THEN $3::bigint ELSE 0 END
        ORDER BY x.customer_id LIMIT 500) a
 CROSS JOIN LATERAL (
       SELECT y.customer_id FROM customer y
        WHERE y.tenant_id = $1 AND y.email_folded = s.email_folded
          AND y.customer_id > CASE WHEN s.email_folded = $2::text AND a.customer_id = $3::bigint
                                   THEN GREATEST($4::bigint, a.customer_id)
                                   ELSE a.customer_id END
        ORDER BY y.customer_id LIMIT 500) b
 WHERE NOT EXISTS (SELECT 1 FROM customer_apart x
                    WHERE x.tenant_id = $1 AND x.one_id = a.customer_id
                      AND x.two_id = b.customer_id)
 ORDER BY s.email_folded, a.customer_id, b.customer_id
 LIMIT $5::int;

-- name: alike_by_phone
SELECT s.phone || ' ' || a.customer_id AS spot, a.customer_id AS one_id, b.customer_id AS two_id
  FROM (SELECT g.phone FROM customer g
         WHERE g.tenant_id = $1 AND g.phone IS NOT NULL AND g.phone >= $2::text
         GROUP BY g.phone HAVING count(*) > 1 ORDER BY g.phone) s
 CROSS JOIN LATERAL (
       SELECT x.customer_id FROM customer x
        WHERE x.tenant_id = $1 AND x.phone = s.phone
          AND x.customer_id >= CASE WHEN s.phone = $2::text THEN $3::bigint ELSE 0 END
        ORDER BY x.customer_id LIMIT 500) a
 CROSS JOIN LATERAL (
       SELECT y.customer_id FROM customer y
        WHERE y.tenant_id = $1 AND y.phone = s.phone
          AND y.customer_id > CASE WHEN s.phone = $2::text AND a.customer_id = $3::bigint
                                   THEN GREATEST($4::bigint, a.customer_id)
                                   ELSE a.customer_id END
        ORDER BY y.customer_id LIMIT 500) b
 WHERE NOT EXISTS (SELECT 1 FROM customer_apart x
                    WHERE x.tenant_id = $1 AND x.one_id = a.customer_id
                      AND x.two_id = b.customer_id)
 ORDER BY s.phone, a.customer_id, b.customer_id
 LIMIT $5::int;

-- Born on one day and of one name.
-- name: alike_by_birth
SELECT s.birthdate || ' ' || a.customer_id AS spot, a.customer_id AS one_id, b.customer_id AS two_id
  FROM (SELECT g.birthdate FROM customer g
         WHERE g.tenant_id = $1 AND g.birthdate IS NOT NULL AND g.birthdate >= $2::date
         GROUP BY g.birthdate HAVING count(*) > 1 ORDER BY g.birthdate) s
 CROSS JOIN LATERAL (
       SELECT x.customer_id, x.first_name, x.last_name FROM customer x
        WHERE x.tenant_id = $1 AND x.birthdate = s.birthdate
          AND x.customer_id >= CASE WHEN s.birthdate = $2::date THEN $3::bigint ELSE 0 END
        ORDER BY x.customer_id LIMIT 500) a
 CROSS JOIN LATERAL (
       SELECT y.customer_id FROM customer y
        WHERE y.tenant_id = $1 AND y.birthdate = s.birthdate
          AND y.customer_id > CASE WHEN s.birthdate = $2::date AND a.customer_id = $3::bigint
                                   THEN GREATEST($4::bigint, a.customer_id)
                                   ELSE a.customer_id END
          AND lower(y.first_name) = lower(a.first_name)
          AND lower(y.last_name) = lower(a.last_name)
        ORDER BY y.customer_id LIMIT 500) b
 WHERE NOT EXISTS (SELECT 1 FROM customer_apart x
                    WHERE x.tenant_id = $1 AND x.one_id = a.customer_id
                      AND x.two_id = b.customer_id)
 ORDER BY s.birthdate, a.customer_id, b.customer_id
 LIMIT $5::int;

-- Both of each pair, $2 and $3, in their order.
-- name: alike_shown
SELECT w.place, c.customer_id, c.first_name, c.last_name, c.email, c.phone,
       c.birthdate::text AS birthdate, c.registered_at IS NOT NULL AS has_account,
       c.verified_at IS NOT NULL AS is_verified, vt_us(c.created_at) AS created_us
  FROM unnest($2::bigint[]) WITH ORDINALITY AS w (customer_id, place)
  JOIN customer c ON c.tenant_id = $1 AND c.customer_id = w.customer_id
 ORDER BY w.place;

-- name: alike_apart
WITH told AS (
    INSERT INTO customer_apart (tenant_id, one_id, two_id, said_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM told), 'alike_same');

-- name: alike_together
WITH gone AS (
    DELETE FROM customer_apart WHERE tenant_id = $1 AND one_id = $2 AND two_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'alike_same');
