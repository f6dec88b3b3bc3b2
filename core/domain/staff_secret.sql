-- name: staff_secret_load
SELECT staff_id, name, email, password_hash, totp_sealed, totp_step
  FROM staff WHERE tenant_id = $1 AND staff_id = $2;

-- name: staff_secret_by_email
SELECT staff_id, name, email, password_hash
  FROM staff WHERE tenant_id = $1 AND email_folded = $2;

-- name: staff_secret_set_password
WITH changed AS (
    UPDATE staff SET password_hash = $4
     WHERE tenant_id = $1 AND staff_id = $2 AND password_hash = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'staff_gone');

-- name: staff_secret_end_sessions
DELETE FROM session WHERE tenant_id = $1 AND staff_id = $2 AND session_id <> $3;

-- name: staff_secret_set_factor
UPDATE staff SET totp_sealed = $3, totp_step = $4, version = version + 1
 WHERE tenant_id = $1 AND staff_id = $2;

-- A second factor is never replaced unseen: it is turned off first.
-- name: staff_secret_guard_no_factor
SELECT vt_require(EXISTS (SELECT 1 FROM staff
         WHERE tenant_id = $1 AND staff_id = $2 AND totp_sealed IS NULL FOR UPDATE), 'staff_changed');

-- A code works once, also when it comes twice at the same moment.
-- name: staff_secret_take_step
WITH taken AS (
    UPDATE staff SET totp_step = $3
     WHERE tenant_id = $1 AND staff_id = $2 AND totp_step < $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'code_used');

-- name: staff_secret_drop_codes
DELETE FROM staff_recovery WHERE tenant_id = $1 AND staff_id = $2;

-- name: staff_secret_add_code
INSERT INTO staff_recovery (tenant_id, staff_id, code_hash) VALUES ($1, $2, decode($3, 'hex'));

-- name: staff_secret_take_code
WITH taken AS (
    DELETE FROM staff_recovery
     WHERE tenant_id = $1 AND staff_id = $2 AND code_hash = decode($3, 'hex') RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'code_used');
