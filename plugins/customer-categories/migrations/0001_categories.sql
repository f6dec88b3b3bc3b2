-- Groups of customers with prices of their own, and who is in them until when. A category is never
-- deleted, only archived: orders and histories name it.

CREATE TABLE category (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    category_id bigint NOT NULL DEFAULT vt_id(),
    -- What a blueprint or a demo site calls it: loading it again changes nothing.
    seed text,
    name jsonb NOT NULL,
    kind text NOT NULL CHECK (kind IN ('percent', 'amount', 'prices')),
    -- Parts per million off, or minor units off each place; prices have a row each.
    value bigint CHECK ((kind = 'prices') = (value IS NULL)
                        AND value > 0 AND (kind = 'amount' OR value <= 1000000)),
    every_offer boolean NOT NULL DEFAULT true,
    archived boolean NOT NULL DEFAULT false,
    -- Raised by every change: two people editing never overwrite each other, and a basket knows
    -- that its price is of before.
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, category_id),
    UNIQUE (tenant_id, seed)
);
CREATE INDEX category_list ON category (tenant_id, archived, category_id);
SELECT vt_tenant_table('category', 'SELECT, INSERT, UPDATE');

-- What it applies to when it isn't everything.
CREATE TABLE category_offer (
    tenant_id bigint NOT NULL,
    category_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, category_id, offer_id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
SELECT vt_tenant_table('category_offer');

-- Its price of a rate, where it has prices.
CREATE TABLE category_price (
    tenant_id bigint NOT NULL,
    category_id bigint NOT NULL,
    rate_id bigint NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    PRIMARY KEY (tenant_id, category_id, rate_id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, rate_id) REFERENCES rate ON DELETE CASCADE
);
SELECT vt_tenant_table('category_price');

CREATE TABLE member (
    tenant_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    category_id bigint NOT NULL,
    -- The last day at the venue; NULL: no end.
    until_date date,
    since timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, category_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, category_id) REFERENCES category ON DELETE CASCADE
);
CREATE INDEX member_category ON member (tenant_id, category_id, customer_id);
SELECT vt_tenant_table('member');
