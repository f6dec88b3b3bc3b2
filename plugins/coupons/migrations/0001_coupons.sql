-- Codes that make an order cheaper, and their uses. A coupon is never deleted, only archived: its
-- uses stay what they were.

CREATE TABLE coupon (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    coupon_id bigint NOT NULL DEFAULT vt_id(),
    -- As it is written, and as it is looked up: folded, without spaces and dashes.
    code text NOT NULL,
    code_folded text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('percent', 'amount')),
    -- Parts per million, or minor units of the site's currency.
    value bigint NOT NULL CHECK (value > 0 AND (kind = 'amount' OR value <= 1000000)),
    -- Days at the venue, both included; NULL: no end.
    from_date date,
    to_date date CHECK (to_date >= from_date),
    uses int CHECK (uses > 0),
    per_buyer int CHECK (per_buyer > 0),
    every_offer boolean NOT NULL DEFAULT true,
    note text NOT NULL DEFAULT '',
    archived boolean NOT NULL DEFAULT false,
    -- Raised by every change: two people editing never overwrite each other.
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, coupon_id),
    UNIQUE (tenant_id, code_folded)
);
CREATE INDEX coupon_list ON coupon (tenant_id, archived, coupon_id);
SELECT vt_tenant_table('coupon', 'SELECT, INSERT, UPDATE');

-- What it applies to when it isn't everything.
CREATE TABLE coupon_offer (
    tenant_id bigint NOT NULL,
    coupon_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, coupon_id, offer_id),
    FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupon ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
SELECT vt_tenant_table('coupon_offer');

-- One an order, written when the order is placed or goes to a payment page. It counts while the
-- order carries the coupon and is being paid, is reserved or bought.
CREATE TABLE redemption (
    tenant_id bigint NOT NULL,
    order_id bigint NOT NULL,
    coupon_id bigint NOT NULL,
    email_folded text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupon
);
CREATE INDEX redemption_coupon ON redemption (tenant_id, coupon_id, at);
CREATE INDEX redemption_buyer ON redemption (tenant_id, email_folded);
CREATE INDEX redemption_at ON redemption (tenant_id, at);
SELECT vt_tenant_table('redemption');
