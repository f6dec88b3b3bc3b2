-- Whoever else typed the address, as long as nobody had shown it: whom the venue knows, first.
-- name: customer_others_of_address
SELECT customer_id, version, first_name, last_name, email, phone, language,
       vt_us(created_at) AS created_us, vt_us(registered_at) AS registered_us,
       vt_us(verified_at) AS verified_us, password_hash IS NOT NULL AS has_password,
       person_id
  FROM customer
 WHERE tenant_id = $1 AND email_folded = $2 AND customer_id <> $3
 ORDER BY registered_at IS NOT NULL, customer_id DESC
 LIMIT 20;

-- Nothing is hung on them meanwhile.
-- name: customer_lock_others
SELECT customer_id FROM customer
 WHERE tenant_id = $1 AND customer_id = ANY ($2::bigint[])
 ORDER BY customer_id FOR UPDATE;

-- What was the other one's isn't given back to whoever typed the address: the row only leads on.
-- name: customer_proof_settle
WITH settled AS (
    UPDATE customer_merge SET kept_before = NULL, other_before = NULL
     WHERE tenant_id = $1 AND merge_id = $2)
DELETE FROM customer_merge_row WHERE tenant_id = $1 AND merge_id = $2;

-- name: customer_take_guest_orders
WITH taken AS (
    UPDATE orders SET customer_id = $2
     WHERE tenant_id = $1 AND email_folded = $3 AND customer_id IS NULL AND placed_at IS NOT NULL
    RETURNING order_id)
UPDATE order_line SET customer_id = $2
 WHERE tenant_id = $1 AND order_id IN (SELECT order_id FROM taken);

-- What was bought since under an address that they showed to be theirs.
-- name: customer_claim
WITH theirs AS (
    SELECT email_folded FROM customer
     WHERE tenant_id = $1 AND customer_id = $2 AND verified_at IS NOT NULL FOR KEY SHARE),
taken AS (
    UPDATE orders o SET customer_id = $2 FROM theirs t
     WHERE o.tenant_id = $1 AND o.email_folded = t.email_folded AND o.customer_id IS NULL
       AND o.placed_at IS NOT NULL
    RETURNING o.order_id)
UPDATE order_line SET customer_id = $2
 WHERE tenant_id = $1 AND order_id IN (SELECT order_id FROM taken);

-- name: customer_drop_other_sessions
DELETE FROM session
 WHERE tenant_id = $1 AND session_id <> $4
   AND customer_id IN (SELECT c.customer_id FROM customer c
                        WHERE c.tenant_id = $1 AND c.email_folded = $3 AND c.customer_id <> $2);

-- name: customer_take_details
UPDATE customer k
   SET gender = coalesce(k.gender, o.gender), country = coalesce(k.country, o.country),
       birthdate = coalesce(k.birthdate, o.birthdate), phone = coalesce(k.phone, o.phone)
  FROM (SELECT c.gender, c.country, c.birthdate, c.phone FROM customer c
         WHERE c.tenant_id = $1 AND c.customer_id = ANY ($3::bigint[])
           AND c.registered_at IS NULL
         ORDER BY c.customer_id DESC LIMIT 1) o
 WHERE k.tenant_id = $1 AND k.customer_id = $2 AND k.person_id IS NULL;

-- name: customer_unfind_others
DELETE FROM search_term
 WHERE tenant_id = $1 AND kind = 'customer' AND object_id = ANY ($2::bigint[]);

-- name: customer_drop_others
DELETE FROM customer WHERE tenant_id = $1 AND customer_id = ANY ($2::bigint[]);

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
