-- Series are found by the name they are for and by their customer.
ALTER TABLE series ADD COLUMN name_folded text COLLATE "C" NOT NULL DEFAULT '';
