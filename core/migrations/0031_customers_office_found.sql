-- outside a transaction
-- An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS customer_with_account;
DROP INDEX CONCURRENTLY IF EXISTS customer_without_account;
CREATE INDEX CONCURRENTLY customer_with_account ON customer (tenant_id, customer_id)
    WHERE registered_at IS NOT NULL;
CREATE INDEX CONCURRENTLY customer_without_account ON customer (tenant_id, customer_id)
    WHERE registered_at IS NULL;
