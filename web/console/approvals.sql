-- Requests in one state, oldest first while they wait, else latest first; of one site or of all.
-- name: console_approvals_asked
SELECT a.approval_id, a.plugin, a.state, a.asked_by, a.question, a.answer, a.decided_by,
       vt_us(a.asked_at) AS asked_us, vt_us(a.decided_at) AS decided_us, s.slug, s.name
  FROM approval a JOIN site s ON s.tenant_id = a.tenant_id
 WHERE a.state = 'asked' AND a.approval_id > $1::bigint
   AND ($2::text IS NULL OR s.slug = $2)
 ORDER BY a.approval_id LIMIT $3;

-- name: console_approvals_decided
SELECT a.approval_id, a.plugin, a.state, a.asked_by, a.question, a.answer, a.decided_by,
       vt_us(a.asked_at) AS asked_us, vt_us(a.decided_at) AS decided_us, s.slug, s.name
  FROM approval a JOIN site s ON s.tenant_id = a.tenant_id
 WHERE a.state = $4 AND a.approval_id < $1::bigint
   AND ($2::text IS NULL OR s.slug = $2)
 ORDER BY a.approval_id DESC LIMIT $3;
