-- Verified persons of the platform: who confirmed an e-mail and a phone, and lets customers of
-- several sites stand for them. No site reads this table: what a site knows is in its own customer,
-- written there because the person said so.

CREATE TABLE person (
    person_id bigint PRIMARY KEY DEFAULT vt_id(),
    -- As typed; the address is looked up folded.
    email text NOT NULL,
    email_folded text NOT NULL UNIQUE,
    first_name text NOT NULL,
    last_name text NOT NULL,
    phone text NOT NULL, -- E.164
    gender text NOT NULL, -- female, male, other, not_stated
    country text NOT NULL, -- ISO 3166, two letters
    birthdate date,
    language text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Raised by every change; a site's customer carries the one that it shows.
    version bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE, DELETE ON person TO vitrine_platform;

ALTER TABLE customer
    -- Whose customer it is; NULL: nobody's but the site's. While it is set, only the person changes
    -- what the person confirmed.
    ADD COLUMN person_id bigint,
    ADD COLUMN person_version bigint;

-- Where a person is a customer is looked up across sites; nothing else of a customer is.
CREATE POLICY platform ON customer TO vitrine_platform USING (true);
GRANT SELECT (tenant_id, customer_id, email_folded, verified_at, person_id) ON customer
    TO vitrine_platform;
