-- Stored value: points, credits, wallets, gift cards. One double-entry ledger: what is posted stays,
-- the entries of a posting sum to zero, every value that somebody holds lies in lots, which are
-- spent soonest first. Posting, entry, lot, hold and its end are only ever added to; what is left
-- of a lot and what is on hold of it is derived from them, guarded here and proved by
-- `vitrine ledger verify`.

CREATE TABLE ledger_account (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    account_id bigint NOT NULL DEFAULT vt_id(),
    plugin text NOT NULL,
    -- The plugin's own name for it: "card:17", "redeemed".
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 120),
    -- What is counted: a currency, "points".
    unit text NOT NULL CHECK (length(unit) BETWEEN 1 AND 40),
    -- The other side of what people hold. It may go below zero and keeps no balance, so it is
    -- never locked.
    is_system boolean NOT NULL,
    customer_id bigint,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id),
    UNIQUE (tenant_id, plugin, code, unit)
);
CREATE INDEX ledger_account_customer ON ledger_account (tenant_id, customer_id)
    WHERE customer_id IS NOT NULL;
SELECT vt_tenant_table('ledger_account');

-- Value set aside until it is captured or let go. Whoever needs the value first lets go of what is
-- past its time.
CREATE TABLE ledger_hold (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    hold_id bigint NOT NULL,
    plugin text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    fingerprint text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    order_id bigint,
    PRIMARY KEY (tenant_id, hold_id),
    UNIQUE (tenant_id, plugin, key),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders
);
CREATE INDEX ledger_hold_order ON ledger_hold (tenant_id, order_id) WHERE order_id IS NOT NULL;
SELECT vt_tenant_table('ledger_hold', 'SELECT, INSERT');

CREATE TABLE posting (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    posting_id bigint NOT NULL,
    plugin text NOT NULL,
    -- Chosen by whoever posts: the same key posts once.
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    -- Of what was asked under that key.
    fingerprint text NOT NULL,
    -- The plugin's word for it: "earned", "redeemed".
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    unit text NOT NULL,
    at timestamptz NOT NULL,
    reverses bigint,
    order_id bigint,
    line_id bigint,
    actor_kind text NOT NULL,
    actor_id bigint,
    PRIMARY KEY (tenant_id, posting_id),
    UNIQUE (tenant_id, plugin, key),
    FOREIGN KEY (tenant_id, reverses) REFERENCES posting,
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders
);
CREATE INDEX posting_reverses ON posting (tenant_id, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX posting_order ON posting (tenant_id, order_id) WHERE order_id IS NOT NULL;
SELECT vt_tenant_table('posting', 'SELECT, INSERT');

-- What people wrote about a posting: erased with them.
CREATE TABLE posting_note (
    tenant_id bigint NOT NULL,
    posting_id bigint NOT NULL,
    body text NOT NULL,
    actor_name text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, posting_id),
    FOREIGN KEY (tenant_id, posting_id) REFERENCES posting ON DELETE CASCADE
);
SELECT vt_tenant_table('posting_note');

CREATE TABLE lot (
    tenant_id bigint NOT NULL,
    lot_id bigint NOT NULL DEFAULT vt_id(),
    account_id bigint NOT NULL,
    posting_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    -- 'infinity': never.
    expires_at timestamptz NOT NULL,
    -- The lot whose value came back after it had expired.
    from_lot bigint,
    PRIMARY KEY (tenant_id, lot_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account,
    FOREIGN KEY (tenant_id, posting_id) REFERENCES posting,
    FOREIGN KEY (tenant_id, from_lot) REFERENCES lot
);
CREATE INDEX lot_posting ON lot (tenant_id, posting_id);
SELECT vt_tenant_table('lot', 'SELECT, INSERT');

CREATE TABLE entry (
    tenant_id bigint NOT NULL,
    posting_id bigint NOT NULL,
    number int NOT NULL,
    account_id bigint NOT NULL,
    -- Absent on a system account.
    lot_id bigint,
    amount bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (tenant_id, posting_id, number),
    FOREIGN KEY (tenant_id, posting_id) REFERENCES posting,
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account,
    FOREIGN KEY (tenant_id, lot_id) REFERENCES lot
);
CREATE INDEX entry_account ON entry (tenant_id, account_id, posting_id);
CREATE INDEX entry_lot ON entry (tenant_id, lot_id) WHERE lot_id IS NOT NULL;
SELECT vt_tenant_table('entry', 'SELECT, INSERT');

-- Derived. `spent` says that nothing is left: an index on what is left would be written by every
-- posting.
CREATE TABLE lot_balance (
    tenant_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    account_id bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    amount bigint NOT NULL,
    remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND amount),
    held bigint NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND remaining),
    spent boolean NOT NULL DEFAULT false CHECK (spent = (remaining = 0)),
    PRIMARY KEY (tenant_id, lot_id),
    FOREIGN KEY (tenant_id, lot_id) REFERENCES lot
) WITH (fillfactor = 80);
CREATE INDEX lot_balance_open ON lot_balance (tenant_id, account_id, expires_at, lot_id)
    WHERE NOT spent;
CREATE INDEX lot_balance_expiry ON lot_balance (tenant_id, expires_at, lot_id) WHERE NOT spent;
SELECT vt_tenant_table('lot_balance', 'SELECT, INSERT, UPDATE');

-- Derived: what an open hold has set aside of each lot. Gone when the hold has ended.
CREATE TABLE ledger_hold_lot (
    tenant_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hold_id, lot_id),
    FOREIGN KEY (tenant_id, hold_id) REFERENCES ledger_hold,
    FOREIGN KEY (tenant_id, lot_id) REFERENCES lot
);
CREATE INDEX ledger_hold_lot_account ON ledger_hold_lot (tenant_id, account_id, until);
SELECT vt_tenant_table('ledger_hold_lot', 'SELECT, INSERT, DELETE');

-- Captured by this posting, or let go.
CREATE TABLE ledger_hold_end (
    tenant_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    posting_id bigint,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hold_id),
    FOREIGN KEY (tenant_id, hold_id) REFERENCES ledger_hold,
    FOREIGN KEY (tenant_id, posting_id) REFERENCES posting
);
SELECT vt_tenant_table('ledger_hold_end', 'SELECT, INSERT');
