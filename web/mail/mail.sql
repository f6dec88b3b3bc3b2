-- name: mail_was_sent
SELECT count(*) AS sent FROM mail WHERE tenant_id = $1 AND job_id = $2;

-- name: mail_note
INSERT INTO mail (tenant_id, job_id, plugin, key, recipient, subject, state, at, order_id,
                  customer_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::bigint, $10::bigint)
ON CONFLICT (tenant_id, job_id) DO NOTHING;
