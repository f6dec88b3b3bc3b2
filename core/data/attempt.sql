-- $1 site, $2 digest, $3 now, $4 end of a window that starts now, $5 the limit: past it a number
-- that only says "too many".
-- name: attempt_take
INSERT INTO attempt (tenant_id, key, window_ends_at, tries) VALUES ($1, $2, $4, 1)
ON CONFLICT (tenant_id, key) DO UPDATE SET
    tries = CASE WHEN attempt.window_ends_at <= $3 THEN 1
        ELSE least(attempt.tries, $5::int) + 1 END,
    window_ends_at = CASE WHEN attempt.window_ends_at <= $3 THEN excluded.window_ends_at
        ELSE attempt.window_ends_at END
RETURNING tries, vt_us(window_ends_at) AS window_ends_us

-- name: attempt_clear
DELETE FROM attempt WHERE tenant_id = $1 AND key = $2

-- name: attempt_clean
DELETE FROM attempt WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM attempt WHERE window_ends_at <= $1 ORDER BY window_ends_at LIMIT 1000
    FOR UPDATE SKIP LOCKED
))
