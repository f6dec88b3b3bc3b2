-- Locked, so that nobody is put on an order who is being deleted.
-- name: order_customer_there
WITH there AS (
    SELECT customer_id FROM customer WHERE tenant_id = $1 AND customer_id = $2 FOR KEY SHARE)
SELECT vt_require(EXISTS (SELECT 1 FROM there), 'customer_gone');

-- name: order_customer_set
WITH changed AS (
    UPDATE orders SET customer_id = $4::bigint, version = version + 1
     WHERE tenant_id = $1 AND order_id = $2 AND version = $3 AND placed_at IS NOT NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: order_customer_set_lines
UPDATE order_line SET customer_id = $3::bigint
 WHERE tenant_id = $1 AND order_id = $2 AND placed_at IS NOT NULL;

-- name: order_customer_name
SELECT first_name || ' ' || last_name AS name FROM customer
 WHERE tenant_id = $1 AND customer_id = $2;
