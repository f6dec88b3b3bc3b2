-- The two that a password may be of: who showed that the address is theirs, and whoever typed it
-- last.
-- name: customer_candidates
(SELECT customer_id, version, first_name, last_name, email, phone, language,
        vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
        vt_us(verified_at) AS verified_us, true AS has_password, password_hash,
        person_id
   FROM customer
  WHERE tenant_id = $1 AND email_folded = $2 AND verified_at IS NOT NULL
    AND password_hash IS NOT NULL)
UNION ALL
(SELECT customer_id, version, first_name, last_name, email, phone, language,
        vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
        vt_us(verified_at) AS verified_us, true AS has_password, password_hash,
        person_id
   FROM customer
  WHERE tenant_id = $1 AND email_folded = $2 AND verified_at IS NULL
    AND password_hash IS NOT NULL
  ORDER BY customer_id DESC LIMIT 1);

-- name: customer_code_clean
DELETE FROM customer_code WHERE tenant_id = $1 AND expires_at < $2;

-- name: customer_code_add
INSERT INTO customer_code (tenant_id, code_id, email, email_folded, browser_hash, created_at,
                           expires_at)
VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7);

-- name: customer_code_load
SELECT email, email_folded, encode(browser_hash, 'hex') AS browser_hash,
       vt_us(expires_at) AS expires_us, tries, used_at IS NOT NULL AS used
  FROM customer_code WHERE tenant_id = $1 AND code_id = $2;

-- name: customer_code_try
UPDATE customer_code SET tries = tries + 1 WHERE tenant_id = $1 AND code_id = $2;

-- name: customer_code_use
WITH used AS (
    UPDATE customer_code SET used_at = $3
     WHERE tenant_id = $1 AND code_id = $2 AND used_at IS NULL AND tries < $4 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM used), 'code_used');

-- Whose the address is: who showed it, else who registered last, else whom the venue knows.
-- name: customer_of_address
SELECT customer_id, version, first_name, last_name, email, phone, language,
       vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
       vt_us(verified_at) AS verified_us, password_hash IS NOT NULL AS has_password,
       person_id
  FROM customer
 WHERE tenant_id = $1 AND email_folded = $2
 ORDER BY verified_at IS NULL, registered_at IS NULL, customer_id DESC
 LIMIT 1;

-- name: customer_verified_of_address
SELECT customer_id FROM customer
 WHERE tenant_id = $1 AND email_folded = $2 AND verified_at IS NOT NULL;

-- name: customer_password
SELECT password_hash FROM customer WHERE tenant_id = $1 AND customer_id = $2;

-- name: customer_set_password
WITH saved AS (
    UPDATE customer SET password_hash = $4, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND password_hash IS NOT DISTINCT FROM $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_changed');
