-- The second factor of operators, with the parameters that staff's has: the site comes first, and
-- is 0.

-- name: operator_secret_load
SELECT operator_id AS staff_id, name, email, password_hash, totp_sealed, totp_step
  FROM operator WHERE $1::bigint = 0 AND operator_id = $2;

-- name: operator_secret_set_factor
UPDATE operator SET totp_sealed = $3, totp_step = $4
 WHERE $1::bigint = 0 AND operator_id = $2;

-- name: operator_secret_guard_no_factor
SELECT vt_require(EXISTS (SELECT 1 FROM operator
         WHERE $1::bigint = 0 AND operator_id = $2 AND totp_sealed IS NULL FOR UPDATE), 'staff_changed');

-- name: operator_secret_take_step
WITH taken AS (
    UPDATE operator SET totp_step = $3
     WHERE $1::bigint = 0 AND operator_id = $2 AND totp_step < $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'code_used');

-- name: operator_secret_drop_codes
DELETE FROM operator_recovery WHERE $1::bigint = 0 AND operator_id = $2;

-- name: operator_secret_add_code
INSERT INTO operator_recovery (operator_id, code_hash)
SELECT $2::bigint, decode($3, 'hex') WHERE $1::bigint = 0;

-- name: operator_secret_take_code
WITH taken AS (
    DELETE FROM operator_recovery
     WHERE $1::bigint = 0 AND operator_id = $2 AND code_hash = decode($3, 'hex') RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'code_used');

-- name: operator_secret_end_sessions
DELETE FROM operator_session
 WHERE $1::bigint = 0 AND operator_id = $2 AND session_id <> $3;

-- Wherever an operator is in a back office as support, the visit is over.
-- name: operator_secret_end_visits
UPDATE support_access SET ended_at = $2
 WHERE operator_id = $1 AND ended_at IS NULL AND ends_at > $2;
