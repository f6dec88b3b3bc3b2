-- The console: plans, approvals of gated features, support's visits, and changes of set-ups, of one
-- site or of many.

-- What a plan lets a site switch on. Without a row of its own a site's plan allows what needs no
-- approval.
CREATE TABLE plan (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{1,30}$'),
    title text NOT NULL,
    -- Every feature that needs no approval, or only the named ones.
    everything boolean NOT NULL DEFAULT true,
    -- Gated features among them need no approval of their own.
    features text[] NOT NULL DEFAULT '{}',
    position int NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE, DELETE ON plan TO vitrine_platform;
INSERT INTO plan (name, title) VALUES ('standard', 'Standard');

-- Why a site is suspended or closed, as its staff reads it, and since when.
ALTER TABLE site ADD COLUMN state_reason text NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN state_since timestamptz;
CREATE INDEX site_words ON site USING gin (to_tsvector('simple', slug || ' ' || name));

ALTER TABLE operator ADD COLUMN language text NOT NULL DEFAULT 'en';
ALTER TABLE operator_session ADD COLUMN session_id bigint NOT NULL DEFAULT vt_id();
CREATE UNIQUE INDEX operator_session_number ON operator_session (session_id);
CREATE INDEX operator_session_person ON operator_session (operator_id);

-- A manager's request for a gated feature, and what became of it. The newest of a feature holds:
-- approved until it is withdrawn.
CREATE TABLE approval (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    approval_id bigint NOT NULL DEFAULT vt_id(),
    plugin text NOT NULL,
    state text NOT NULL
        CHECK (state IN ('asked', 'approved', 'refused', 'taken_back', 'withdrawn')),
    asked_at timestamptz NOT NULL,
    asked_by text NOT NULL,
    asked_id bigint,
    question text NOT NULL DEFAULT '',
    decided_at timestamptz,
    decided_by text,
    answer text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, approval_id)
);
SELECT vt_tenant_table('approval', 'SELECT, INSERT, UPDATE');
SELECT vt_platform_table('approval', 'SELECT');
CREATE UNIQUE INDEX approval_asked ON approval (tenant_id, plugin) WHERE state = 'asked';
CREATE INDEX approval_plugin ON approval (tenant_id, plugin, approval_id);
CREATE INDEX approval_state ON approval (state, approval_id);

-- Support in a site's back office: who, why, from when until when. The ticket leads from the
-- console into the office, once; the token is the cookie's. Neither is stored itself.
CREATE TABLE support_access (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    access_id bigint NOT NULL DEFAULT vt_id(),
    operator_id bigint NOT NULL,
    operator_name text NOT NULL,
    operator_email text NOT NULL,
    reason text NOT NULL,
    ticket_hash bytea NOT NULL,
    ticket_until timestamptz NOT NULL,
    token_hash bytea,
    started_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    -- Renewals lead up to here and no further.
    last_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, access_id),
    UNIQUE (tenant_id, ticket_hash),
    UNIQUE (tenant_id, token_hash)
);
SELECT vt_tenant_table('support_access', 'SELECT, INSERT, UPDATE');

-- A change of set-ups: what, and for each site what was there before, so that it can be undone.
CREATE TABLE rollout (
    rollout_id bigint PRIMARY KEY DEFAULT vt_id(),
    operator_id bigint NOT NULL,
    operator_name text NOT NULL,
    title text NOT NULL,
    -- {"features/coupons": "on", "branding/brand": "#0f766e"}
    changes jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'applied', 'undone')),
    created_at timestamptz NOT NULL,
    applied_at timestamptz,
    undone_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON rollout TO vitrine_platform;

CREATE TABLE rollout_site (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    rollout_id bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'same', 'failed', 'undone', 'kept')),
    error text,
    before jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz,
    PRIMARY KEY (tenant_id, rollout_id)
);
SELECT vt_tenant_table('rollout_site', 'SELECT');
SELECT vt_platform_table('rollout_site', 'SELECT, INSERT, UPDATE, DELETE');
CREATE INDEX rollout_site_list ON rollout_site (rollout_id, tenant_id);

-- What the console shows of a site: mails that came back, orders of the last month.
CREATE INDEX mail_refused ON mail (tenant_id, mail_id) WHERE state = 'refused';

-- What support changed during a visit.
CREATE INDEX audit_support ON audit (tenant_id, actor_id, audit_id) WHERE actor_kind = 'support';
