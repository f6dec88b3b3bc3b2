-- Passkeys of customers: what an authenticator made for this site's host, and what it said last.

CREATE TABLE passkey (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    passkey_id bigint NOT NULL DEFAULT vt_id(),
    customer_id bigint NOT NULL,
    -- What the customer calls it.
    name text NOT NULL,
    host text NOT NULL,
    credential bytea NOT NULL,
    algorithm int NOT NULL, -- COSE's number
    public_key bytea NOT NULL,
    -- Of the authenticator's signatures; one that doesn't rise shows a copy.
    counter bigint NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    copied_at timestamptz, -- logs nobody in from then on
    PRIMARY KEY (tenant_id, passkey_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
CREATE UNIQUE INDEX passkey_credential ON passkey (tenant_id, credential);
CREATE INDEX passkey_customer ON passkey (tenant_id, customer_id, passkey_id);
SELECT vt_tenant_table('passkey');

-- Challenges that were answered: none is answered twice. They are signed, so that asking for one
-- writes nothing.
CREATE TABLE passkey_answer (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    challenge_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, challenge_hash)
);
CREATE INDEX passkey_answer_expiry ON passkey_answer (tenant_id, expires_at);
SELECT vt_tenant_table('passkey_answer');
