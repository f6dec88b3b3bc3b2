-- name: staff_member
SELECT staff_id, email, name, role, version, totp_sealed IS NOT NULL AS second_factor
  FROM staff WHERE tenant_id = $1 AND staff_id = $2;

-- In a fixed order, so that two owners who remove each other wait for one another.
-- name: staff_lock_owners
SELECT staff_id FROM staff WHERE tenant_id = $1 AND role = 'owner' ORDER BY staff_id FOR UPDATE;

-- name: staff_guard_version
SELECT vt_require(EXISTS (SELECT 1 FROM staff
         WHERE tenant_id = $1 AND staff_id = $2 AND version = $3 FOR UPDATE), 'staff_changed');

-- name: staff_guard_owner
SELECT vt_require(EXISTS (SELECT 1 FROM staff
         WHERE tenant_id = $1 AND role = 'owner' AND staff_id <> $2), 'last_owner');

-- name: staff_set_role
UPDATE staff SET role = $3, version = version + 1 WHERE tenant_id = $1 AND staff_id = $2;

-- name: staff_remove
DELETE FROM staff WHERE tenant_id = $1 AND staff_id = $2;

-- name: staff_end_sessions
DELETE FROM session WHERE tenant_id = $1 AND staff_id = $2 AND session_id <> $3;

-- name: staff_end_session
WITH ended AS (
    DELETE FROM session WHERE tenant_id = $1 AND staff_id = $2 AND session_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM ended), 'staff_gone');

-- name: staff_require_factor
UPDATE site SET settings = settings || jsonb_build_object('second_factor', $2::text)
 WHERE tenant_id = $1;
