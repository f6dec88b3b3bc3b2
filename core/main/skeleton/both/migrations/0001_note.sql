CREATE TABLE note (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    note_id bigint NOT NULL DEFAULT vt_id(),
    text text NOT NULL,
    left_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, note_id)
);
SELECT vt_tenant_table('note');
