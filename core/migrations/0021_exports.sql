-- Exports that a job makes: how large the file became, and whether the site was in practice mode
-- when it was asked for, which the file's name says.
ALTER TABLE export
    ADD COLUMN size bigint,
    ADD COLUMN practice boolean NOT NULL DEFAULT false;
CREATE INDEX export_age ON export (tenant_id, created_at);
