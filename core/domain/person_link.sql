-- name: person_link
WITH linked AS (
    UPDATE customer
       SET person_id = $4, person_version = $5, email = $6, first_name = $7, last_name = $8,
           phone = $9, gender = $10, country = $11, birthdate = $12::date, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND email_folded = $3 AND verified_at IS NOT NULL
       AND person_id IS NULL RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM linked), 'customer_gone');

-- name: person_unlink
WITH gone AS (
    UPDATE customer SET person_id = NULL, person_version = NULL, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND person_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'customer_gone');

-- name: person_customer
SELECT customer_id, version, first_name, last_name, email, phone, language,
       vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
       vt_us(verified_at) AS verified_us, password_hash IS NOT NULL AS has_password,
       person_id, person_version
  FROM customer
 WHERE tenant_id = $1 AND person_id = $2;

-- Older news never undo newer ones.
-- name: person_follow
WITH followed AS (
    UPDATE customer
       SET person_version = $4, first_name = $5, last_name = $6, phone = $7, gender = $8,
           country = $9, birthdate = $10::date, email = $11, email_folded = $12,
           registered_at = CASE WHEN $13::boolean THEN registered_at END,
           version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND person_id = $3 AND person_version < $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM followed), 'customer_changed');

-- Another person had the address until now, and this site hasn't followed that yet.
-- name: person_address_free
SELECT vt_require(NOT EXISTS (SELECT 1 FROM customer
                               WHERE tenant_id = $1 AND email_folded = $3 AND customer_id <> $2
                                 AND person_id IS NOT NULL),
                  'customer_taken');

-- As the platform.
-- name: person_load
SELECT person_id, version, email, first_name, last_name, phone, gender, country,
       birthdate::text AS birthdate, language
  FROM person WHERE person_id = $1;
