-- Two customers who look like one person and aren't: staff said so, for good.
CREATE TABLE customer_apart (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    one_id bigint NOT NULL, -- the smaller number
    two_id bigint NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, one_id, two_id),
    FOREIGN KEY (tenant_id, one_id) REFERENCES customer ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, two_id) REFERENCES customer ON DELETE CASCADE
);
CREATE INDEX customer_apart_two ON customer_apart (tenant_id, two_id);
SELECT vt_tenant_table('customer_apart');
