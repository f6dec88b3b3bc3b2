-- outside a transaction
-- Those alike over a whole site. An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS customer_phone;
DROP INDEX CONCURRENTLY IF EXISTS customer_birthdate;
CREATE INDEX CONCURRENTLY customer_phone ON customer (tenant_id, phone, customer_id)
    WHERE phone IS NOT NULL;
CREATE INDEX CONCURRENTLY customer_birthdate ON customer (tenant_id, birthdate, customer_id)
    WHERE birthdate IS NOT NULL;
