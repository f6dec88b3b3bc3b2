-- name: staff_invitation_guard
SELECT vt_require(NOT EXISTS (SELECT 1 FROM staff
         WHERE tenant_id = $1 AND email_folded = $2), 'works_here');

-- An invitation whose time is over makes room for a new one.
-- name: staff_invitation_drop_ended
DELETE FROM staff_invitation WHERE tenant_id = $1 AND email_folded = $2 AND expires_at <= $3;

-- name: staff_invitation_add
INSERT INTO staff_invitation (tenant_id, invitation_id, email, email_folded, role, invited_by,
                              created_at, expires_at, inviter_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: staff_invitation_guard_ownerless
SELECT vt_require(NOT EXISTS (SELECT 1 FROM staff
         WHERE tenant_id = $1 AND role = 'owner'), 'staff_changed');

-- name: staff_invitation_drop_owners
DELETE FROM staff_invitation WHERE tenant_id = $1 AND (role = 'owner' OR email_folded = $2);

-- What somebody sent who isn't there any more, or isn't what they were, leads nowhere.
-- name: staff_invitation_drop_of
DELETE FROM staff_invitation WHERE tenant_id = $1 AND inviter_id = $2;

-- name: staff_invitation_load
SELECT invitation_id, email, role, invited_by, vt_us(expires_at) AS expires_us
  FROM staff_invitation WHERE tenant_id = $1 AND invitation_id = $2;

-- name: staff_invitation_renew
WITH renewed AS (
    UPDATE staff_invitation SET expires_at = $3, invited_by = $4, inviter_id = $5
     WHERE tenant_id = $1 AND invitation_id = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM renewed), 'staff_gone');

-- name: staff_invitation_take
WITH taken AS (
    DELETE FROM staff_invitation WHERE tenant_id = $1 AND invitation_id = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'staff_gone');

-- name: staff_invitation_member
INSERT INTO staff (tenant_id, staff_id, email, email_folded, name, role, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
