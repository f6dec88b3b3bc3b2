-- What becomes of each order when slots change: told, given back, or booked into another slot. Those
-- for whom it couldn't be done stay, and are settled otherwise later.
ALTER TABLE slot_change
    DROP CONSTRAINT slot_change_kind_check,
    ADD CONSTRAINT slot_change_kind_check CHECK (kind IN ('move', 'cancel', 'resource'));
ALTER TABLE slot_change_row
    -- NULL: as the change's kind has it, which is how the version before writes them.
    ADD COLUMN remedy text CHECK (remedy IN ('tell', 'refund', 'rebook', 'place'));
CREATE INDEX slot_change_failed ON slot_change_row (tenant_id, change_id, order_id)
    WHERE state = 'failed';

-- Where those who had booked a slot are booked into.
CREATE TABLE slot_change_target (
    tenant_id bigint NOT NULL,
    change_id bigint NOT NULL,
    slot_id bigint NOT NULL,
    target_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, change_id, slot_id),
    FOREIGN KEY (tenant_id, change_id) REFERENCES slot_change ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, target_id) REFERENCES slot ON DELETE CASCADE
);
CREATE INDEX slot_change_target_slot ON slot_change_target (tenant_id, target_id);
SELECT vt_tenant_table('slot_change_target');
