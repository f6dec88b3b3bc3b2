-- name: order_channel
SELECT kind FROM channel WHERE tenant_id = $1 AND channel_id = $2;

-- name: order_mails
SELECT plugin, key, recipient, subject, state, vt_us(at) AS at_us
  FROM mail
 WHERE tenant_id = $1 AND order_id = $2
 ORDER BY mail_id DESC
 LIMIT 50;

-- name: order_notes
SELECT author, body, vt_us(at) AS at_us
  FROM order_note
 WHERE tenant_id = $1 AND order_id = $2 AND body <> ''
 ORDER BY note_id DESC
 LIMIT 100;

-- name: order_add_note
INSERT INTO order_note (tenant_id, order_id, at, author, body) VALUES ($1, $2, $3, $4, $5);

-- Marked once it has begun, and unmarked whenever somebody knows better.
-- name: order_set_no_show
WITH changed AS (
    UPDATE order_line SET no_show_at = CASE WHEN $4::boolean THEN $5::timestamptz END
     WHERE tenant_id = $1 AND order_id = $2 AND line_id = $3 AND state = 'confirmed'
       AND starts_at <= $5::timestamptz AND (no_show_at IS NOT NULL) <> $4::boolean
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'already');
