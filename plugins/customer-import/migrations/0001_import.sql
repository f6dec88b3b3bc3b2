-- A file with customers: how it is read, how far it is, and what became of it.
CREATE TABLE import (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    import_id bigint NOT NULL DEFAULT public.vt_id(),
    state text NOT NULL CHECK (state IN ('sending', 'mapping', 'looking', 'preview', 'applying',
                                         'done', 'undoing', 'undone')),
    file_name text NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL DEFAULT 0,
    -- How it is read; found by looking at it, changed by the manager.
    encoding text NOT NULL DEFAULT 'utf-8',
    mark int NOT NULL DEFAULT 0, -- bytes of its byte order mark
    separator text NOT NULL DEFAULT ',',
    header boolean NOT NULL DEFAULT true,
    dates text NOT NULL DEFAULT 'dmy',
    region text NOT NULL DEFAULT '',
    mapping jsonb NOT NULL DEFAULT '{}', -- {"email": 1}: the column of each field, from 0
    columns int NOT NULL DEFAULT 0,
    titles jsonb NOT NULL DEFAULT '[]', -- of the columns, where the file has them
    -- Reading: the byte and line where the next row begins, and the rows until there.
    position bigint NOT NULL DEFAULT 0,
    line int NOT NULL DEFAULT 1,
    rows_read int NOT NULL DEFAULT 0,
    -- Applying and undoing: the number of the last row that is through.
    step int NOT NULL DEFAULT 0,
    started_at timestamptz,
    finished_at timestamptz,
    applied_at timestamptz, -- when all of it was applied: undone within seven days
    staff_id bigint NOT NULL,
    staff_name text NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, import_id)
);
-- One at a time for each site.
CREATE UNIQUE INDEX import_busy ON import (tenant_id) WHERE state IN ('applying', 'undoing');
SELECT vt_tenant_table('import');

-- The file as it came, until it is applied, a day at most.
CREATE TABLE part (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    import_id bigint NOT NULL,
    starts bigint NOT NULL, -- at this byte
    bytes bytea NOT NULL,
    PRIMARY KEY (tenant_id, import_id, starts),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import ON DELETE CASCADE
);
-- Pieces of it are read without unpacking the whole.
ALTER TABLE part ALTER COLUMN bytes SET STORAGE EXTERNAL;
SELECT vt_tenant_table('part');

-- Its rows: what each would do, then what it did, for seven days.
CREATE TABLE import_row (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    import_id bigint NOT NULL,
    number int NOT NULL,
    line int NOT NULL, -- where it begins in the file
    kind text NOT NULL CHECK (kind IN ('new', 'changed', 'same', 'error')),
    reason text NOT NULL DEFAULT '', -- of an error
    other_line int, -- of the row that the reason is about
    cells jsonb NOT NULL, -- as in the file
    customer_id bigint NOT NULL,
    version bigint NOT NULL DEFAULT 0, -- of the customer as it was compared
    first_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    email_folded text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    gender text NOT NULL DEFAULT '',
    birthdate text NOT NULL DEFAULT '',
    own boolean NOT NULL DEFAULT true, -- changes the customer, not only a group
    put jsonb, -- {plugin, group, name, until}
    before jsonb, -- of a change
    outcome text NOT NULL DEFAULT '', -- of applying
    undone text NOT NULL DEFAULT '', -- of undoing
    left_out boolean NOT NULL DEFAULT false, -- either wasn't done
    PRIMARY KEY (tenant_id, import_id, number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import ON DELETE CASCADE
);
CREATE INDEX import_row_kind ON import_row (tenant_id, import_id, kind, number);
CREATE INDEX import_row_email ON import_row (tenant_id, email_folded, import_id);
CREATE INDEX import_row_customer ON import_row (tenant_id, customer_id, import_id);
CREATE INDEX import_row_due ON import_row (tenant_id, import_id, number)
    WHERE kind IN ('new', 'changed');
CREATE INDEX import_row_outcome ON import_row (tenant_id, import_id, outcome, number)
    WHERE kind IN ('new', 'changed');
CREATE INDEX import_row_left ON import_row (tenant_id, import_id, number) WHERE left_out;
CREATE INDEX import_row_odd ON import_row (tenant_id, import_id, number)
    WHERE kind = 'error' OR left_out;
SELECT vt_tenant_table('import_row');
