-- On the way to a profile for all venues, from a customer's account: what has been confirmed by
-- this browser so far, and what was typed. Codes follow from the row and the installation's key.
CREATE TABLE profile_draft (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    customer_id bigint NOT NULL,
    session_id bigint NOT NULL, -- the login that goes through it
    email_until timestamptz, -- of the code that was sent by mail
    email_tries int NOT NULL DEFAULT 0,
    email_at timestamptz, -- when it was typed in
    first_name text,
    last_name text,
    phone text, -- E.164
    gender text,
    country text,
    birthdate date,
    phone_until timestamptz, -- of the code that was sent to the phone
    phone_tries int NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, customer_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer ON DELETE CASCADE
);
SELECT vt_tenant_table('profile_draft');
