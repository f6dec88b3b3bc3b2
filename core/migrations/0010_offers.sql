-- What the office changes of offers. A version rises with every change, so that the later of two
-- people who edit one thing notices.
ALTER TABLE offer ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE rate ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE category ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE feature ADD COLUMN version bigint NOT NULL DEFAULT 1;

CREATE INDEX profile_offer_offer ON profile_offer (tenant_id, offer_id);
CREATE INDEX offer_category ON offer (tenant_id, category_id);

-- Uploaded pictures, encoded again, named by their content and never changed: every node of an
-- installation serves them, and they travel with the site.
CREATE TABLE file (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    name text NOT NULL CHECK (name ~ '^[a-z0-9.-]+$'),
    kind text NOT NULL,
    size int NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
SELECT vt_tenant_table('file');

-- Uploads that come in parts, until they are taken or a day old.
CREATE TABLE upload (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    upload_id bigint NOT NULL DEFAULT vt_id(),
    staff_id bigint NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received <= size),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, upload_id)
);
CREATE INDEX upload_age ON upload (tenant_id, created_at);
SELECT vt_tenant_table('upload');

CREATE TABLE upload_part (
    tenant_id bigint NOT NULL,
    upload_id bigint NOT NULL,
    position bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, position),
    FOREIGN KEY (tenant_id, upload_id) REFERENCES upload ON DELETE CASCADE
);
SELECT vt_tenant_table('upload_part');
