-- name: customer_load
SELECT customer_id, version, first_name, last_name, email, phone, language,
       vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
       vt_us(verified_at) AS verified_us, password_hash IS NOT NULL AS has_password,
       person_id
  FROM customer WHERE tenant_id = $1 AND customer_id = $2;

-- name: customer_register
INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone,
                      language, password_hash, registered_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10);

-- What a verified person confirmed is changed by the person, everywhere at once. Locked, so that
-- nobody becomes one between this and what follows.
-- name: customer_own_guard
WITH locked AS (
    SELECT person_id FROM customer WHERE tenant_id = $1 AND customer_id = $2 FOR NO KEY UPDATE)
SELECT vt_require(NOT EXISTS (SELECT 1 FROM locked WHERE person_id IS NOT NULL),
                  'customer_verified');

-- name: customer_set_details
WITH saved AS (
    UPDATE customer SET first_name = $4, last_name = $5, phone = $6, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND version = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_changed');
