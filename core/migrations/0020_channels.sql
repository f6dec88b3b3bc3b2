-- Two people who change what a channel sells never overwrite each other.
ALTER TABLE channel ADD COLUMN version bigint NOT NULL DEFAULT 1;
