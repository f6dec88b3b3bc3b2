-- Another address for a profile for all venues: it holds once a code sent there has come back.
ALTER TABLE profile_draft
    ADD COLUMN new_email text,
    ADD COLUMN new_email_until timestamptz,
    ADD COLUMN new_email_tries int NOT NULL DEFAULT 0;
