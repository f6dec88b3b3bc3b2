-- Who works at a site: invitations, second factors, sessions that their owner can tell apart; and
-- editions of what a venue writes, so that it can go back.

ALTER TABLE staff
    -- Raised by every change of the row: two people editing it never overwrite each other.
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    -- The secret of the second factor under the installation's key; NULL: none.
    ADD COLUMN totp_sealed text,
    -- The last time step whose code was taken: a code works once.
    ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;

ALTER TABLE session
    -- 'code': the password was right, the second factor is still asked for.
    ADD COLUMN stage text NOT NULL DEFAULT 'in' CHECK (stage IN ('in', 'code')),
    ADD COLUMN agent text,
    ADD COLUMN remote text;

-- One-time codes for whoever lost the second factor: 80 random bits each, of which a hash is kept.
CREATE TABLE staff_recovery (
    tenant_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    code_hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, code_hash),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff ON DELETE CASCADE
);
SELECT vt_tenant_table('staff_recovery', 'SELECT, INSERT, DELETE');

CREATE TABLE staff_invitation (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    invitation_id bigint NOT NULL DEFAULT vt_id(),
    email text NOT NULL,
    email_folded text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'box_office')),
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, invitation_id),
    UNIQUE (tenant_id, email_folded)
);
SELECT vt_tenant_table('staff_invitation');

-- Every state that something the venue writes ever had: its look, its terms, the words of a mail.
-- The newest one holds; version 0 is what there was before the first change.
CREATE TABLE edition (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    subject text NOT NULL,
    version bigint NOT NULL,
    value jsonb NOT NULL,
    at timestamptz NOT NULL,
    actor_name text NOT NULL,
    PRIMARY KEY (tenant_id, subject, version)
);
SELECT vt_tenant_table('edition', 'SELECT, INSERT');

-- Which edition of the terms the buyer agreed to; NULL: none was asked for.
ALTER TABLE orders ADD COLUMN terms_version bigint;

-- Two people editing one tax never overwrite each other.
ALTER TABLE tax ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Rehearsals: what was booked before the site went live. No sale.
ALTER TABLE orders ADD COLUMN practice boolean NOT NULL DEFAULT false;

-- By which offers a tax is used.
CREATE INDEX offer_tax ON offer (tenant_id, tax_id);
