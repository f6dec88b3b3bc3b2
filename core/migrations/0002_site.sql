-- What every site has: staff, sessions, features, texts of its own.

CREATE TABLE staff (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    staff_id bigint NOT NULL DEFAULT vt_id(),
    email text NOT NULL,
    email_folded text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'box_office')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, staff_id),
    UNIQUE (tenant_id, email_folded)
);
SELECT vt_tenant_table('staff');

-- Guests' sessions carry a basket, staff's an identity. The token itself is never stored.
CREATE TABLE session (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    session_id bigint NOT NULL DEFAULT vt_id(),
    kind text NOT NULL CHECK (kind IN ('guest', 'staff')),
    staff_id bigint,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, token_hash),
    UNIQUE (tenant_id, session_id),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff ON DELETE CASCADE,
    CHECK ((kind = 'staff') = (staff_id IS NOT NULL))
);
CREATE INDEX session_staff ON session (tenant_id, staff_id);
CREATE INDEX session_expiry ON session (tenant_id, expires_at);
SELECT vt_tenant_table('session');

-- A plugin without a row is off.
CREATE TABLE feature (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    plugin text NOT NULL,
    state text NOT NULL CHECK (state IN ('off', 'waiting', 'on', 'closing')),
    settings jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, plugin)
);
SELECT vt_tenant_table('feature');
SELECT vt_platform_table('feature', 'SELECT');

CREATE TABLE template_override (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    name text NOT NULL,
    body text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
SELECT vt_tenant_table('template_override');

-- A site's own words for a notification; without a row the built-in ones are sent.
CREATE TABLE notification (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    plugin text NOT NULL,
    key text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    -- {"en": {"subject": "…", "body": "…"}, …}
    texts jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, plugin, key)
);
SELECT vt_tenant_table('notification');

-- A sent mail, for resending and for proof; bodies are rendered again, not kept.
CREATE TABLE mail (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    mail_id bigint NOT NULL DEFAULT vt_id(),
    job_id bigint NOT NULL,
    plugin text NOT NULL,
    key text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL CHECK (state IN ('sent', 'refused')),
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, mail_id),
    UNIQUE (tenant_id, job_id)
);
SELECT vt_tenant_table('mail', 'SELECT, INSERT');

-- The answer to a POST that sells, refunds or moves value, given again when it is repeated.
CREATE TABLE idempotency (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    session_id bigint NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    location text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_id, key)
);
CREATE INDEX idempotency_age ON idempotency (tenant_id, created_at);
SELECT vt_tenant_table('idempotency');
