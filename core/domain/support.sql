-- name: support_open
INSERT INTO support_access (tenant_id, access_id, operator_id, operator_name, operator_email,
                            reason, ticket_hash, ticket_until, started_at, ends_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), $8, $9, $10, $11);

-- name: support_enter
WITH entered AS (
    UPDATE support_access SET token_hash = decode($3, 'hex')
     WHERE tenant_id = $1 AND ticket_hash = decode($2, 'hex') AND token_hash IS NULL
       AND ended_at IS NULL AND ticket_until > $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM entered), 'over');

-- name: support_renew
WITH renewed AS (
    UPDATE support_access SET ends_at = least($4::timestamptz, last_at)
     WHERE tenant_id = $1 AND access_id = $2 AND ended_at IS NULL AND ends_at > $3
       AND ends_at < last_at
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM renewed), 'over');

-- name: support_end
WITH ended AS (
    UPDATE support_access SET ended_at = $3
     WHERE tenant_id = $1 AND access_id = $2 AND ended_at IS NULL AND ends_at > $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM ended), 'over');
