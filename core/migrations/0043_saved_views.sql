-- What staff narrow a list by, kept under a name. Without a person it is the whole site's.
CREATE TABLE saved_view (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    view_id bigint NOT NULL DEFAULT vt_id(),
    list text NOT NULL, -- "customers"
    staff_id bigint,
    name text NOT NULL,
    name_folded text NOT NULL,
    filter jsonb NOT NULL, -- the fields of the list's address
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, view_id),
    UNIQUE NULLS NOT DISTINCT (tenant_id, list, staff_id, name_folded),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff ON DELETE CASCADE
);
CREATE INDEX saved_view_staff ON saved_view (tenant_id, staff_id);
SELECT vt_tenant_table('saved_view');
