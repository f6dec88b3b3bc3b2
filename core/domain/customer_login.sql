-- The two that a password may be of: who showed that the address is theirs, and whoever typed it
-- last.
-- name: customer_candidates
(SELECT customer_id, version, first_name, last_name, email, phone, language,
        vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
        vt_us(verified_at) AS verified_us, true AS has_password, password_hash,
        person_id
   FROM customer
  WHERE tenant_id = $1 AND email_folded = $2 AND verified_at IS NOT NULL
    AND password_hash IS NOT NULL)
UNION ALL
(SELECT customer_id, version, first_name, last_name, email, phone, language,
        vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
        vt_us(verified_at) AS verified_us, true AS has_password, password_hash,
        person_id
   FROM customer
  WHERE tenant_id = $1 AND email_folded = $2 AND verified_at IS NULL
    AND password_hash IS NOT NULL
  ORDER BY customer_id DESC LIMIT 1);

-- name: customer_code_clean
DELETE FROM customer_code WHERE tenant_id = $1 AND expires_at < $2;

-- name: customer_code_add
INSERT INTO customer_code (tenant_id, code_id, email, email_folded, browser_hash, created_at,
                           expires_at)
VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7);

-- name: customer_code_load
SELECT email, email_folded, encode(browser_hash, 'hex') AS browser_hash,
       vt_us(expires_at) AS expires_us, tries, used_at IS NOT NULL AS used
  FROM customer_code WHERE tenant_id = $1 AND code_id = $2;

-- name: customer_code_try
UPDATE customer_code SET tries = tries + 1 WHERE tenant_id = $1 AND code_id = $2;

-- name: customer_code_use
WITH used AS (
    UPDATE customer_code SET used_at = $3
     WHERE tenant_id = $1 AND code_id = $2 AND used_at IS NULL AND tries < $4 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM used), 'code_used');

-- Whose the address is: who showed it, else who registered last, else whom the venue knows.
-- name: customer_of_address
SELECT customer_id, version, first_name, last_name, email, phone, language,
       vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
       vt_us(verified_at) AS verified_us, password_hash IS NOT NULL AS has_password,
       person_id
  FROM customer
 WHERE tenant_id = $1 AND email_folded = $2
 ORDER BY verified_at IS NULL, registered_at IS NULL, customer_id DESC
 LIMIT 1;

-- The address is shown to be theirs: a guard, since somebody else may do the same at this moment.
-- name: customer_verify
WITH verified AS (
    UPDATE customer
       SET verified_at = coalesce(verified_at, $3), registered_at = coalesce(registered_at, $3),
           password_hash = CASE WHEN $4::boolean THEN password_hash END, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM verified), 'customer_gone');

-- name: customer_end_sessions
DELETE FROM session WHERE tenant_id = $1 AND customer_id = $2 AND session_id <> $3;

-- name: customer_drop_passkeys
DELETE FROM passkey WHERE tenant_id = $1 AND customer_id = $2;

-- What others who typed the address bought is bought under it.
-- name: customer_take_orders
UPDATE orders SET customer_id = $2
 WHERE tenant_id = $1 AND placed_at IS NOT NULL
   AND customer_id IN (SELECT c.customer_id FROM customer c
                        WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2);

-- name: customer_take_lines
UPDATE order_line SET customer_id = $2
 WHERE tenant_id = $1 AND placed_at IS NOT NULL
   AND customer_id IN (SELECT c.customer_id FROM customer c
                        WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2);

-- name: customer_take_guest_orders
WITH taken AS (
    UPDATE orders SET customer_id = $2
     WHERE tenant_id = $1 AND email_folded = $3 AND customer_id IS NULL AND placed_at IS NOT NULL
    RETURNING order_id)
UPDATE order_line SET customer_id = $2
 WHERE tenant_id = $1 AND order_id IN (SELECT order_id FROM taken);

-- name: customer_drop_other_sessions
DELETE FROM session
 WHERE tenant_id = $1 AND session_id <> $4
   AND customer_id IN (SELECT c.customer_id FROM customer c
                        WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2);

-- What the venue noted down about whom it took for somebody else stays.
-- name: customer_take_notes
UPDATE customer_note SET customer_id = $2
 WHERE tenant_id = $1
   AND customer_id IN (SELECT c.customer_id FROM customer c
                        WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2);

-- name: customer_take_tags
INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded)
SELECT DISTINCT ON (t.tag_folded) $1::bigint, $2::bigint, t.tag, t.tag_folded
  FROM customer c
  JOIN customer_tag t ON t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id
 WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2
ON CONFLICT (tenant_id, tag_folded, customer_id) DO NOTHING;

-- name: customer_take_details
UPDATE customer k
   SET gender = coalesce(k.gender, o.gender), country = coalesce(k.country, o.country),
       birthdate = coalesce(k.birthdate, o.birthdate), phone = coalesce(k.phone, o.phone)
  FROM (SELECT c.gender, c.country, c.birthdate, c.phone FROM customer c
         WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2
           AND c.registered_at IS NULL
         ORDER BY c.customer_id DESC LIMIT 1) o
 WHERE k.tenant_id = $1 AND k.customer_id = $2 AND k.person_id IS NULL;

-- name: customer_unfind_others
DELETE FROM search_term
 WHERE tenant_id = $1 AND kind = 'customer'
   AND object_id IN (SELECT c.customer_id FROM customer c
                      WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2);

-- They are gone, and who wants to hear of it is told so, as event_add does it: $4 the event, $5 the
-- job that sends it.
-- name: customer_drop_others
WITH gone AS (
    DELETE FROM customer WHERE tenant_id = $1 AND email_folded = $3 AND customer_id <> $2
    RETURNING customer_id),
wanted AS MATERIALIZED (
    SELECT endpoint_id FROM webhook_endpoint
     WHERE tenant_id = $1 AND state = 'on' AND $4 = ANY (events)
       AND EXISTS (SELECT 1 FROM gone)),
told AS (
    INSERT INTO webhook_event (tenant_id, event_id, type, object_id, facts, created_at)
    SELECT $1, vt_id(), $4, g.customer_id,
           jsonb_build_object('by', 'customer', 'merged_into', $2::bigint::text), $6
      FROM gone g WHERE EXISTS (SELECT 1 FROM wanted)
    RETURNING event_id),
due AS (
    INSERT INTO webhook_delivery (tenant_id, endpoint_id, event_id, round_at, next_at, created_at)
    SELECT $1, w.endpoint_id, t.event_id, $6, $6, $6 FROM told t CROSS JOIN wanted w)
INSERT INTO job (tenant_id, kind, payload, run_at, created_at, lane)
SELECT $1, $5::text, jsonb_build_object('endpoint', w.endpoint_id::text), $6, $6, 1 FROM wanted w;

-- name: customer_verified_of_address
SELECT customer_id FROM customer
 WHERE tenant_id = $1 AND email_folded = $2 AND verified_at IS NOT NULL;

-- name: customer_password
SELECT password_hash FROM customer WHERE tenant_id = $1 AND customer_id = $2;

-- name: customer_set_password
WITH saved AS (
    UPDATE customer SET password_hash = $4, version = version + 1
     WHERE tenant_id = $1 AND customer_id = $2 AND password_hash IS NOT DISTINCT FROM $3
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_changed');
