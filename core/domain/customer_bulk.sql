-- What the rows ($2 numbers, $3 folded addresses) find, one row for each. Each is looked up by
-- itself, whatever is known of how many customers a new site has.
-- name: customer_bulk_look
SELECT n.place, c.customer_id, c.version, c.first_name, c.last_name, c.email, c.phone, c.language,
       vt_us(c.created_at) AS created_us, vt_us(c.registered_at) AS registered_us,
       vt_us(c.verified_at) AS verified_us, c.password_hash IS NOT NULL AS has_password,
       c.person_id, c.gender, c.country, c.birthdate::text AS birthdate, c.made_by,
       NULL::text AS tags, t.taken IS NOT NULL AS taken
  FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS n (id, email, place)
  LEFT JOIN LATERAL (
       SELECT o.customer_id, o.version, o.first_name, o.last_name, o.email, o.phone, o.language,
              o.created_at, o.registered_at, o.verified_at, o.password_hash, o.person_id, o.gender,
              o.country, o.birthdate, o.made_by
         FROM customer o
        WHERE o.tenant_id = $1 AND o.customer_id = n.id
        LIMIT 1) c ON true
  LEFT JOIN LATERAL (
       SELECT true AS taken
         FROM customer o
        WHERE o.tenant_id = $1 AND o.email_folded = n.email
        LIMIT 1) t ON true
 ORDER BY n.place;

-- Each address as customer_address_lock has it, in one order for everybody.
-- name: customer_bulk_lock
SELECT count(pg_advisory_xact_lock(l.key))
  FROM (SELECT DISTINCT hashtextextended($1::bigint::text || ' ' || e.folded, 31) AS key
          FROM unnest($2::text[]) AS e (folded)
         ORDER BY 1) l;

-- Behind the lock: nobody has these addresses.
-- name: customer_bulk_free
SELECT vt_require(NOT EXISTS (
           SELECT 1
             FROM unnest($2::text[]) AS n (folded)
            CROSS JOIN LATERAL (
                  SELECT 1
                    FROM customer o
                   WHERE o.tenant_id = $1 AND o.email_folded = n.folded
                   LIMIT 1) t),
       'customer_changed');

-- name: customer_bulk_make
INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone,
                      gender, birthdate, language, made_by, created_at)
SELECT $1, n.id, n.first_name, n.last_name, n.email, n.folded, nullif(n.phone, ''),
       nullif(n.gender, ''), nullif(n.birthdate, '')::date, $10::text, $11::text, $12::timestamptz
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[])
       AS n (id, first_name, last_name, email, folded, phone, gender, birthdate);

-- name: customer_bulk_alter
WITH saved AS (
    UPDATE customer c
       SET first_name = n.first_name, last_name = n.last_name, phone = nullif(n.phone, ''),
           gender = nullif(n.gender, ''), birthdate = nullif(n.birthdate, '')::date,
           version = c.version + 1
      FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::text[])
           AS n (id, version, first_name, last_name, phone, gender, birthdate)
     WHERE c.tenant_id = $1 AND c.customer_id = n.id AND c.version = n.version
       AND c.person_id IS NULL
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM saved) = cardinality($2::bigint[]), 'customer_changed');

-- name: customer_bulk_unmake
WITH gone AS (
    DELETE FROM customer c
     USING unnest($2::bigint[], $3::bigint[]) AS n (id, version)
     WHERE c.tenant_id = $1 AND c.customer_id = n.id AND c.version = n.version
       AND c.person_id IS NULL AND c.registered_at IS NULL AND c.verified_at IS NULL
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM gone) = cardinality($2::bigint[]), 'customer_changed');

-- name: customer_bulk_unfind
DELETE FROM search_term
 WHERE tenant_id = $1 AND kind = 'customer' AND object_id = ANY ($2::bigint[]);

-- name: customer_bulk_find
INSERT INTO search_term (tenant_id, kind, term, object_id)
SELECT DISTINCT $1::bigint, 'customer', t.term, t.id
  FROM unnest($2::bigint[], $3::text[]) AS t (id, term)
ON CONFLICT (tenant_id, kind, term, object_id) DO NOTHING;
