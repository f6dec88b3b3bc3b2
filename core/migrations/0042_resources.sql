-- Courts, rooms, people as the office edits them: a version for two who do so at once, and put away
-- once nothing uses them any more. What was booked keeps naming them.
ALTER TABLE resource ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE resource ADD COLUMN archived boolean NOT NULL DEFAULT false;
