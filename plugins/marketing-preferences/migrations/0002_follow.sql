-- When two records of one person become one, the log follows; its words stay.
GRANT UPDATE (customer_id) ON consent TO vitrine_app;
