-- outside a transaction
-- An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS customer_person;
-- A person is one customer of a site.
CREATE UNIQUE INDEX CONCURRENTLY customer_person ON customer (tenant_id, person_id)
    WHERE person_id IS NOT NULL;
