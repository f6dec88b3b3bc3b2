-- Sites as files: what the console makes of a site for another installation, and what it takes from
-- one.

CREATE TABLE site_export (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    export_id bigint NOT NULL DEFAULT vt_id(),
    operator_id bigint NOT NULL,
    operator_name text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    rows_done bigint NOT NULL DEFAULT 0,
    size bigint NOT NULL DEFAULT 0,
    -- Why it failed.
    why text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, export_id)
);
CREATE INDEX site_export_age ON site_export (tenant_id, created_at);
SELECT vt_tenant_table('site_export');

CREATE TABLE site_export_part (
    tenant_id bigint NOT NULL,
    export_id bigint NOT NULL,
    number int NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (tenant_id, export_id, number),
    FOREIGN KEY (tenant_id, export_id) REFERENCES site_export ON DELETE CASCADE
);
SELECT vt_tenant_table('site_export_part');

-- A file on its way in belongs to no site yet; its bytes go as soon as it has been taken or refused.
CREATE TABLE site_import (
    import_id bigint PRIMARY KEY DEFAULT vt_id(),
    operator_id bigint NOT NULL,
    operator_name text NOT NULL,
    file_name text NOT NULL,
    -- The address that was asked for; '': the file's own.
    slug text NOT NULL DEFAULT '',
    size bigint NOT NULL CHECK (size > 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received <= size),
    state text NOT NULL DEFAULT 'uploading'
        CHECK (state IN ('uploading', 'waiting', 'running', 'done', 'failed')),
    rows_done bigint NOT NULL DEFAULT 0,
    -- What kind of refusal it was, and its place in the file.
    code text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    -- The new site's number, from the moment its address was taken.
    site_number bigint,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX site_import_age ON site_import (created_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON site_import TO vitrine_platform;

CREATE TABLE site_import_part (
    import_id bigint NOT NULL REFERENCES site_import ON DELETE CASCADE,
    position bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (import_id, position)
);
GRANT SELECT, INSERT, DELETE ON site_import_part TO vitrine_platform;
