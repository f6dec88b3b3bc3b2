-- name: account_sessions
SELECT session_id, vt_us(created_at) AS created_us, vt_us(expires_at) AS expires_us,
       token_hash = decode($3, 'hex') AS current
  FROM operator_session
 WHERE operator_id = $1 AND expires_at > $2
 ORDER BY session_id DESC LIMIT 50;

-- name: account_end_session
DELETE FROM operator_session WHERE operator_id = $1 AND session_id = $2;

-- name: account_end_others
DELETE FROM operator_session WHERE operator_id = $1 AND token_hash <> decode($2, 'hex');

-- name: account_set_password
UPDATE operator SET password_hash = $2 WHERE operator_id = $1;

-- name: account_set_language
UPDATE operator SET language = $2 WHERE operator_id = $1;

-- name: account_language
SELECT o.language, o.totp_sealed IS NOT NULL AS second_factor,
       (SELECT count(*) FROM operator_recovery c WHERE c.operator_id = o.operator_id) AS codes
  FROM operator o WHERE o.operator_id = $1;
