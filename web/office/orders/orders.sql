-- Orders, newest first, by whatever narrows them down most. All statements take: $2, $3 after which
-- order to go on; $4 how many; $5, $6 from and until when it was placed; $7 whether rehearsals from
-- before the site went live are meant, or what was really sold; and give its place in that order.
-- What a line has to be ($8 where there is one): confirmed, reserved, cancelled, no_show; or the
-- order: due (something is still to be paid), refunding (a refund is under way or refused), left_over
-- (a time of it was changed, nothing was found for it, and nobody has settled that yet).

-- name: orders_newest
SELECT vt_us(o.placed_at) AS placed_us, o.order_id
  FROM orders o
 WHERE o.tenant_id = $1 AND o.placed_at IS NOT NULL AND o.practice = $7::boolean
   AND (o.placed_at, o.order_id) < ($2::timestamptz, $3::bigint)
   AND o.placed_at >= $5::timestamptz AND o.placed_at < $6::timestamptz
   AND ($8::text IS NULL
        OR EXISTS (SELECT 1 FROM order_line l
                    WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id AND l.state = $8))
 ORDER BY o.placed_at DESC, o.order_id DESC
 LIMIT $4::int;

-- name: orders_due
SELECT vt_us(o.placed_at) AS placed_us, o.order_id
  FROM orders o
 WHERE o.tenant_id = $1 AND o.placed_at IS NOT NULL AND o.due_minor > 0
   AND o.practice = $7::boolean
   AND (o.placed_at, o.order_id) < ($2::timestamptz, $3::bigint)
   AND o.placed_at >= $5::timestamptz AND o.placed_at < $6::timestamptz
 ORDER BY o.placed_at DESC, o.order_id DESC
 LIMIT $4::int;

-- name: orders_of_channel
SELECT vt_us(o.placed_at) AS placed_us, o.order_id
  FROM orders o
 WHERE o.tenant_id = $1 AND o.placed_at IS NOT NULL AND o.channel_id = $9::bigint
   AND o.practice = $7::boolean
   AND (o.placed_at, o.order_id) < ($2::timestamptz, $3::bigint)
   AND o.placed_at >= $5::timestamptz AND o.placed_at < $6::timestamptz
   AND ($8::text IS NULL
        OR ($8 = 'due' AND o.due_minor > 0)
        OR EXISTS (SELECT 1 FROM order_line l
                    WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id
                      AND CASE $8 WHEN 'no_show' THEN l.no_show_at IS NOT NULL
                                  WHEN 'cancelled' THEN l.cancelled_at IS NOT NULL
                                  WHEN 'left_over' THEN l.state IN ('reserved', 'confirmed') AND EXISTS (
                                      SELECT 1 FROM slot_change_row w
                                       WHERE w.tenant_id = l.tenant_id AND w.order_id = l.order_id
                                         AND w.state = 'failed' AND l.line_id = ANY (w.lines))
                                  ELSE l.state = $8 END)
        OR ($8 = 'refunding'
            AND EXISTS (SELECT 1 FROM payment p
                         WHERE p.tenant_id = o.tenant_id AND p.order_id = o.order_id
                           AND p.refund_of IS NOT NULL AND p.state IN ('started', 'refused'))))
 ORDER BY o.placed_at DESC, o.order_id DESC
 LIMIT $4::int;

-- name: orders_cancelled
SELECT vt_us(l.placed_at) AS placed_us, l.order_id
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE l.tenant_id = $1 AND l.cancelled_at IS NOT NULL AND o.practice = $7::boolean
   AND (l.placed_at, l.order_id) < ($2::timestamptz, $3::bigint)
   AND l.placed_at >= $5::timestamptz AND l.placed_at < $6::timestamptz
 GROUP BY l.placed_at, l.order_id
 ORDER BY l.placed_at DESC, l.order_id DESC
 LIMIT $4::int;

-- name: orders_no_show
SELECT vt_us(l.placed_at) AS placed_us, l.order_id
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE l.tenant_id = $1 AND l.no_show_at IS NOT NULL AND o.practice = $7::boolean
   AND (l.placed_at, l.order_id) < ($2::timestamptz, $3::bigint)
   AND l.placed_at >= $5::timestamptz AND l.placed_at < $6::timestamptz
 GROUP BY l.placed_at, l.order_id
 ORDER BY l.placed_at DESC, l.order_id DESC
 LIMIT $4::int;

-- name: orders_refunding
SELECT vt_us(o.placed_at) AS placed_us, o.order_id
  FROM payment p
  JOIN orders o ON o.tenant_id = p.tenant_id AND o.order_id = p.order_id
 WHERE p.tenant_id = $1 AND p.refund_of IS NOT NULL AND p.state IN ('started', 'refused')
   AND o.practice = $7::boolean
   AND (o.placed_at, o.order_id) < ($2::timestamptz, $3::bigint)
   AND o.placed_at >= $5::timestamptz AND o.placed_at < $6::timestamptz
 GROUP BY o.placed_at, o.order_id
 ORDER BY o.placed_at DESC, o.order_id DESC
 LIMIT $4::int;

-- name: orders_left_over
SELECT vt_us(o.placed_at) AS placed_us, o.order_id
  FROM slot_change_row w
  JOIN orders o ON o.tenant_id = w.tenant_id AND o.order_id = w.order_id
 WHERE w.tenant_id = $1 AND w.state = 'failed' AND o.practice = $7::boolean
   AND (o.placed_at, o.order_id) < ($2::timestamptz, $3::bigint)
   AND o.placed_at >= $5::timestamptz AND o.placed_at < $6::timestamptz
   AND EXISTS (SELECT 1 FROM order_line l
                WHERE l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)
                  AND l.state IN ('reserved', 'confirmed'))
 GROUP BY o.placed_at, o.order_id
 ORDER BY o.placed_at DESC, o.order_id DESC
 LIMIT $4::int;

-- name: orders_of_offer
SELECT vt_us(l.placed_at) AS placed_us, l.order_id
  FROM order_line l
  JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
 WHERE l.tenant_id = $1 AND l.offer_id = $10::bigint AND l.placed_at IS NOT NULL
   AND o.practice = $7::boolean
   AND (l.placed_at, l.order_id) < ($2::timestamptz, $3::bigint)
   AND l.placed_at >= $5::timestamptz AND l.placed_at < $6::timestamptz
   AND ($9::bigint IS NULL OR o.channel_id = $9)
   AND ($8::text IS NULL
        OR CASE $8 WHEN 'no_show' THEN l.no_show_at IS NOT NULL
                   WHEN 'cancelled' THEN l.cancelled_at IS NOT NULL
                   WHEN 'due' THEN o.due_minor > 0
                   WHEN 'refunding' THEN EXISTS (
                       SELECT 1 FROM payment p
                        WHERE p.tenant_id = o.tenant_id AND p.order_id = o.order_id
                          AND p.refund_of IS NOT NULL AND p.state IN ('started', 'refused'))
                   WHEN 'left_over' THEN l.state IN ('reserved', 'confirmed') AND EXISTS (
                       SELECT 1 FROM slot_change_row w
                        WHERE w.tenant_id = l.tenant_id AND w.order_id = l.order_id
                          AND w.state = 'failed' AND l.line_id = ANY (w.lines))
                   ELSE l.state = $8 END)
 GROUP BY l.placed_at, l.order_id
 ORDER BY l.placed_at DESC, l.order_id DESC
 LIMIT $4::int;

-- By words, or else by a slot: few enough to look at all of them. Each word is a beginning, a range
-- of terms; an order has to be in all of them. One that thousands of orders have, and nothing else
-- that narrows them, is looked for in the orders, newest first, until a page is full. Of several such
-- words only so many are looked at: another letter finds the others.
-- name: orders_found
WITH word AS (
    SELECT w.from_term, w.until_term
      FROM unnest($11::text[], $12::text[]) AS w (from_term, until_term)),
wide AS MATERIALIZED (
    SELECT cardinality($11) = 1 AND $8::text IS NULL AND $9::bigint IS NULL AND $10::bigint IS NULL
           AND $13::bigint IS NULL AND count(*) > 3000 AS yes
      FROM (SELECT 1 FROM search_term s
             WHERE s.tenant_id = $1 AND s.kind = 'order'
               AND s.term >= ($11::text[])[1] AND s.term < ($12::text[])[1]
             LIMIT 3001) t),
found AS MATERIALIZED (
    SELECT t.object_id AS order_id
      FROM word w
     CROSS JOIN LATERAL (
           SELECT DISTINCT s.object_id FROM (
               SELECT s.object_id FROM search_term s
                WHERE s.tenant_id = $1 AND s.kind = 'order'
                  AND s.term >= w.from_term AND s.term < w.until_term
                LIMIT 20000) s) t
     WHERE (SELECT NOT yes FROM wide)
     GROUP BY t.object_id
    HAVING count(*) = (SELECT count(*) FROM word)
    UNION ALL
    SELECT DISTINCT l.order_id FROM order_line l
     WHERE l.tenant_id = $1 AND l.slot_id = $13 AND cardinality($11) = 0),
narrow AS (
    SELECT o.placed_at, o.order_id
      FROM found f
     -- One by one: hardly ever are so many found that reading all orders were quicker.
     CROSS JOIN LATERAL (
           SELECT x.tenant_id, x.order_id, x.placed_at, x.channel_id, x.due_minor
             FROM orders x
            WHERE x.tenant_id = $1 AND x.order_id = f.order_id
              AND (x.placed_at, x.order_id) < ($2::timestamptz, $3::bigint)
              AND x.placed_at >= $5::timestamptz AND x.placed_at < $6::timestamptz
              AND x.practice = $7::boolean
           OFFSET 0) o
     WHERE ($9 IS NULL OR o.channel_id = $9)
       AND (($8 IS NULL AND $10 IS NULL AND $13 IS NULL)
            OR EXISTS (SELECT 1 FROM order_line l
                        WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id
                          AND l.placed_at IS NOT NULL
                          AND ($10 IS NULL OR l.offer_id = $10)
                          AND ($13 IS NULL OR l.slot_id = $13)
                          AND ($8 IS NULL
                               OR CASE $8 WHEN 'no_show' THEN l.no_show_at IS NOT NULL
                                          WHEN 'cancelled' THEN l.cancelled_at IS NOT NULL
                                          WHEN 'due' THEN o.due_minor > 0
                                          WHEN 'refunding' THEN EXISTS (
                                              SELECT 1 FROM payment p
                                               WHERE p.tenant_id = o.tenant_id
                                                 AND p.order_id = o.order_id
                                                 AND p.refund_of IS NOT NULL
                                                 AND p.state IN ('started', 'refused'))
                                          WHEN 'left_over' THEN l.state IN ('reserved', 'confirmed') AND EXISTS (
                                              SELECT 1 FROM slot_change_row w
                                               WHERE w.tenant_id = l.tenant_id AND w.order_id = l.order_id
                                                 AND w.state = 'failed' AND l.line_id = ANY (w.lines))
                                          ELSE l.state = $8 END))))
SELECT vt_us(a.placed_at) AS placed_us, a.order_id
  FROM (SELECT n.placed_at, n.order_id FROM narrow n
        UNION ALL
        (SELECT o.placed_at, o.order_id
           FROM orders o
          CROSS JOIN LATERAL (
                SELECT 1 FROM search_term s
                 WHERE s.tenant_id = $1 AND s.kind = 'order' AND s.object_id = o.order_id
                   AND s.term >= ($11)[1] AND s.term < ($12)[1]
                 LIMIT 1) has
          WHERE (SELECT yes FROM wide) AND o.tenant_id = $1 AND o.placed_at IS NOT NULL
            AND o.practice = $7
            AND (o.placed_at, o.order_id) < ($2, $3)
            AND o.placed_at >= $5 AND o.placed_at < $6
          ORDER BY o.placed_at DESC, o.order_id DESC
          LIMIT $4::int)) a
 ORDER BY a.placed_at DESC, a.order_id DESC
 LIMIT $4;

-- What the list shows of them, in the same order.
-- name: orders_shown
SELECT o.order_id, vt_us(o.placed_at) AS placed_us, o.code, o.name, o.email, o.total_minor,
       o.returned_minor, o.due_minor, o.practice, c.kind AS channel,
       (SELECT json_agg(json_build_object('title', l.title, 'starts_us', vt_us(l.starts_at),
                            'quantity', l.quantity, 'state', l.state,
                            'no_show', l.no_show_at IS NOT NULL) ORDER BY l.line_id)
          FROM order_line l
         WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id
           AND l.placed_at IS NOT NULL) AS lines
  FROM unnest($2::bigint[]) WITH ORDINALITY AS w (order_id, place)
  JOIN orders o ON o.tenant_id = $1 AND o.order_id = w.order_id
  JOIN channel c ON c.tenant_id = o.tenant_id AND c.channel_id = o.channel_id
 ORDER BY w.place;

-- name: orders_offers
SELECT offer_id::text AS offer_id, title FROM offer
 WHERE tenant_id = $1 AND state IN ('published', 'archived')
 ORDER BY state DESC, position, offer_id
 LIMIT 300;

-- name: orders_channels
SELECT channel_id::text AS channel_id, kind, name FROM channel
 WHERE tenant_id = $1 ORDER BY channel_id LIMIT 50;

-- name: orders_slot
SELECT s.slot_id, vt_us(s.starts_at) AS starts_us, o.title
  FROM slot s JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = $2::bigint;
