-- name: customer_record_load
SELECT customer_id, version, first_name, last_name, email, phone, language,
       vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
       vt_us(verified_at) AS verified_us, password_hash IS NOT NULL AS has_password,
       person_id,
       gender, country, birthdate::text AS birthdate, made_by,
       (SELECT string_agg(t.tag, ', ' ORDER BY t.tag_folded) FROM customer_tag t
         WHERE t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id) AS tags
  FROM customer c
 WHERE c.tenant_id = $1 AND c.customer_id = $2;

-- Whoever makes or moves a customer to an address waits for who does the same.
-- name: customer_address_lock
SELECT pg_advisory_xact_lock(hashtextextended($1::bigint::text || ' ' || $2::text, 31));

-- name: customer_of_folded
SELECT customer_id FROM customer WHERE tenant_id = $1 AND email_folded = $2
 ORDER BY verified_at IS NULL, registered_at IS NULL, customer_id DESC
 LIMIT 1;

-- name: customer_insert
WITH made AS (
    INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone,
                          language, gender, country, birthdate, made_by, created_at, person_id,
                          person_version, verified_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::date, 'staff', $12::timestamptz,
           $13::bigint, $14::bigint, CASE WHEN $13 IS NOT NULL THEN $12::timestamptz END
     WHERE NOT EXISTS (SELECT 1 FROM customer o WHERE o.tenant_id = $1 AND o.email_folded = $6)
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM made), 'customer_taken');

-- What a verified person confirmed may be sent along, unchanged.
-- name: customer_same_guard
WITH locked AS (
    SELECT person_id, first_name, last_name, phone, gender, country, birthdate
      FROM customer WHERE tenant_id = $1 AND customer_id = $2 FOR NO KEY UPDATE)
SELECT vt_require(NOT EXISTS (
           SELECT 1 FROM locked
            WHERE person_id IS NOT NULL
              AND (first_name, last_name, phone, gender, country, birthdate)
                  IS DISTINCT FROM ($3::text, $4::text, $5::text, $6::text, $7::text, $8::date)),
       'customer_verified');

-- name: customer_update
WITH saved AS (
    UPDATE customer
       SET first_name = $4, last_name = $5, phone = $6, gender = $7, country = $8,
           birthdate = $9::date, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND version = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_changed');

-- name: customer_untag
DELETE FROM customer_tag
 WHERE tenant_id = $1 AND customer_id = $2 AND NOT tag_folded = ANY ($3::text[]);

-- name: customer_tag
INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded)
SELECT $1::bigint, $2::bigint, t.tag, t.folded
  FROM unnest($3::text[], $4::text[]) AS t (tag, folded)
ON CONFLICT (tenant_id, tag_folded, customer_id) DO UPDATE SET tag = excluded.tag;

-- name: customer_note_insert
INSERT INTO customer_note (tenant_id, customer_id, at, author, body)
VALUES ($1, $2, $3, $4, $5);

-- name: customer_notes
SELECT author, body, vt_us(at) AS at_us
  FROM customer_note
 WHERE tenant_id = $1 AND customer_id = $2
 ORDER BY note_id DESC
 LIMIT 100;

-- name: customer_unfind
DELETE FROM search_term WHERE tenant_id = $1 AND kind = 'customer' AND object_id = $2;
