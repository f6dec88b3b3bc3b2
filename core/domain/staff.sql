-- name: staff_by_email
SELECT staff_id, name, email, role, password_hash, totp_sealed IS NOT NULL AS second_factor
  FROM staff WHERE tenant_id = $1 AND email_folded = $2;

-- name: staff_operator_by_email
SELECT operator_id AS staff_id, name, email, role, password_hash, totp_sealed IS NOT NULL AS second_factor
  FROM operator WHERE email_folded = $1;

-- name: staff_save_operator
INSERT INTO operator (email, email_folded, name, role, password_hash, created_at)
VALUES ($1, $2, $3, $6, $4, $5)
ON CONFLICT (email_folded) DO UPDATE
   SET role = excluded.role, password_hash = excluded.password_hash, totp_sealed = NULL, totp_step = 0
RETURNING operator_id;

-- name: staff_end_operator_sessions
DELETE FROM operator_session s USING operator o
 WHERE o.email_folded = $1 AND s.operator_id = o.operator_id;

-- name: staff_end_operator_visits
UPDATE support_access v SET ended_at = $2
  FROM operator o
 WHERE o.email_folded = $1 AND v.operator_id = o.operator_id AND v.ended_at IS NULL AND v.ends_at > $2;

-- Two commands that each remove the other's last one wait for each other.
-- name: staff_lock_operators
SELECT operator_id FROM operator ORDER BY operator_id FOR UPDATE;

-- Of those who may do everything one stays.
-- name: staff_require_operator
SELECT vt_require(count(*) FILTER (WHERE email_folded = $1) > 0, 'no_operator'),
       vt_require(bool_or(email_folded = $1 AND role <> 'operator')
                  OR count(*) FILTER (WHERE email_folded <> $1 AND role = 'operator') > 0,
                  'last_operator')
  FROM operator;

-- name: staff_remove_operator
DELETE FROM operator WHERE email_folded = $1;

-- Whether a lock was recorded lately: $2 kind and $3 name of the object, $4 since when.
-- name: staff_lock_noted
SELECT EXISTS (SELECT 1
                 FROM (SELECT action, at FROM audit
                        WHERE tenant_id = $1 AND object_kind = $2 AND object_id = $3
                        ORDER BY audit_id DESC LIMIT 20) a
                WHERE a.action = 'staff.login_locked' AND a.at > $4) AS noted;
