-- The log of one who was merged into another goes along; nothing else of it is ever changed.
GRANT UPDATE (customer_id) ON consent TO vitrine_app;
