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
