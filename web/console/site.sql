-- name: console_site
SELECT s.plan, s.currency, s.kind, s.state_reason, vt_us(s.state_since) AS state_since_us,
       vt_us(s.created_at) AS created_us
  FROM site s WHERE s.tenant_id = $1;

-- name: console_owners
SELECT name, email FROM staff WHERE tenant_id = $1 AND role = 'owner' ORDER BY staff_id LIMIT 20;

-- name: console_owner_invited
SELECT email, vt_us(expires_at) AS expires_us FROM staff_invitation
 WHERE tenant_id = $1 AND role = 'owner' ORDER BY staff_invitation.invitation_id DESC LIMIT 1;

-- name: console_visits
SELECT operator_name, reason, vt_us(started_at) AS started_us,
       vt_us(coalesce(ended_at, ends_at)) AS ends_us
  FROM support_access
 WHERE tenant_id = $1 AND token_hash IS NOT NULL AND ended_at IS NULL AND ends_at > $2
 ORDER BY access_id DESC LIMIT 5;

-- Everything that was changed, latest first.
-- name: console_site_history
SELECT audit_id, vt_us(at) AS at_us, actor_kind, actor_name, action, before, after, object_kind,
       object_id
  FROM audit
 WHERE tenant_id = $1 AND audit_id < $2::bigint
 ORDER BY audit_id DESC LIMIT 21;

-- What is wrong, as on the list of sites.
-- name: console_site_health
SELECT (SELECT count(*) FROM plugin_error WHERE tenant_id = $1) AS errors,
       (SELECT count(*) FROM plugin_error WHERE tenant_id = $1 AND tripped_until > $2) AS tripped,
       (SELECT count(*) FROM job WHERE tenant_id = $1 AND state = 'failed') AS jobs,
       (SELECT count(*) FROM approval WHERE tenant_id = $1 AND state = 'asked') AS approvals,
       (SELECT count(*) FROM feature WHERE tenant_id = $1 AND state IN ('on', 'closing')) AS features;

-- name: console_sales
SELECT (placed_at AT TIME ZONE $3)::date::text AS day, count(*) AS orders,
       coalesce(sum(total_minor - returned_minor), 0)::bigint AS total_minor
  FROM orders
 WHERE tenant_id = $1 AND placed_at > $2 AND NOT practice
 GROUP BY 1 ORDER BY 1 DESC LIMIT 40;

-- Whose mailbox it was is the site's business; what matters here is which mail and which domain.
-- name: console_mails
SELECT mail_id, key, subject, vt_us(at) AS at_us,
       left(recipient, 1) || '…' || substr(recipient, strpos(recipient, '@')) AS recipient
  FROM mail
 WHERE tenant_id = $1 AND state = 'refused' AND mail_id < $2::bigint AND at > $4
 ORDER BY mail_id DESC LIMIT $3;
