-- Customers as a venue keeps them: what staff ask for and note down.
ALTER TABLE customer
    ADD COLUMN gender text, -- female, male, other, not_stated; NULL: never asked
    ADD COLUMN country text, -- ISO 3166, two letters
    ADD COLUMN birthdate date,
    ADD COLUMN made_by text NOT NULL DEFAULT 'customer'; -- customer, staff, import

CREATE TABLE customer_tag (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    customer_id bigint NOT NULL,
    tag text NOT NULL,
    tag_folded text NOT NULL,
    PRIMARY KEY (tenant_id, tag_folded, customer_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
CREATE INDEX customer_tag_customer ON customer_tag (tenant_id, customer_id);
SELECT vt_tenant_table('customer_tag');

CREATE TABLE customer_note (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    note_id bigint NOT NULL DEFAULT vt_id(),
    customer_id bigint NOT NULL,
    at timestamptz NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (tenant_id, note_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
CREATE INDEX customer_note_customer ON customer_note (tenant_id, customer_id, note_id);
SELECT vt_tenant_table('customer_note');

-- A customer asks the venue for another address; the venue decides.
CREATE TABLE customer_email_wish (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    customer_id bigint NOT NULL,
    email text NOT NULL,
    reason text,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
SELECT vt_tenant_table('customer_email_wish');

-- Those who registered before there was a search are found by what they typed.
INSERT INTO search_term (tenant_id, kind, term, object_id)
SELECT DISTINCT c.tenant_id, 'customer', t.term, c.customer_id
  FROM customer c
  CROSS JOIN LATERAL (
        SELECT c.email_folded AS term
        UNION SELECT ltrim(c.phone, '+')
        UNION SELECT regexp_split_to_table(lower(c.first_name || ' ' || c.last_name),
                                           '[^[:alnum:]]+')) t
 WHERE t.term <> '';
