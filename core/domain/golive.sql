-- name: golive_look
SELECT (SELECT count(*) FROM offer
         WHERE tenant_id = $1 AND state = 'published' AND NOT sample) AS own,
       (SELECT count(*) FROM offer
         WHERE tenant_id = $1 AND state <> 'archived' AND sample) AS samples,
       (SELECT count(*) FROM orders WHERE tenant_id = $1 AND placed_at IS NOT NULL) AS bookings,
       EXISTS (SELECT 1 FROM edition
                WHERE tenant_id = $1 AND subject = 'branding' AND version > 0) AS own_look;

-- Samples that go, as the office lists its offers.
-- name: golive_samples
SELECT offer_id::text AS offer_id, title
  FROM offer
 WHERE tenant_id = $1 AND state <> 'archived' AND sample
 ORDER BY position, offer_id
 LIMIT $2;

-- name: golive_guard
SELECT vt_require((SELECT practice FROM site WHERE tenant_id = $1 FOR UPDATE), 'live_already');

-- name: golive_guard_offer
SELECT vt_require(EXISTS (SELECT 1 FROM offer
         WHERE tenant_id = $1 AND state = 'published' AND NOT sample), 'not_ready');

-- What was booked in practice never happened: its places are free, its tickets admit nobody.
-- name: golive_note_lines
INSERT INTO order_event (tenant_id, order_id, line_id, at, from_state, to_state, actor, note)
SELECT tenant_id, order_id, line_id, $2, state, 'cancelled', 'system', 'practice'
  FROM order_line
 WHERE tenant_id = $1 AND state IN ('held', 'option', 'reserved', 'paying', 'confirmed');

-- name: golive_cancel_lines
UPDATE order_line SET state = 'cancelled', cancelled_at = $2
 WHERE tenant_id = $1 AND state IN ('held', 'option', 'reserved', 'paying', 'confirmed');

-- name: golive_mark_orders
UPDATE orders SET practice = true WHERE tenant_id = $1;

-- name: golive_free_slots
UPDATE slot SET taken = 0 WHERE tenant_id = $1 AND taken > 0;

-- name: golive_free_places
DELETE FROM slot_place WHERE tenant_id = $1;

-- name: golive_free_resources
DELETE FROM allocation WHERE tenant_id = $1 AND line_id IS NOT NULL;

-- name: golive_void_tickets
UPDATE ticket SET state = 'void' WHERE tenant_id = $1 AND state = 'valid';

-- Times that nobody ever looked at in an order go with their sample; the rest stays archived.
-- name: golive_drop_rules
DELETE FROM schedule_rule r USING offer o
 WHERE r.tenant_id = $1 AND o.tenant_id = $1 AND o.offer_id = r.offer_id AND o.sample;

-- name: golive_drop_slots
DELETE FROM slot s USING offer o
 WHERE s.tenant_id = $1 AND o.tenant_id = $1 AND o.offer_id = s.offer_id AND o.sample
   AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.tenant_id = $1 AND l.slot_id = s.slot_id);

-- name: golive_drop_offers
DELETE FROM offer o
 WHERE o.tenant_id = $1 AND o.sample
   AND NOT EXISTS (SELECT 1 FROM slot s WHERE s.tenant_id = $1 AND s.offer_id = o.offer_id);

-- name: golive_archive_offers
UPDATE offer SET state = 'archived', sample = false WHERE tenant_id = $1 AND sample;

-- name: golive_drop_tests
UPDATE feature SET state = 'off', changed_at = $3 WHERE tenant_id = $1 AND plugin = ANY ($2::text[]);

-- name: golive_open
UPDATE site SET practice = false WHERE tenant_id = $1;
