-- name: batch_insert
INSERT INTO customer_batch (tenant_id, batch_id, made_at, actor_kind, actor_id, actor_name, action,
                            value, label, day, filter, upto_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::date, $11::jsonb, $12);

-- name: batch_find
SELECT batch_id, vt_us(made_at) AS made_us, actor_kind, actor_id, actor_name, action, value, label,
       day::text AS day, filter, upto_id, state, filled_below, customers, changed, kept,
       vt_us(finished_at) AS finished_us
  FROM customer_batch
 WHERE tenant_id = $1 AND batch_id = $2;

-- The latest of the site.
-- name: batch_latest
SELECT batch_id, vt_us(made_at) AS made_us, actor_kind, actor_id, actor_name, action, value, label,
       day::text AS day, filter, upto_id, state, filled_below, customers, changed, kept,
       vt_us(finished_at) AS finished_us
  FROM customer_batch
 WHERE tenant_id = $1
 ORDER BY batch_id DESC
 LIMIT 10;

-- The next of whom the filter names ($3), down to $4; a job that began again adds nobody twice.
-- name: batch_fill
WITH open AS MATERIALIZED (
    SELECT batch_id FROM customer_batch
     WHERE tenant_id = $1 AND batch_id = $2 AND state = 'filling' FOR UPDATE),
added AS (
    INSERT INTO customer_batch_row (tenant_id, batch_id, customer_id)
    SELECT $1::bigint, o.batch_id, c.customer_id
      FROM open o
     CROSS JOIN unnest($3::bigint[]) AS w (customer_id)
      JOIN customer c ON c.tenant_id = $1 AND c.customer_id = w.customer_id
    ON CONFLICT DO NOTHING
    RETURNING 1)
UPDATE customer_batch b
   SET filled_below = $4::bigint, customers = b.customers + (SELECT count(*) FROM added)
  FROM open o
 WHERE b.tenant_id = $1 AND b.batch_id = o.batch_id;

-- name: batch_filled
UPDATE customer_batch SET state = 'running'
 WHERE tenant_id = $1 AND batch_id = $2 AND state = 'filling';

-- name: batch_rows
SELECT customer_id, was
  FROM customer_batch_row
 WHERE tenant_id = $1 AND batch_id = $2 AND state = $3
 ORDER BY customer_id
 LIMIT $4::int;

-- In the change's own unit: from $4 to $5, once.
-- name: batch_mark
WITH marked AS (
    UPDATE customer_batch_row SET state = $5, was = coalesce($6::jsonb, was), why = $7
     WHERE tenant_id = $1 AND batch_id = $2 AND customer_id = $3 AND state = $4
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM marked), 'batch_marked');

-- name: batch_progress
UPDATE customer_batch SET changed = changed + $3::bigint, kept = kept + $4::bigint
 WHERE tenant_id = $1 AND batch_id = $2;

-- name: batch_end
UPDATE customer_batch b
   SET state = CASE b.state WHEN 'undoing' THEN 'undone' ELSE 'done' END, finished_at = $3,
       customers = n.customers, changed = n.changed, kept = n.kept
  FROM (SELECT count(*) AS customers, count(*) FILTER (WHERE state = 'changed') AS changed,
               count(*) FILTER (WHERE state = 'kept') AS kept
          FROM customer_batch_row WHERE tenant_id = $1 AND batch_id = $2) n
 WHERE b.tenant_id = $1 AND b.batch_id = $2 AND b.state IN ('running', 'undoing');

-- What was made before $3 stays as it is.
-- name: batch_undo
WITH turned AS (
    UPDATE customer_batch SET state = 'undoing', finished_at = NULL
     WHERE tenant_id = $1 AND batch_id = $2 AND state = 'done' AND changed > 0
       AND made_at > $3::timestamptz
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM turned), 'batch_over');

-- Why how many stayed as they were, and the first of them.
-- name: batch_whys
SELECT why, count(*) AS customers FROM customer_batch_row
 WHERE tenant_id = $1 AND batch_id = $2 AND state = 'kept'
 GROUP BY why ORDER BY count(*) DESC, why;

-- name: batch_kept
SELECT r.customer_id, r.why, c.first_name, c.last_name, c.email
  FROM customer_batch_row r
  JOIN customer c ON c.tenant_id = r.tenant_id AND c.customer_id = r.customer_id
 WHERE r.tenant_id = $1 AND r.batch_id = $2 AND r.state = 'kept'
 ORDER BY r.customer_id DESC
 LIMIT 50;

-- Why each of these would keep its tags as they are: NULL where it wouldn't.
-- name: batch_look_tag
SELECT w.customer_id,
       CASE WHEN t.has AND $4::boolean THEN 'has'
            WHEN NOT t.has AND NOT $4::boolean THEN 'hasnt'
            WHEN t.tags >= 20 AND $4::boolean THEN 'full' END AS why,
       NULL::jsonb AS was
  FROM unnest($2::bigint[]) AS w (customer_id)
 CROSS JOIN LATERAL (
       SELECT coalesce(bool_or(x.tag_folded = $3), false) AS has, count(*) AS tags
         FROM customer_tag x
        WHERE x.tenant_id = $1 AND x.customer_id = w.customer_id) t;
