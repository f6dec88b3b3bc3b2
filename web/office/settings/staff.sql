-- name: office_staff
SELECT t.staff_id::text AS staff_id, t.name, t.email, t.role, t.version, t.totp_sealed IS NOT NULL AS second_factor,
       (SELECT vt_us(max(s.seen_at)) FROM session s
         WHERE s.tenant_id = t.tenant_id AND s.staff_id = t.staff_id) AS seen_us
  FROM staff t WHERE t.tenant_id = $1
 ORDER BY t.name, t.staff_id LIMIT 500;

-- name: office_staff_one
SELECT t.staff_id::text AS staff_id, t.name, t.email, t.role, t.version, t.totp_sealed IS NOT NULL AS second_factor,
       vt_us(t.created_at) AS created_us,
       (SELECT count(*) FROM session s
         WHERE s.tenant_id = t.tenant_id AND s.staff_id = t.staff_id) AS sessions
  FROM staff t WHERE t.tenant_id = $1 AND t.staff_id = $2;

-- name: office_staff_invitations
SELECT invitation_id::text AS invitation_id, email, role, invited_by, vt_us(expires_at) AS expires_us
  FROM staff_invitation WHERE tenant_id = $1
 ORDER BY staff_invitation.invitation_id DESC LIMIT 200;

-- name: office_staff_sessions
SELECT session_id::text AS session_id, vt_us(created_at) AS created_us, vt_us(seen_at) AS seen_us,
       coalesce(agent, '') AS agent, coalesce(remote, '') AS remote
  FROM session WHERE tenant_id = $1 AND staff_id = $2 AND stage = 'in' AND expires_at > $3
 ORDER BY seen_at DESC, session.session_id LIMIT 50;

-- name: office_staff_recovery
SELECT count(*) AS codes FROM staff_recovery WHERE tenant_id = $1 AND staff_id = $2;
