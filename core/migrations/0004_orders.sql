-- Orders. The state stands on the line; the order's own is derived. Prices and names are snapshots.

CREATE TABLE orders (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    order_id bigint NOT NULL DEFAULT vt_id(),
    code text NOT NULL,
    session_id bigint,
    channel_id bigint NOT NULL,
    language text NOT NULL,
    currency text NOT NULL,
    -- A basket until it is placed: paid, reserved, or to be paid at the venue.
    created_at timestamptz NOT NULL,
    placed_at timestamptz,
    hold_started_at timestamptz NOT NULL,
    hold_until timestamptz NOT NULL,
    hold_extended boolean NOT NULL DEFAULT false,
    name text,
    email text,
    email_folded text,
    phone text,
    -- What plugins keep with the order, by their name: {"coupons": {"code": "…"}}.
    plugin_data jsonb NOT NULL DEFAULT '{}',
    -- Raised by every change of the basket: two tabs never overwrite each other.
    version int NOT NULL DEFAULT 1,
    total_minor bigint NOT NULL DEFAULT 0,
    tax_minor bigint NOT NULL DEFAULT 0,
    -- Of the total, what is to be paid at the venue or later.
    due_minor bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, order_id),
    UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, channel_id) REFERENCES channel
);
CREATE INDEX orders_session ON orders (tenant_id, session_id) WHERE placed_at IS NULL;
CREATE INDEX orders_placed ON orders (tenant_id, placed_at);
CREATE INDEX orders_email ON orders (tenant_id, email_folded);
SELECT vt_tenant_table('orders');

CREATE TABLE order_line (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    line_id bigint NOT NULL DEFAULT vt_id(),
    order_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    slot_id bigint NOT NULL,
    rate_id bigint NOT NULL,
    quantity int NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    state text NOT NULL CHECK (state IN ('held', 'option', 'reserved', 'paying', 'confirmed',
        'expired', 'released', 'cancelled')),
    -- The state to return to when a payment is refused.
    state_before_paying text,
    -- When whoever needs the places may take them over; NULL when they are firm.
    hold_until timestamptz,
    title text NOT NULL,
    rate_name text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    unit_minor bigint NOT NULL CHECK (unit_minor >= 0),
    discounts jsonb NOT NULL DEFAULT '[]',
    tax_ppm bigint NOT NULL,
    tax_included boolean NOT NULL,
    tax_minor bigint NOT NULL DEFAULT 0,
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    PRIMARY KEY (tenant_id, line_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
    FOREIGN KEY (tenant_id, slot_id) REFERENCES slot
);
CREATE INDEX order_line_order ON order_line (tenant_id, order_id);
CREATE INDEX order_line_hold ON order_line (tenant_id, slot_id, hold_until)
    WHERE state IN ('held', 'paying');
CREATE INDEX order_line_slot ON order_line (tenant_id, slot_id);
SELECT vt_tenant_table('order_line');

-- Every change of a line, never changed itself.
CREATE TABLE order_event (
    tenant_id bigint NOT NULL,
    event_id bigint NOT NULL DEFAULT vt_id(),
    order_id bigint NOT NULL,
    line_id bigint,
    at timestamptz NOT NULL,
    from_state text,
    to_state text NOT NULL,
    actor text NOT NULL,
    note text,
    PRIMARY KEY (tenant_id, event_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders
);
CREATE INDEX order_event_order ON order_event (tenant_id, order_id, event_id);
SELECT vt_tenant_table('order_event', 'SELECT, INSERT');

-- The use of a resource from–to, buffer inside: by a line that was sold, or by a slot from the
-- moment it exists. Offers of different lengths never collide.
CREATE TABLE allocation (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    allocation_id bigint NOT NULL DEFAULT vt_id(),
    resource_id bigint NOT NULL,
    line_id bigint,
    slot_id bigint,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL CHECK (to_at > from_at),
    PRIMARY KEY (tenant_id, allocation_id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource,
    FOREIGN KEY (tenant_id, line_id) REFERENCES order_line,
    FOREIGN KEY (tenant_id, slot_id) REFERENCES slot ON DELETE CASCADE,
    CHECK ((line_id IS NULL) <> (slot_id IS NULL)),
    CONSTRAINT allocation_overlap EXCLUDE USING gist
        (tenant_id WITH =, resource_id WITH =, tstzrange(from_at, to_at) WITH &&)
);
CREATE INDEX allocation_time ON allocation (tenant_id, resource_id, from_at);
CREATE INDEX allocation_line ON allocation (tenant_id, line_id);
CREATE INDEX allocation_slot ON allocation (tenant_id, slot_id);
SELECT vt_tenant_table('allocation');

-- A numbered place of a slot, taken by one line.
CREATE TABLE slot_place (
    tenant_id bigint NOT NULL,
    slot_id bigint NOT NULL,
    place text NOT NULL,
    line_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, slot_id, place),
    FOREIGN KEY (tenant_id, slot_id) REFERENCES slot,
    FOREIGN KEY (tenant_id, line_id) REFERENCES order_line
);
CREATE INDEX slot_place_line ON slot_place (tenant_id, line_id);
SELECT vt_tenant_table('slot_place');

-- Money in and out. A refund names the payment it gives back.
CREATE TABLE payment (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    payment_id bigint NOT NULL DEFAULT vt_id(),
    order_id bigint NOT NULL,
    refund_of bigint,
    provider text NOT NULL,
    state text NOT NULL CHECK (state IN ('started', 'captured', 'refused', 'abandoned')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    -- The provider's own name for it.
    reference text,
    refusal text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, payment_id),
    UNIQUE (tenant_id, provider, reference),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
    FOREIGN KEY (tenant_id, refund_of) REFERENCES payment
);
CREATE INDEX payment_order ON payment (tenant_id, order_id);
SELECT vt_tenant_table('payment');

CREATE TABLE ticket (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    ticket_id bigint NOT NULL DEFAULT vt_id(),
    line_id bigint NOT NULL,
    number int NOT NULL,
    code text NOT NULL,
    place text,
    state text NOT NULL DEFAULT 'valid' CHECK (state IN ('valid', 'void')),
    PRIMARY KEY (tenant_id, ticket_id),
    UNIQUE (tenant_id, code),
    UNIQUE (tenant_id, line_id, number),
    FOREIGN KEY (tenant_id, line_id) REFERENCES order_line
);
SELECT vt_tenant_table('ticket');
