-- name: ownership_list
SELECT t.transfer_id, t.state, t.operator_name, t.email, t.reason, t.proof, t.former,
       vt_us(t.asked_at) AS asked_us, vt_us(t.ready_at) AS ready_us,
       vt_us(t.expires_at) AS expires_us, coalesce(vt_us(t.confirmed_at), 0) AS confirmed_us,
       coalesce(vt_us(t.consented_at), 0) AS consented_us, coalesce(t.consented_by, '') AS consented_by,
       coalesce(vt_us(t.ended_at), 0) AS ended_us, coalesce(t.ended_by, '') AS ended_by,
       coalesce((SELECT s.staff_id FROM staff s
                  WHERE s.tenant_id = $1 AND s.email_folded = t.email_folded), 0) AS member
  FROM ownership_transfer t WHERE t.tenant_id = $1
 ORDER BY t.transfer_id DESC LIMIT 10;

-- name: ownership_load
SELECT t.transfer_id, t.state, t.operator_name, t.email, t.reason, t.proof, t.former,
       vt_us(t.asked_at) AS asked_us, vt_us(t.ready_at) AS ready_us,
       vt_us(t.expires_at) AS expires_us, coalesce(vt_us(t.confirmed_at), 0) AS confirmed_us,
       coalesce(vt_us(t.consented_at), 0) AS consented_us, coalesce(t.consented_by, '') AS consented_by,
       coalesce(vt_us(t.ended_at), 0) AS ended_us, coalesce(t.ended_by, '') AS ended_by,
       coalesce((SELECT s.staff_id FROM staff s
                  WHERE s.tenant_id = $1 AND s.email_folded = t.email_folded), 0) AS member
  FROM ownership_transfer t WHERE t.tenant_id = $1 AND t.transfer_id = $2;

-- name: ownership_owners
SELECT staff_id, name, email FROM staff
 WHERE tenant_id = $1 AND role = 'owner' ORDER BY staff_id LIMIT $2;

-- name: ownership_guard_owners
SELECT vt_require(EXISTS (SELECT 1 FROM staff WHERE tenant_id = $1 AND role = 'owner'), 'ownerless'),
       vt_require(NOT EXISTS (SELECT 1 FROM staff
         WHERE tenant_id = $1 AND role = 'owner' AND email_folded = $2), 'is_owner');

-- One that nobody confirmed in time makes room.
-- name: ownership_drop_ended
UPDATE ownership_transfer SET state = 'expired', ended_at = $2
 WHERE tenant_id = $1 AND state = 'open' AND confirmed_at IS NULL AND expires_at <= $2;

-- name: ownership_add
INSERT INTO ownership_transfer (tenant_id, transfer_id, state, operator_id, operator_name, email,
    email_folded, reason, proof, former, asked_at, ready_at, expires_at)
VALUES ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: ownership_add_holder
INSERT INTO ownership_holder (tenant_id, transfer_id, staff_id, name, email)
SELECT tenant_id, $2::bigint, staff_id, name, email FROM staff
 WHERE tenant_id = $1 AND staff_id = $3 AND role = 'owner';

-- name: ownership_renew
WITH renewed AS (
    UPDATE ownership_transfer SET expires_at = $3
     WHERE tenant_id = $1 AND transfer_id = $2 AND state = 'open' AND confirmed_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM renewed), 'gone');

-- name: ownership_confirm
WITH confirmed AS (
    UPDATE ownership_transfer SET confirmed_at = $3, name = $4, password_hash = $5
     WHERE tenant_id = $1 AND transfer_id = $2 AND state = 'open' AND confirmed_at IS NULL
       AND expires_at > $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM confirmed), 'gone');

-- name: ownership_consent
WITH consented AS (
    UPDATE ownership_transfer SET consented_at = $3, consented_by = $4
     WHERE tenant_id = $1 AND transfer_id = $2 AND state = 'open' AND consented_at IS NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM consented), 'gone');

-- name: ownership_end
WITH ended AS (
    UPDATE ownership_transfer SET state = $3, ended_at = $4, ended_by = $5, password_hash = NULL
     WHERE tenant_id = $1 AND transfer_id = $2 AND state = 'open'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM ended), 'gone');

-- name: ownership_guard_due
SELECT vt_require(EXISTS (SELECT 1 FROM ownership_transfer
         WHERE tenant_id = $1 AND transfer_id = $2 AND state = 'open' AND confirmed_at IS NOT NULL
           AND (ready_at <= $3 OR consented_at IS NOT NULL) FOR UPDATE), 'gone');

-- name: ownership_promote
UPDATE staff s SET role = 'owner', version = s.version + 1
  FROM ownership_transfer t
 WHERE t.tenant_id = $1 AND t.transfer_id = $2 AND s.tenant_id = $1
   AND s.email_folded = t.email_folded;

-- name: ownership_insert
INSERT INTO staff (tenant_id, staff_id, email, email_folded, name, role, password_hash, created_at)
SELECT t.tenant_id, $3::bigint, t.email, t.email_folded, t.name, 'owner', t.password_hash, $4::timestamptz
  FROM ownership_transfer t
 WHERE t.tenant_id = $1 AND t.transfer_id = $2 AND t.password_hash IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM staff s
        WHERE s.tenant_id = $1 AND s.email_folded = t.email_folded);

-- Somebody who worked there at the confirmation may be gone by now.
-- name: ownership_guard_new
SELECT vt_require(EXISTS (SELECT 1 FROM staff s JOIN ownership_transfer t
           ON t.tenant_id = s.tenant_id AND t.email_folded = s.email_folded
         WHERE t.tenant_id = $1 AND t.transfer_id = $2 AND s.role = 'owner'), 'nobody');

-- name: ownership_drop_invitations
DELETE FROM staff_invitation i USING ownership_holder h
 WHERE h.tenant_id = $1 AND h.transfer_id = $2 AND i.tenant_id = $1 AND i.inviter_id = h.staff_id;

-- name: ownership_drop_own_invitation
DELETE FROM staff_invitation i USING ownership_transfer t
 WHERE t.tenant_id = $1 AND t.transfer_id = $2 AND i.tenant_id = $1
   AND i.email_folded = t.email_folded;

-- name: ownership_remove_holders
DELETE FROM staff s USING ownership_holder h, ownership_transfer t
 WHERE h.tenant_id = $1 AND h.transfer_id = $2 AND s.tenant_id = $1 AND s.staff_id = h.staff_id
   AND s.role = 'owner' AND t.tenant_id = $1 AND t.transfer_id = $2
   AND s.email_folded <> t.email_folded;

-- name: ownership_demote_holders
UPDATE staff s SET role = 'manager', version = s.version + 1
  FROM ownership_holder h, ownership_transfer t
 WHERE h.tenant_id = $1 AND h.transfer_id = $2 AND s.tenant_id = $1 AND s.staff_id = h.staff_id
   AND s.role = 'owner' AND t.tenant_id = $1 AND t.transfer_id = $2
   AND s.email_folded <> t.email_folded;

-- name: ownership_holders
SELECT h.staff_id, h.name, h.email FROM ownership_holder h
 WHERE h.tenant_id = $1 AND h.transfer_id = $2 ORDER BY h.staff_id;

-- An owner of that day who still is one.
-- name: ownership_holder
SELECT s.name, t.state, t.operator_name, t.email
  FROM ownership_holder h
  JOIN staff s ON s.tenant_id = h.tenant_id AND s.staff_id = h.staff_id AND s.role = 'owner'
  JOIN ownership_transfer t ON t.tenant_id = h.tenant_id AND t.transfer_id = h.transfer_id
 WHERE h.tenant_id = $1 AND h.transfer_id = $2 AND h.staff_id = $3;

-- name: ownership_guard_holder
SELECT vt_require(EXISTS (SELECT 1 FROM ownership_holder h
    JOIN staff s ON s.tenant_id = h.tenant_id AND s.staff_id = h.staff_id AND s.role = 'owner'
   WHERE h.tenant_id = $1 AND h.transfer_id = $2 AND h.staff_id = $3), 'gone');

-- name: ownership_hand_over
WITH given AS (
    UPDATE staff SET role = 'owner', version = version + 1
     WHERE tenant_id = $1 AND staff_id = $2 AND version = $3 AND role <> 'owner'
       AND EXISTS (SELECT 1 FROM staff o
            WHERE o.tenant_id = $1 AND o.staff_id = $4 AND o.role = 'owner')
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM given), 'staff_changed');
