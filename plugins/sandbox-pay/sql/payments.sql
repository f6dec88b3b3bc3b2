-- Payments and refunds of the last hours that nobody has an answer to yet. Row numbers begin with
-- the time, so the primary key finds the recent ones.
-- name: open_payments
SELECT count(*) AS open
  FROM payment
 WHERE tenant_id = $1
   AND payment_id >= (((extract(epoch FROM clock_timestamp()) * 1000)::bigint
                       - 7200000 - 1704067200000) << 20)
   AND provider = 'sandbox-pay' AND state = 'started';
