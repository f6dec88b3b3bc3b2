-- name: idempotency_claim
INSERT INTO idempotency (tenant_id, session_id, key, fingerprint, location, created_at)
VALUES ($1, $2, $3, decode($4, 'hex'), '', $5)
ON CONFLICT (tenant_id, session_id, key) DO UPDATE SET created_at = excluded.created_at
      WHERE idempotency.location = '' AND idempotency.created_at < excluded.created_at - interval '60 seconds'
RETURNING key;

-- name: idempotency_read
SELECT location, encode(fingerprint, 'hex') AS fingerprint
  FROM idempotency WHERE tenant_id = $1 AND session_id = $2 AND key = $3;

-- name: idempotency_keep
UPDATE idempotency SET location = $4 WHERE tenant_id = $1 AND session_id = $2 AND key = $3;

-- name: idempotency_drop
DELETE FROM idempotency WHERE tenant_id = $1 AND session_id = $2 AND key = $3 AND location = '';
