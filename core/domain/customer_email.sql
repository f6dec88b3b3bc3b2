-- name: customer_wish_set
INSERT INTO customer_email_wish (tenant_id, customer_id, email, reason, asked_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, customer_id)
DO UPDATE SET email = excluded.email, reason = excluded.reason, asked_at = excluded.asked_at;

-- name: customer_wish_drop
WITH gone AS (
    DELETE FROM customer_email_wish WHERE tenant_id = $1 AND customer_id = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'customer_gone');

-- name: customer_wish_done
DELETE FROM customer_email_wish WHERE tenant_id = $1 AND customer_id = $2;

-- name: customer_address_free
SELECT vt_require(NOT EXISTS (SELECT 1 FROM customer
                               WHERE tenant_id = $1 AND email_folded = $3 AND customer_id <> $2),
                  'customer_taken');

-- name: customer_move
WITH moved AS (
    UPDATE customer
       SET email = $4, email_folded = $5, version = version + 1,
           verified_at = CASE WHEN email_folded = $5 THEN verified_at END
     WHERE tenant_id = $1 AND customer_id = $2 AND version = $3 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'customer_changed');

-- name: customer_log_out
DELETE FROM session WHERE tenant_id = $1 AND customer_id = $2;
