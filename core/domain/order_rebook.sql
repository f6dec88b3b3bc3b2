-- name: rebook_order
WITH changed AS (
    UPDATE orders SET version = version + 1
     WHERE tenant_id = $1 AND order_id = $2 AND version = $3 AND placed_at IS NOT NULL
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- $2 the slots to go to, $3 their lines' offers, $4 now. They are locked by now.
-- name: rebook_slots
SELECT vt_require((SELECT count(*)
                     FROM unnest($2::bigint[], $3::bigint[]) AS w (slot_id, offer_id)
                     JOIN slot s ON s.tenant_id = $1 AND s.slot_id = w.slot_id
                          AND s.offer_id = w.offer_id AND s.state = 'open' AND s.starts_at > $4)
                  = cardinality($2::bigint[]), 'not_on_sale');

-- $3 lines, $4 the slots that they are in, $5 those they go to, $6 now, $7 by whom, $8 why.
-- name: rebook_lines
WITH wanted AS (
    SELECT line_id, from_id, to_id
      FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) AS w (line_id, from_id, to_id)),
moved AS (
    UPDATE order_line l
       SET slot_id = w.to_id,
           moved_from = CASE WHEN w.to_id = w.from_id THEN l.moved_from ELSE l.starts_at END,
           sequence = l.sequence + 1,
           starts_at = s.starts_at, ends_at = s.ends_at
      FROM wanted w
      JOIN slot s ON s.tenant_id = $1 AND s.slot_id = w.to_id
     WHERE l.tenant_id = $1 AND l.order_id = $2 AND l.line_id = w.line_id
       AND l.slot_id = w.from_id AND l.state IN ('confirmed', 'reserved')
    RETURNING l.line_id, l.state),
noted AS (
    INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
    SELECT $1, $2, line_id, $6, state, state, $7, $8 FROM moved)
SELECT vt_require((SELECT count(*) FROM moved) = cardinality($3::bigint[]), 'already');

-- The places that its tickets name where they are free, else the best there are.
-- name: rebook_seat
WITH free AS (
    SELECT p.place
      FROM slot o
      JOIN offer_place p ON p.tenant_id = o.tenant_id AND p.offer_id = o.offer_id
     WHERE o.tenant_id = $1 AND o.slot_id = $2
       AND NOT EXISTS (SELECT 1 FROM slot_place s
                        WHERE s.tenant_id = $1 AND s.slot_id = $2 AND s.place = p.place)
     ORDER BY EXISTS (SELECT 1 FROM ticket t
                       WHERE t.tenant_id = $1 AND t.line_id = $3 AND t.place = p.place) DESC,
              p.position
     LIMIT $4::int),
used AS (
    INSERT INTO slot_place (tenant_id, slot_id, place, line_id)
    SELECT $1, $2, place, $3 FROM free
    RETURNING 1)
SELECT vt_require((SELECT count(*) FROM used) = $4::int, 'sold_out');

-- name: rebook_tickets
UPDATE ticket t
   SET place = (SELECT p.place FROM slot_place p
                 WHERE p.tenant_id = t.tenant_id AND p.line_id = t.line_id
                 ORDER BY p.place OFFSET t.number - 1 LIMIT 1)
 WHERE t.tenant_id = $1 AND t.line_id = $2 AND t.state = 'valid';
