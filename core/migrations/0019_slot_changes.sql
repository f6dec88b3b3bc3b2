-- Slots that the office moved or cancelled, and what becomes of each order that is concerned.
CREATE TABLE slot_change (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    change_id bigint NOT NULL DEFAULT vt_id(),
    kind text NOT NULL CHECK (kind IN ('move', 'cancel')),
    slots int NOT NULL,
    -- As customers read it.
    reason text NOT NULL DEFAULT '',
    actor_id bigint NOT NULL,
    actor_name text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, change_id)
);
SELECT vt_tenant_table('slot_change', 'SELECT, INSERT');

CREATE TABLE slot_change_row (
    tenant_id bigint NOT NULL,
    change_id bigint NOT NULL,
    order_id bigint NOT NULL,
    lines bigint[] NOT NULL,
    total_minor bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    -- Why it failed.
    code text,
    PRIMARY KEY (tenant_id, change_id, order_id),
    FOREIGN KEY (tenant_id, change_id) REFERENCES slot_change ON DELETE CASCADE
);
CREATE INDEX slot_change_waiting ON slot_change_row (tenant_id, change_id, order_id)
    WHERE state = 'waiting';
SELECT vt_tenant_table('slot_change_row');
