-- What customers may choose after a change of what they booked: the new time, another one, or their
-- money back. A row without a choice is told and nothing else, as the version before does it.
ALTER TABLE slot_change_row
    -- They have no other time, and are asked instead of told.
    ADD COLUMN asks boolean NOT NULL DEFAULT false,
    ADD COLUMN choice text CHECK (choice IN ('open', 'kept', 'rebooked', 'refunded')),
    -- While it waits, as the office has it; then when the choice ends.
    ADD COLUMN choose_until timestamptz,
    ADD COLUMN chosen_at timestamptz;
