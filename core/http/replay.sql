-- One that never ended makes room after a minute.
-- name: replay_claim
INSERT INTO api_answer (tenant_id, session_id, key, fingerprint, created_at)
VALUES ($1, $2, $3, decode($4, 'hex'), $5)
ON CONFLICT (tenant_id, session_id, key) DO UPDATE
   SET created_at = excluded.created_at, fingerprint = excluded.fingerprint
 WHERE api_answer.status IS NULL
   AND api_answer.created_at < excluded.created_at - interval '60 seconds'
RETURNING key;

-- name: replay_read
SELECT encode(fingerprint, 'hex') AS fingerprint, coalesce(status, 0) AS status, type, location, body
  FROM api_answer WHERE tenant_id = $1 AND session_id = $2 AND key = $3;

-- name: replay_keep
UPDATE api_answer SET status = $4, type = $5, location = $6, body = $7
 WHERE tenant_id = $1 AND session_id = $2 AND key = $3;

-- name: replay_drop
DELETE FROM api_answer
 WHERE tenant_id = $1 AND session_id = $2 AND key = $3 AND status IS NULL;
