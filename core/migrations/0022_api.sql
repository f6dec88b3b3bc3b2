-- Programs that speak to a site: their tokens, and what a write that named itself was answered.

CREATE TABLE api_token (
    tenant_id bigint NOT NULL,
    token_id bigint NOT NULL DEFAULT vt_id(),
    name text NOT NULL,
    -- How it begins, to tell tokens apart; of the whole only a hash is kept.
    start text NOT NULL,
    token_hash bytea NOT NULL,
    -- Permissions by name, in lower case, with spaces between.
    scopes text NOT NULL,
    -- Who made it: it may never do more than they may, and goes with them.
    staff_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, token_id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff ON DELETE CASCADE
);
CREATE INDEX api_token_staff ON api_token (tenant_id, staff_id);
SELECT vt_tenant_table('api_token');

-- Status and body by the key of a write, so that the same write again gets the same answer.
CREATE TABLE api_answer (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    -- A session's number or a token's: each has keys of its own.
    session_id bigint NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- NULL: it is still at work.
    status smallint,
    type text NOT NULL DEFAULT '',
    location text NOT NULL DEFAULT '',
    body text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, session_id, key)
);
CREATE INDEX api_answer_age ON api_answer (tenant_id, created_at);
SELECT vt_tenant_table('api_answer');
