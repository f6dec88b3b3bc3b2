-- Sites that an account manager sets up for a venue, owners who change, and the console's own
-- second factor.

-- The form that made it: sending it twice makes one site.
ALTER TABLE site ADD COLUMN creation_key text;

-- An invitation goes with whoever sent it.
ALTER TABLE staff_invitation ADD COLUMN inviter_id bigint;
CREATE INDEX staff_invitation_inviter ON staff_invitation (tenant_id, inviter_id);

-- A new owner for a site whose owner left: asked for by an account manager, confirmed by the new
-- owner, told to the owners of now, who have until ready_at to object or may consent before.
CREATE TABLE ownership_transfer (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    transfer_id bigint NOT NULL DEFAULT vt_id(),
    state text NOT NULL
        CHECK (state IN ('open', 'done', 'objected', 'withdrawn', 'expired')),
    -- Who asks, in whose name, why, and how it was verified.
    operator_id bigint NOT NULL,
    operator_name text NOT NULL,
    email text NOT NULL,
    email_folded text NOT NULL,
    reason text NOT NULL,
    proof text NOT NULL,
    -- What becomes of the owners of that day.
    former text NOT NULL CHECK (former IN ('leave', 'manager', 'owner')),
    asked_at timestamptz NOT NULL,
    ready_at timestamptz NOT NULL,
    -- The new owner's link is good until then.
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    -- Of a new owner who doesn't work there yet, from the confirmation on.
    name text,
    password_hash text,
    consented_at timestamptz,
    consented_by text,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (tenant_id, transfer_id)
);
SELECT vt_tenant_table('ownership_transfer', 'SELECT, INSERT, UPDATE');
-- Of two at once the second is told.
CREATE UNIQUE INDEX ownership_transfer_open ON ownership_transfer (tenant_id) WHERE state = 'open';

-- The owners of the day it was asked for: they object, consent, and leave.
CREATE TABLE ownership_holder (
    tenant_id bigint NOT NULL,
    transfer_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    PRIMARY KEY (tenant_id, transfer_id, staff_id),
    FOREIGN KEY (tenant_id, transfer_id) REFERENCES ownership_transfer ON DELETE CASCADE
);
SELECT vt_tenant_table('ownership_holder', 'SELECT, INSERT');

-- An operator's second factor, as staff has it.
ALTER TABLE operator
    ADD COLUMN totp_sealed text,
    ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;
ALTER TABLE operator_session
    ADD COLUMN stage text NOT NULL DEFAULT 'in' CHECK (stage IN ('in', 'code'));
CREATE TABLE operator_recovery (
    operator_id bigint NOT NULL REFERENCES operator ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    PRIMARY KEY (operator_id, code_hash)
);
GRANT SELECT, INSERT, DELETE ON operator_recovery TO vitrine_platform;

-- Visits of an operator whose password changed end, wherever they are.
SELECT vt_platform_table('support_access', 'SELECT, UPDATE');
CREATE INDEX support_access_open ON support_access (operator_id) WHERE ended_at IS NULL;

-- The console's list of sites, by address, of one state or one plan.
CREATE INDEX site_of_state ON site (state, slug);
CREATE INDEX site_of_plan ON site (plan, slug);
