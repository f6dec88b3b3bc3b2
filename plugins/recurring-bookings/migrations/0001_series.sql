-- A series: what repeats, for whom. It is a draft until somebody has seen what stands in the way.
CREATE TABLE series (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    series_id bigint NOT NULL DEFAULT public.vt_id(),
    state text NOT NULL CHECK (state IN ('draft', 'running')),
    offer_id bigint NOT NULL,
    resource_id bigint, -- NULL: whichever is free
    counts jsonb NOT NULL, -- [{key: a rate's code, count}]
    quantity int NOT NULL,
    rule jsonb NOT NULL, -- as it was typed, for its words
    rrule text NOT NULL, -- the same as RFC 5545 says it
    pay text NOT NULL CHECK (pay IN ('each', 'series')),
    customer_id bigint, -- NULL: somebody by name
    name text NOT NULL,
    email text NOT NULL,
    email_folded text NOT NULL,
    phone text NOT NULL,
    language text NOT NULL,
    public_note text NOT NULL,
    private_note text NOT NULL,
    token text NOT NULL, -- of the customer's link
    -- What is being done with its dates, and with how many; NULL: nothing.
    round text CHECK (round IN ('book', 'move', 'cancel')),
    round_all int NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (tenant_id, series_id)
);
CREATE INDEX series_state ON series (tenant_id, state, series_id);
CREATE INDEX series_draft ON series (tenant_id, created_at) WHERE state = 'draft';
CREATE INDEX series_email ON series (tenant_id, email_folded);
SELECT vt_tenant_table('series');

-- Its dates, by the clock on the venue's wall. What is to be done with one stands in `todo` until
-- the unit that does it clears it, so it is done once, whatever happens meanwhile.
CREATE TABLE occurrence (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    series_id bigint NOT NULL,
    number int NOT NULL,
    session_id bigint NOT NULL DEFAULT public.vt_id(), -- of its basket, until it is booked
    local_time text NOT NULL, -- 2026-03-29T18:00
    state text NOT NULL CHECK (state IN ('draft', 'planned', 'booked', 'skipped', 'cancelled')),
    reason text, -- why it was skipped, or why the last change wasn't made
    todo text CHECK (todo IN ('book', 'move', 'cancel')),
    todo_data jsonb,
    try_at timestamptz, -- not before: when its sale opens
    told boolean NOT NULL DEFAULT true, -- the owner knows
    order_id bigint,
    line_ids bigint[],
    public_note text, -- NULL: the series'
    private_note text,
    PRIMARY KEY (tenant_id, series_id, number),
    FOREIGN KEY (tenant_id, series_id) REFERENCES series ON DELETE CASCADE
);
CREATE INDEX occurrence_order ON occurrence (tenant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX occurrence_todo ON occurrence (tenant_id, series_id, number) WHERE todo IS NOT NULL;
SELECT vt_tenant_table('occurrence');
