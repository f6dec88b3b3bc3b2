-- name: event_payment
SELECT order_id FROM payment WHERE tenant_id = $1 AND payment_id = $2;
