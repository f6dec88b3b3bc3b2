-- name: session_guest_load
SELECT s.session_id, vt_us(s.seen_at) AS seen_us, s.kept, vt_us(s.proven_at) AS proven_us,
       c.customer_id, c.first_name, c.last_name, c.email
  FROM session s
  LEFT JOIN customer c ON c.tenant_id = s.tenant_id AND c.customer_id = s.customer_id
 WHERE s.tenant_id = $1 AND s.token_hash = decode($2, 'hex') AND s.kind = 'guest'
   AND s.expires_at > $3;

-- A new token: what was known before the login is worth nothing after it. The basket stays.
-- name: session_enter
UPDATE session
   SET token_hash = decode($3, 'hex'), customer_id = $4, seen_at = $5, expires_at = $6, kept = $7,
       proven_at = $8, agent = $9, remote = $10
 WHERE tenant_id = $1 AND session_id = $2;

-- name: session_enter_new
INSERT INTO session (tenant_id, session_id, token_hash, kind, customer_id, created_at, seen_at,
                     expires_at, kept, proven_at, agent, remote)
VALUES ($1, $2, decode($3, 'hex'), 'guest', $4, $5, $5, $6, $7, $8, $9, $10);

-- name: session_enter_basket
UPDATE orders SET customer_id = $3
 WHERE tenant_id = $1 AND session_id = $2 AND placed_at IS NULL;

-- What is being paid just now stays who pays it.
-- name: session_leave_basket
UPDATE orders
   SET session_id = $3, customer_id = NULL, name = NULL, email = NULL, email_folded = NULL,
       phone = NULL
 WHERE tenant_id = $1 AND session_id = $2 AND placed_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM order_line l
                    WHERE l.tenant_id = $1 AND l.order_id = orders.order_id
                      AND l.state = 'paying');

-- name: session_slide
UPDATE session SET seen_at = $3, expires_at = $4
 WHERE tenant_id = $1 AND token_hash = decode($2, 'hex');

-- name: session_prove
UPDATE session SET proven_at = $3 WHERE tenant_id = $1 AND token_hash = decode($2, 'hex');

-- name: session_of_customer
SELECT session_id, agent, remote, vt_us(seen_at) AS seen_us, vt_us(created_at) AS created_us
  FROM session
 WHERE tenant_id = $1 AND customer_id = $2 AND expires_at > $3
 ORDER BY seen_at DESC LIMIT 50;

-- name: session_end_of_customer
DELETE FROM session
 WHERE tenant_id = $1 AND customer_id = $2 AND session_id <> $3
   AND ($4::bigint IS NULL OR session_id = $4);

-- name: session_staff_load
SELECT s.session_id, s.staff_id, t.name, t.email, t.role, s.stage, vt_us(s.seen_at) AS seen_us,
       t.totp_sealed IS NOT NULL AS second_factor
  FROM session s
  JOIN staff t ON t.tenant_id = s.tenant_id AND t.staff_id = s.staff_id
 WHERE s.tenant_id = $1 AND s.token_hash = decode($2, 'hex') AND s.kind = 'staff'
   AND s.expires_at > $3;

-- name: session_support_load
SELECT access_id, operator_id, operator_name, operator_email, vt_us(ends_at) AS ends_us,
       vt_us(last_at) AS last_us, (ended_at IS NOT NULL OR ends_at <= $3) AS over
  FROM support_access
 WHERE tenant_id = $1 AND token_hash = decode($2, 'hex');

-- name: session_operator_load
SELECT s.session_id, o.operator_id, o.name, o.email, o.role, s.stage
  FROM operator_session s
  JOIN operator o ON o.operator_id = s.operator_id
 WHERE s.token_hash = decode($1, 'hex') AND s.expires_at > $2;

-- name: session_insert
INSERT INTO session (tenant_id, token_hash, kind, staff_id, created_at, seen_at, expires_at, stage,
                     agent, remote)
VALUES ($1, decode($2, 'hex'), $3, $4, $5, $5, $6, $7, $8, $9)
RETURNING session_id;

-- name: session_seen
UPDATE session SET seen_at = $3 WHERE tenant_id = $1 AND token_hash = decode($2, 'hex');

-- name: session_operator_insert
INSERT INTO operator_session (token_hash, operator_id, created_at, seen_at, expires_at, stage)
VALUES (decode($1, 'hex'), $2, $3, $3, $4, $5)
RETURNING session_id;

-- name: session_delete
DELETE FROM session WHERE tenant_id = $1 AND token_hash = decode($2, 'hex');

-- name: session_operator_delete
DELETE FROM operator_session WHERE token_hash = decode($1, 'hex');
