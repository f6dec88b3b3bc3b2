-- name: passkey_list
SELECT passkey_id, name, vt_us(created_at) AS created_us, vt_us(used_at) AS used_us,
       copied_at IS NOT NULL AS copied, translate(encode(credential, 'base64'), E'\n', '') AS credential
  FROM passkey WHERE tenant_id = $1 AND customer_id = $2
 ORDER BY passkey_id;

-- Those that may log in somebody with that address: who showed that it is theirs comes first.
-- name: passkey_of_address
SELECT translate(encode(p.credential, 'base64'), E'\n', '') AS credential
  FROM customer c
  JOIN passkey p ON p.tenant_id = c.tenant_id AND p.customer_id = c.customer_id
 WHERE c.tenant_id = $1 AND c.email_folded = $2 AND p.copied_at IS NULL
 ORDER BY c.verified_at IS NULL, p.passkey_id DESC LIMIT 8;

-- name: passkey_load
SELECT p.passkey_id, p.name, p.algorithm, translate(encode(p.public_key, 'base64'), E'\n', '') AS public_key,
       p.counter, p.copied_at IS NOT NULL AS copied, p.host, c.email_folded,
       c.customer_id, c.version, c.first_name, c.last_name, c.email, c.phone, c.language,
       vt_us(c.created_at) AS created_us, vt_us(c.registered_at) AS registered_us,
       vt_us(c.verified_at) AS verified_us, c.password_hash IS NOT NULL AS has_password,
       c.person_id
  FROM passkey p
  JOIN customer c ON c.tenant_id = p.tenant_id AND c.customer_id = p.customer_id
 WHERE p.tenant_id = $1 AND p.credential = decode($2, 'hex');

-- Two passkeys that are added at once are counted one after the other.
-- name: passkey_lock
SELECT customer_id FROM customer WHERE tenant_id = $1 AND customer_id = $2 FOR NO KEY UPDATE;

-- name: passkey_add
INSERT INTO passkey (tenant_id, passkey_id, customer_id, name, host, credential, algorithm,
                     public_key, counter, created_at)
VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, decode($8, 'hex'), $9, $10);

-- name: passkey_room
SELECT vt_require(count(*) <= $3::int, 'passkey_full')
  FROM passkey WHERE tenant_id = $1 AND customer_id = $2;

-- name: passkey_answer_clean
DELETE FROM passkey_answer WHERE tenant_id = $1 AND expires_at < $2;

-- name: passkey_answer_add
WITH added AS (
    INSERT INTO passkey_answer (tenant_id, challenge_hash, expires_at)
    VALUES ($1, decode($2, 'hex'), $3)
    ON CONFLICT DO NOTHING RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM added), 'passkey_answered');

-- Authenticators that don't count say 0, always.
-- name: passkey_use
WITH used AS (
    UPDATE passkey SET counter = $3, used_at = $4
     WHERE tenant_id = $1 AND passkey_id = $2 AND copied_at IS NULL
       AND (counter < $3::bigint OR (counter = 0 AND $3::bigint = 0))
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM used), 'passkey_copied');

-- name: passkey_copied
UPDATE passkey SET copied_at = coalesce(copied_at, $3) WHERE tenant_id = $1 AND passkey_id = $2;

-- name: passkey_rename
WITH renamed AS (
    UPDATE passkey SET name = $4
     WHERE tenant_id = $1 AND customer_id = $2 AND passkey_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM renamed), 'passkey_gone');

-- name: passkey_remove
WITH removed AS (
    DELETE FROM passkey WHERE tenant_id = $1 AND customer_id = $2 AND passkey_id = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM removed), 'passkey_gone');
