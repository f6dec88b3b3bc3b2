-- Who made a change: staff, support, a program's token. NULL: staff, which is how the version before
-- writes it.
ALTER TABLE slot_change ADD COLUMN actor_kind text;
