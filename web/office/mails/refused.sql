-- Those whose order's, or customer's, last mail wasn't taken either: since $2, and also those about
-- neither an order nor a customer where $3 is true.
-- name: mails_refused_count
SELECT count(*) AS count
  FROM mail m
 WHERE m.tenant_id = $1 AND m.state = 'refused' AND m.at > $2
   AND ($3::boolean OR m.order_id IS NOT NULL OR m.customer_id IS NOT NULL)
   AND (SELECT n.state FROM mail n WHERE n.tenant_id = m.tenant_id AND n.order_id = m.order_id
         ORDER BY n.mail_id DESC LIMIT 1) IS DISTINCT FROM 'sent'
   AND (SELECT n.state FROM mail n WHERE n.tenant_id = m.tenant_id AND n.customer_id = m.customer_id
         ORDER BY n.mail_id DESC LIMIT 1) IS DISTINCT FROM 'sent';

-- name: mails_refused
SELECT m.mail_id, m.subject, m.recipient, vt_us(m.at) AS at_us, o.code AS order_code,
       c.customer_id
  FROM mail m
  LEFT JOIN orders o ON o.tenant_id = m.tenant_id AND o.order_id = m.order_id
  LEFT JOIN customer c ON c.tenant_id = m.tenant_id AND c.customer_id = m.customer_id
 WHERE m.tenant_id = $1 AND m.state = 'refused' AND m.at > $2 AND m.mail_id < $4::bigint
   AND ($3::boolean OR m.order_id IS NOT NULL OR m.customer_id IS NOT NULL)
   AND (SELECT n.state FROM mail n WHERE n.tenant_id = m.tenant_id AND n.order_id = m.order_id
         ORDER BY n.mail_id DESC LIMIT 1) IS DISTINCT FROM 'sent'
   AND (SELECT n.state FROM mail n WHERE n.tenant_id = m.tenant_id AND n.customer_id = m.customer_id
         ORDER BY n.mail_id DESC LIMIT 1) IS DISTINCT FROM 'sent'
 ORDER BY m.mail_id DESC
 LIMIT $5::int;
