-- Two records of one person become one. The row stays as long as the customer does: by it the other
-- number still leads somewhere. What undoing needs goes after seven days.
CREATE TABLE customer_merge (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    merge_id bigint NOT NULL DEFAULT vt_id(),
    customer_id bigint NOT NULL, -- who stayed
    other_id bigint NOT NULL, -- who is no more
    merged_at timestamptz NOT NULL,
    actor_name text NOT NULL,
    -- Both as they were, and who stayed as it was afterwards. NULL: too late to undo.
    kept_before jsonb,
    kept_after jsonb,
    other_before jsonb,
    PRIMARY KEY (tenant_id, merge_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
CREATE INDEX customer_merge_customer ON customer_merge (tenant_id, customer_id, merge_id);
CREATE INDEX customer_merge_other ON customer_merge (tenant_id, other_id);
CREATE INDEX customer_merge_undoable ON customer_merge (tenant_id, merged_at)
    WHERE other_before IS NOT NULL;
SELECT vt_tenant_table('customer_merge');

-- What hung on the other one: moved (then only what tells the row from others is kept), or dropped
-- because the one who stayed had the same.
CREATE TABLE customer_merge_row (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    row_id bigint NOT NULL DEFAULT vt_id(),
    merge_id bigint NOT NULL,
    table_name text NOT NULL,
    moved boolean NOT NULL,
    was jsonb NOT NULL,
    PRIMARY KEY (tenant_id, row_id),
    FOREIGN KEY (tenant_id, merge_id) REFERENCES customer_merge ON DELETE CASCADE
);
CREATE INDEX customer_merge_row_merge ON customer_merge_row (tenant_id, merge_id, table_name);
SELECT vt_tenant_table('customer_merge_row');
