-- Whoever starts the program, and the doctor, sees which migrations ran.
GRANT SELECT ON schema_migration TO vitrine_platform;
