-- outside a transaction
-- What finds them. An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS series_name;
CREATE INDEX CONCURRENTLY series_name ON series (tenant_id, name_folded);
DROP INDEX CONCURRENTLY IF EXISTS series_customer;
CREATE INDEX CONCURRENTLY series_customer ON series (tenant_id, customer_id, series_id)
    WHERE customer_id IS NOT NULL;
