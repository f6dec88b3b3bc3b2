-- name: profile_load
SELECT vt_us(email_until) AS email_until_us, email_tries, vt_us(email_at) AS email_at_us,
       first_name, last_name, phone, gender, country, birthdate::text AS birthdate,
       vt_us(phone_until) AS phone_until_us, phone_tries,
       new_email, vt_us(new_email_until) AS new_email_until_us, new_email_tries
  FROM profile_draft
 WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3;

-- Another browser begins anew.
-- name: profile_ask_email
INSERT INTO profile_draft (tenant_id, customer_id, session_id, email_until)
VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, customer_id)
DO UPDATE SET email_until = excluded.email_until, email_tries = 0,
              email_at = CASE WHEN profile_draft.session_id = excluded.session_id
                              THEN profile_draft.email_at END,
              phone_until = NULL, new_email_until = NULL, session_id = excluded.session_id;

-- name: profile_email_try
UPDATE profile_draft SET email_tries = email_tries + 1
 WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3;

-- name: profile_email_use
WITH used AS (
    UPDATE profile_draft SET email_at = $4, email_until = NULL
     WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3 AND email_until = $5
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM used), 'code_used');

-- name: profile_ask_phone
WITH saved AS (
    UPDATE profile_draft
       SET first_name = $4, last_name = $5, phone = $6, gender = $7, country = $8,
           birthdate = $9::date, phone_until = $10, phone_tries = 0
     WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_gone');

-- name: profile_phone_try
UPDATE profile_draft SET phone_tries = phone_tries + 1
 WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3;

-- name: profile_phone_use
WITH used AS (
    UPDATE profile_draft SET phone_until = NULL
     WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3 AND phone_until = $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM used), 'code_used');

-- name: profile_ask_address
WITH saved AS (
    UPDATE profile_draft SET new_email = $4, new_email_until = $5, new_email_tries = 0
     WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_gone');

-- name: profile_address_try
UPDATE profile_draft SET new_email_tries = new_email_tries + 1
 WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3;

-- name: profile_address_use
WITH used AS (
    UPDATE profile_draft SET new_email_until = NULL
     WHERE tenant_id = $1 AND customer_id = $2 AND session_id = $3 AND new_email_until = $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM used), 'code_used');
