-- The choices of an order with the lines that each is about: booked still, and not changed again
-- since, for then the later change's choice is about them.
-- name: slot_choices
SELECT w.change_id, w.asks AS asked, c.kind <> 'move' AS cancelled, c.reason, w.choice,
       vt_us(w.choose_until) AS until_us, vt_us(w.chosen_at) AS chosen_us,
       (SELECT json_agg(l.line_id ORDER BY l.line_id)
          FROM order_line l
         WHERE l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)
           AND l.state IN ('reserved', 'confirmed')
           AND NOT EXISTS (SELECT 1 FROM slot_change_row n
                            WHERE n.tenant_id = w.tenant_id AND n.order_id = w.order_id
                              AND n.change_id > w.change_id AND n.choice IS NOT NULL
                              AND l.line_id = ANY (n.lines))) AS lines
  FROM slot_change_row w
  JOIN slot_change c ON c.tenant_id = w.tenant_id AND c.change_id = w.change_id
 WHERE w.tenant_id = $1 AND w.order_id = $2 AND w.choice IS NOT NULL
 ORDER BY w.change_id DESC
 LIMIT $3;

-- Until the first of their times begins, or earlier as the office has it.
-- name: slot_choice_open
UPDATE slot_change_row w
   SET choice = 'open',
       choose_until = LEAST(w.choose_until,
           (SELECT min(l.starts_at) FROM order_line l
             WHERE l.tenant_id = w.tenant_id AND l.line_id = ANY (w.lines)
               AND l.state IN ('reserved', 'confirmed')))
 WHERE w.tenant_id = $1 AND w.change_id = $2 AND w.order_id = $3;

-- name: slot_choice_ask
UPDATE slot_change_row SET choice = 'open', choose_until = $4
 WHERE tenant_id = $1 AND change_id = $2 AND order_id = $3;

-- $4 the answer, $5 now; $6: by whoever sees to it when there was none.
-- name: slot_choice_take
WITH taken AS (
    UPDATE slot_change_row SET choice = $4, chosen_at = $5
     WHERE tenant_id = $1 AND change_id = $2 AND order_id = $3 AND choice = 'open'
       AND ($6::boolean OR choose_until > $5)
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM taken), 'already');

-- name: slot_choice_fail
UPDATE slot_change_row SET state = 'failed', code = 'refused', choice = NULL
 WHERE tenant_id = $1 AND change_id = $2 AND order_id = $3 AND choice = 'open';
