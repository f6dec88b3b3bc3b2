-- In batches; each takes what is oldest.
-- name: site_day_clean_sessions
DELETE FROM session
 WHERE tenant_id = $1
   AND token_hash IN (SELECT token_hash FROM session
                       WHERE tenant_id = $1 AND expires_at <= $2
                       ORDER BY expires_at LIMIT 1000
                         FOR UPDATE SKIP LOCKED);

-- name: site_day_clean_answers
DELETE FROM idempotency
 WHERE tenant_id = $1
   AND (session_id, key) IN (SELECT session_id, key FROM idempotency
                              WHERE tenant_id = $1 AND created_at <= $2
                              ORDER BY created_at LIMIT 1000
                                FOR UPDATE SKIP LOCKED);

-- With their deliveries and tries.
-- name: site_day_clean_events
DELETE FROM webhook_event
 WHERE tenant_id = $1
   AND event_id IN (SELECT event_id FROM webhook_event
                     WHERE tenant_id = $1 AND created_at <= $2
                     ORDER BY created_at LIMIT 500
                       FOR UPDATE SKIP LOCKED);

-- Whoever never bought is forgotten; one to whom money is still on its way back isn't yet.
-- name: site_day_old_baskets
SELECT o.order_id FROM orders o
 WHERE o.tenant_id = $1 AND o.placed_at IS NULL AND o.email_folded IS NOT NULL
   AND o.created_at <= $2 AND o.hold_until <= $2
   AND NOT EXISTS (SELECT 1 FROM payment p
                    WHERE p.tenant_id = $1 AND p.order_id = o.order_id
                      AND p.refund_of IS NOT NULL AND p.state <> 'captured')
 ORDER BY o.created_at LIMIT 500;

-- name: site_day_forget_baskets
UPDATE orders
   SET name = NULL, email = NULL, email_folded = NULL, phone = NULL, version = version + 1
 WHERE tenant_id = $1 AND order_id = ANY ($2::bigint[]) AND placed_at IS NULL;

-- name: site_day_forget_mails
UPDATE mail SET recipient = ''
  FROM orders o
 WHERE mail.tenant_id = $1 AND mail.order_id = ANY ($2::bigint[])
   AND o.tenant_id = mail.tenant_id AND o.order_id = mail.order_id AND o.placed_at IS NULL;

-- Files and all.
-- name: site_day_clean_exports
DELETE FROM export
 WHERE tenant_id = $1
   AND export_id IN (SELECT export_id FROM export
                      WHERE tenant_id = $1 AND created_at <= $2
                      ORDER BY created_at LIMIT 20);

-- name: site_day_clean_replays
DELETE FROM api_answer
 WHERE tenant_id = $1
   AND (session_id, key) IN (SELECT session_id, key FROM api_answer
                              WHERE tenant_id = $1 AND created_at <= $2
                              ORDER BY created_at LIMIT 1000
                                FOR UPDATE SKIP LOCKED);

-- name: site_day_clean_site_exports
DELETE FROM site_export
 WHERE tenant_id = $1
   AND export_id IN (SELECT export_id FROM site_export
                      WHERE tenant_id = $1 AND created_at <= $2 ORDER BY created_at LIMIT 10);
