-- What staff do to many customers at once: who they were when it was decided, and what became of
-- each, so that a job that begins again does nothing twice, and all of it can be taken back.
CREATE TABLE customer_batch (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    batch_id bigint NOT NULL,
    made_at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id bigint NOT NULL,
    actor_name text NOT NULL,
    action text NOT NULL, -- tag, untag, or a feature's: "customer-categories.put"
    value text NOT NULL,
    label text NOT NULL, -- the value, as whoever chose it read it
    day date,
    filter jsonb NOT NULL,
    upto_id bigint NOT NULL, -- whoever came later isn't meant
    state text NOT NULL DEFAULT 'filling', -- filling, running, done, undoing, undone
    filled_below bigint,
    customers bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    kept bigint NOT NULL DEFAULT 0,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, batch_id)
);
SELECT vt_tenant_table('customer_batch');

CREATE TABLE customer_batch_row (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    batch_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting', -- waiting, changed, kept, undone
    why text, -- kept: the reason
    was jsonb, -- what undoing needs
    PRIMARY KEY (tenant_id, batch_id, customer_id),
    FOREIGN KEY (tenant_id, batch_id) REFERENCES customer_batch ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
CREATE INDEX customer_batch_row_state
    ON customer_batch_row (tenant_id, batch_id, state, customer_id);
CREATE INDEX customer_batch_row_customer ON customer_batch_row (tenant_id, customer_id);
SELECT vt_tenant_table('customer_batch_row');
