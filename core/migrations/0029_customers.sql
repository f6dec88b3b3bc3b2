-- Customers of a site: who buys there, with or without an account of their own.

CREATE TABLE customer (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    customer_id bigint NOT NULL DEFAULT vt_id(),
    first_name text NOT NULL,
    last_name text NOT NULL,
    -- As typed; what is compared is folded.
    email text NOT NULL,
    email_folded text NOT NULL,
    -- NULL: nobody has shown yet that the address is theirs, and several may have typed it.
    verified_at timestamptz,
    phone text, -- E.164
    language text NOT NULL,
    password_hash text, -- NULL: logs in by code only
    -- NULL: known to the venue only, has no account.
    registered_at timestamptz,
    created_at timestamptz NOT NULL,
    -- Two people editing one customer never overwrite each other.
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, customer_id)
);
CREATE UNIQUE INDEX customer_verified ON customer (tenant_id, email_folded)
    WHERE verified_at IS NOT NULL;
CREATE INDEX customer_email ON customer (tenant_id, email_folded, customer_id);
SELECT vt_tenant_table('customer');

-- Who is logged in on the storefront; the basket is the session's.
ALTER TABLE session ADD COLUMN customer_id bigint;

ALTER TABLE orders ADD COLUMN customer_id bigint;

-- One-time codes sent by mail, for the browser that asked. The code and the link follow from the
-- row and the installation's key; neither is stored.
CREATE TABLE customer_code (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    code_id bigint NOT NULL DEFAULT vt_id(),
    email text NOT NULL,
    email_folded text NOT NULL,
    browser_hash bytea NOT NULL,
    tries int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, code_id)
);
CREATE INDEX customer_code_expiry ON customer_code (tenant_id, expires_at);
SELECT vt_tenant_table('customer_code');

ALTER TABLE session
    -- Outlives the browser; otherwise it ends with it.
    ADD COLUMN kept boolean NOT NULL DEFAULT true,
    -- When a code sent by mail let them in: a new password needs no old one then.
    ADD COLUMN proven_at timestamptz;

-- The order's, for lists by line.
ALTER TABLE order_line ADD COLUMN customer_id bigint;
