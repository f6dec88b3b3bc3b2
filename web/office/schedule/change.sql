-- The slots of some days, with what is booked of each.
-- name: office_change_slots
SELECT s.slot_id, s.offer_id, vt_us(s.starts_at) AS starts_us, s.version, s.state, o.title,
       (SELECT count(DISTINCT l.order_id) FROM order_line l
         WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('reserved', 'confirmed')) AS orders,
       (SELECT coalesce(sum(l.quantity), 0) FROM order_line l
         WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('reserved', 'confirmed')) AS places,
       (SELECT coalesce(sum(l.total_minor), 0)::bigint FROM order_line l
         WHERE l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('reserved', 'confirmed')) AS total_minor
  FROM slot s
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
 WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::bigint[])
 ORDER BY s.starts_at, s.slot_id;

-- Other times of a slot's offer that are on sale, soonest first; of no slot ($2 0) none.
-- name: office_change_choices
SELECT t.slot_id, vt_us(t.starts_at) AS starts_us, t.capacity - t.taken AS places_left
  FROM slot s
 CROSS JOIN LATERAL (
       SELECT n.slot_id, n.starts_at, n.capacity, n.taken
         FROM slot n
        WHERE n.tenant_id = $1 AND n.offer_id = s.offer_id AND n.state = 'open'
          AND n.starts_at > (SELECT $3::timestamptz) AND n.slot_id <> s.slot_id
        ORDER BY n.starts_at LIMIT 200) t
 WHERE s.tenant_id = $1 AND s.slot_id = $2
 ORDER BY t.starts_at;

-- name: office_change
SELECT c.change_id, c.kind, c.slots, c.reason, c.actor_name, vt_us(c.created_at) AS created_us,
       (SELECT count(*) FROM slot_change_row w
         WHERE w.tenant_id = c.tenant_id AND w.change_id = c.change_id) AS every,
       (SELECT count(*) FROM slot_change_row w
         WHERE w.tenant_id = c.tenant_id AND w.change_id = c.change_id
           AND w.state = 'waiting') AS waiting,
       (SELECT count(*) FROM slot_change_row w
         WHERE w.tenant_id = c.tenant_id AND w.change_id = c.change_id
           AND w.state = 'failed') AS failed
  FROM slot_change c
 WHERE c.tenant_id = $1 AND c.change_id = $2;

-- Those who couldn't be helped first. What they chose; who has nothing of it any more, or gave no
-- answer in time ($3 now), chose nothing.
-- name: office_change_rows
SELECT w.order_id, w.state, w.code AS why, w.total_minor, o.code, o.name,
       CASE WHEN w.asks THEN 'ask'
            ELSE coalesce(w.remedy, CASE c.kind WHEN 'move' THEN 'tell' ELSE 'refund' END)
       END AS remedy,
       CASE WHEN w.choice <> 'open' THEN w.choice
            WHEN NOT EXISTS (SELECT 1 FROM order_line l
                              WHERE l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)
                                AND l.state IN ('reserved', 'confirmed')) THEN NULL
            WHEN w.choose_until <= $3 THEN 'silent'
            ELSE w.choice END AS choice,
       vt_us(w.choose_until) AS until_us
  FROM slot_change_row w
  JOIN slot_change c ON c.tenant_id = w.tenant_id AND c.change_id = w.change_id
  JOIN orders o ON o.tenant_id = w.tenant_id AND o.order_id = w.order_id
 WHERE w.tenant_id = $1 AND w.change_id = $2
 ORDER BY w.state = 'failed' DESC, w.order_id
 LIMIT 500;

-- The slots that they are still in.
-- name: office_change_open
SELECT DISTINCT l.slot_id
  FROM slot_change_row w
  JOIN order_line l ON l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)
 WHERE w.tenant_id = $1 AND w.change_id = $2 AND w.state = 'failed'
   AND l.state IN ('reserved', 'confirmed')
 LIMIT 500;
