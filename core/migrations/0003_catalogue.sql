-- What a site sells: channels and profiles, taxes, offers, rates, schedules, slots, resources.
-- Texts for people are objects by language: {"en": "…", "fr": "…"}.

CREATE TABLE channel (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    channel_id bigint NOT NULL DEFAULT vt_id(),
    kind text NOT NULL CHECK (kind IN ('web', 'box_office', 'phone', 'portal')),
    name text NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, channel_id)
);
CREATE INDEX channel_kind ON channel (tenant_id, kind);
SELECT vt_tenant_table('channel');

CREATE TABLE category (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    category_id bigint NOT NULL DEFAULT vt_id(),
    slug text NOT NULL,
    name jsonb NOT NULL,
    position int NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, category_id),
    UNIQUE (tenant_id, slug)
);
SELECT vt_tenant_table('category');

CREATE TABLE tax (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    tax_id bigint NOT NULL DEFAULT vt_id(),
    code text NOT NULL,
    name jsonb NOT NULL,
    rate_ppm bigint NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000),
    included boolean NOT NULL,
    PRIMARY KEY (tenant_id, tax_id),
    UNIQUE (tenant_id, code)
);
SELECT vt_tenant_table('tax');

CREATE TABLE offer (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    offer_id bigint NOT NULL DEFAULT vt_id(),
    slug text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('event', 'class', 'service', 'admission')),
    state text NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
    sample boolean NOT NULL DEFAULT false,
    category_id bigint,
    title jsonb NOT NULL,
    line jsonb NOT NULL DEFAULT '{}',
    description jsonb NOT NULL DEFAULT '{}',
    -- A path below the assets' art folder.
    image text,
    image_alt jsonb NOT NULL DEFAULT '{}',
    tax_id bigint NOT NULL,
    duration_min int NOT NULL CHECK (duration_min BETWEEN 5 AND 10080),
    buffer_min int NOT NULL DEFAULT 0 CHECK (buffer_min BETWEEN 0 AND 1440),
    capacity int NOT NULL CHECK (capacity BETWEEN 1 AND 1000000),
    -- One booking takes a whole slot and one of the offer's resources.
    exclusive boolean NOT NULL DEFAULT false,
    min_per_order int NOT NULL DEFAULT 1 CHECK (min_per_order >= 1),
    max_per_order int NOT NULL DEFAULT 20 CHECK (max_per_order >= min_per_order),
    opens_days_before int NOT NULL DEFAULT 60 CHECK (opens_days_before BETWEEN 1 AND 730),
    closes_min_before int NOT NULL DEFAULT 0 CHECK (closes_min_before >= 0),
    position int NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, offer_id),
    UNIQUE (tenant_id, slug),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category,
    FOREIGN KEY (tenant_id, tax_id) REFERENCES tax
);
CREATE INDEX offer_order ON offer (tenant_id, state, position);
SELECT vt_tenant_table('offer');

-- What a channel sells or lets reserve, for which dates; without rows in profile_offer: everything.
CREATE TABLE profile (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    profile_id bigint NOT NULL DEFAULT vt_id(),
    channel_id bigint NOT NULL,
    name text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('sale', 'reservation')),
    from_date date,
    to_date date,
    every_offer boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id, profile_id),
    FOREIGN KEY (tenant_id, channel_id) REFERENCES channel ON DELETE CASCADE
);
CREATE INDEX profile_channel ON profile (tenant_id, channel_id);
SELECT vt_tenant_table('profile');

CREATE TABLE profile_offer (
    tenant_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, profile_id, offer_id),
    FOREIGN KEY (tenant_id, profile_id) REFERENCES profile ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
SELECT vt_tenant_table('profile_offer');

CREATE TABLE rate (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    rate_id bigint NOT NULL DEFAULT vt_id(),
    offer_id bigint NOT NULL,
    code text NOT NULL,
    name jsonb NOT NULL,
    note jsonb NOT NULL DEFAULT '{}',
    price_minor bigint NOT NULL CHECK (price_minor BETWEEN 0 AND 100000000000),
    position int NOT NULL DEFAULT 0,
    archived boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, rate_id),
    UNIQUE (tenant_id, offer_id, code),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
SELECT vt_tenant_table('rate');

CREATE TABLE resource (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    resource_id bigint NOT NULL DEFAULT vt_id(),
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    position int NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, resource_id),
    UNIQUE (tenant_id, code)
);
SELECT vt_tenant_table('resource');

CREATE TABLE offer_resource (
    tenant_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, offer_id, resource_id),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource ON DELETE CASCADE
);
SELECT vt_tenant_table('offer_resource');

-- Numbered places of an offer, best first; their map comes later.
CREATE TABLE offer_place (
    tenant_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    place text NOT NULL,
    position int NOT NULL,
    PRIMARY KEY (tenant_id, offer_id, place),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
CREATE INDEX offer_place_order ON offer_place (tenant_id, offer_id, position);
SELECT vt_tenant_table('offer_place');

-- Weekly times, in the site's zone. A job writes the slots ahead of time.
CREATE TABLE schedule_rule (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    rule_id bigint NOT NULL DEFAULT vt_id(),
    offer_id bigint NOT NULL,
    days int[] NOT NULL,      -- 1 is Monday
    times time[] NOT NULL,
    -- Only these rates are sold in its slots; NULL: all of the offer.
    rate_codes text[],
    -- Only in weeks (counted from Monday 5 January 1970) with this remainder.
    every_weeks int NOT NULL DEFAULT 1 CHECK (every_weeks >= 1),
    week int NOT NULL DEFAULT 0,
    from_date date,
    to_date date,
    PRIMARY KEY (tenant_id, rule_id),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer ON DELETE CASCADE
);
CREATE INDEX schedule_rule_offer ON schedule_rule (tenant_id, offer_id);
SELECT vt_tenant_table('schedule_rule');

CREATE TABLE slot (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    slot_id bigint NOT NULL DEFAULT vt_id(),
    offer_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    capacity int NOT NULL CHECK (capacity >= 0),
    -- Places of lines that are held, paying, reserved or confirmed. Changed under the row's lock.
    taken int NOT NULL DEFAULT 0 CHECK (taken >= 0 AND taken <= capacity),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'cancelled')),
    rate_codes text[],
    PRIMARY KEY (tenant_id, slot_id),
    UNIQUE (tenant_id, offer_id, starts_at),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES offer
) WITH (fillfactor = 80);
CREATE INDEX slot_time ON slot (tenant_id, starts_at);
SELECT vt_tenant_table('slot');
