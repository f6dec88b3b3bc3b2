-- What people may be written to about, and the log of what they said. A preference is never
-- deleted, only removed from sight: what was agreed to stays what it was.

CREATE TABLE preference (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    preference_id bigint NOT NULL DEFAULT vt_id(),
    -- What a blueprint or a demo site calls it: loading it again changes nothing.
    seed text,
    -- Its words of now, a row of preference_text.
    text_version int NOT NULL DEFAULT 1,
    position int NOT NULL,
    -- Not offered any more; who agreed still sees it and can say no.
    active boolean NOT NULL DEFAULT true,
    removed boolean NOT NULL DEFAULT false,
    -- Raised by every change: two people editing never overwrite each other.
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, preference_id),
    UNIQUE (tenant_id, seed)
);
CREATE INDEX preference_list ON preference (tenant_id, removed, position, preference_id);
SELECT vt_tenant_table('preference', 'SELECT, INSERT, UPDATE');

-- Every wording that anybody may have agreed to.
CREATE TABLE preference_text (
    tenant_id bigint NOT NULL,
    preference_id bigint NOT NULL,
    version int NOT NULL CHECK (version > 0),
    title jsonb NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, preference_id, version),
    FOREIGN KEY (tenant_id, preference_id) REFERENCES preference ON DELETE CASCADE
);
SELECT vt_tenant_table('preference_text', 'SELECT, INSERT');

-- The log: rows are added, never changed; they go with the person.
CREATE TABLE consent (
    tenant_id bigint NOT NULL,
    consent_id bigint NOT NULL DEFAULT vt_id(),
    customer_id bigint NOT NULL,
    preference_id bigint NOT NULL,
    text_version int NOT NULL,
    given boolean NOT NULL,
    -- The language of the words that were read.
    language text NOT NULL,
    source text NOT NULL
        CHECK (source IN ('account', 'registration', 'checkout', 'office', 'unsubscribe', 'import')),
    -- Of staff: how the person said it.
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, consent_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, preference_id, text_version) REFERENCES preference_text
);
CREATE INDEX consent_customer ON consent (tenant_id, customer_id, consent_id);
CREATE INDEX consent_text ON consent (tenant_id, preference_id, text_version);
SELECT vt_tenant_table('consent', 'SELECT, INSERT, DELETE');

-- What holds, which is what the log's last row of the person and the preference says.
CREATE TABLE choice (
    tenant_id bigint NOT NULL,
    preference_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    given boolean NOT NULL,
    consent_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, preference_id, customer_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, preference_id) REFERENCES preference ON DELETE CASCADE
);
CREATE INDEX choice_customer ON choice (tenant_id, customer_id);
CREATE INDEX choice_given ON choice (tenant_id, preference_id, given, customer_id);
SELECT vt_tenant_table('choice');
