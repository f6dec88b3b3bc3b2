-- The customer's link is signed, no longer kept. The column stays until no worker of the version
-- before is left that writes and compares it; rows made without it get one that nobody can guess.
-- Where 0004_signed has already dropped it, it comes back.
ALTER TABLE series ADD COLUMN IF NOT EXISTS token text;
-- allowed: a default for rows to come touches none that is there
ALTER TABLE series ALTER COLUMN token SET DEFAULT gen_random_uuid()::text;
ALTER TABLE series ALTER COLUMN token DROP NOT NULL;
