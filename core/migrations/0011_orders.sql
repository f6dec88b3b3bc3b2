-- Orders in the office: what came back of them, who didn't come, notes, and how they are found.

-- Of the total, what was given back or isn't owed any more: total − returned = paid − refunds + due.
ALTER TABLE orders
    ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0 CHECK (returned_minor >= 0);
CREATE INDEX orders_newest ON orders (tenant_id, placed_at, order_id) WHERE placed_at IS NOT NULL;
CREATE INDEX orders_due ON orders (tenant_id, placed_at, order_id)
    WHERE placed_at IS NOT NULL AND due_minor > 0;
CREATE INDEX orders_channel ON orders (tenant_id, channel_id, placed_at, order_id)
    WHERE placed_at IS NOT NULL;

ALTER TABLE order_line
    -- The order's, for lists by line.
    ADD COLUMN placed_at timestamptz,
    -- NULL with the state cancelled: taken out of the basket before it was an order.
    ADD COLUMN cancelled_at timestamptz,
    ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0 CHECK (returned_minor >= 0),
    ADD COLUMN no_show_at timestamptz;
UPDATE order_line l SET placed_at = o.placed_at
  FROM orders o
 WHERE o.tenant_id = l.tenant_id AND o.order_id = l.order_id AND o.placed_at IS NOT NULL
   AND l.state IN ('confirmed', 'reserved');
CREATE INDEX order_line_offer ON order_line (tenant_id, offer_id, placed_at, order_id)
    WHERE placed_at IS NOT NULL;
CREATE INDEX order_line_cancelled ON order_line (tenant_id, placed_at, order_id)
    WHERE cancelled_at IS NOT NULL;
CREATE INDEX order_line_no_show ON order_line (tenant_id, placed_at, order_id)
    WHERE no_show_at IS NOT NULL;

-- Refunds that are on their way, or that the provider refused.
CREATE INDEX payment_refunding ON payment (tenant_id, created_at)
    WHERE refund_of IS NOT NULL AND state IN ('started', 'refused');

CREATE TABLE order_note (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    note_id bigint NOT NULL DEFAULT vt_id(),
    order_id bigint NOT NULL,
    at timestamptz NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (tenant_id, note_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders
);
CREATE INDEX order_note_order ON order_note (tenant_id, order_id, note_id);
SELECT vt_tenant_table('order_note', 'SELECT, INSERT');

-- Which order a mail was about.
ALTER TABLE mail ADD COLUMN order_id bigint;
CREATE INDEX mail_order ON mail (tenant_id, order_id, mail_id) WHERE order_id IS NOT NULL;

-- The words that things are found by, folded; a beginning is a range of them.
CREATE TABLE search_term (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    kind text NOT NULL,
    term text COLLATE "C" NOT NULL,
    object_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, term, object_id)
);
SELECT vt_tenant_table('search_term');
INSERT INTO search_term (tenant_id, kind, term, object_id)
SELECT DISTINCT o.tenant_id, 'order', t.term, o.order_id
  FROM orders o
  CROSS JOIN LATERAL (SELECT lower(o.code) AS term
                      UNION SELECT o.email_folded
                      UNION SELECT regexp_split_to_table(lower(o.name), '[^[:alnum:]]+')) t
 WHERE o.placed_at IS NOT NULL AND t.term <> '';

-- A table that is written by a job while people wait: what an export has made so far.
CREATE TABLE export (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    export_id bigint NOT NULL DEFAULT vt_id(),
    staff_id bigint NOT NULL,
    kind text NOT NULL,
    format text NOT NULL CHECK (format IN ('csv', 'xlsx')),
    filter jsonb NOT NULL,
    language text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    rows_done bigint NOT NULL DEFAULT 0,
    rows_all bigint,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, export_id)
);
CREATE INDEX export_staff ON export (tenant_id, staff_id, export_id);
SELECT vt_tenant_table('export');
CREATE TABLE export_part (
    tenant_id bigint NOT NULL,
    export_id bigint NOT NULL,
    number int NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (tenant_id, export_id, number),
    FOREIGN KEY (tenant_id, export_id) REFERENCES export ON DELETE CASCADE
);
SELECT vt_tenant_table('export_part');
