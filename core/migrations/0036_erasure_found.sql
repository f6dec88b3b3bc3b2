-- outside a transaction
-- An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS mail_customer;
DROP INDEX CONCURRENTLY IF EXISTS audit_customer;
DROP INDEX CONCURRENTLY IF EXISTS webhook_event_object;
DROP INDEX CONCURRENTLY IF EXISTS orders_customer_basket;
CREATE INDEX CONCURRENTLY mail_customer ON mail (tenant_id, customer_id)
    WHERE customer_id IS NOT NULL;
CREATE INDEX CONCURRENTLY audit_customer ON audit (tenant_id, actor_id, audit_id)
    WHERE actor_kind = 'customer';
CREATE INDEX CONCURRENTLY webhook_event_object ON webhook_event (tenant_id, object_id);
CREATE INDEX CONCURRENTLY orders_customer_basket ON orders (tenant_id, customer_id)
    WHERE placed_at IS NULL AND customer_id IS NOT NULL;
