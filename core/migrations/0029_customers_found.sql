-- outside a transaction
-- An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS session_customer;
DROP INDEX CONCURRENTLY IF EXISTS orders_customer;
DROP INDEX CONCURRENTLY IF EXISTS orders_claimable;
DROP INDEX CONCURRENTLY IF EXISTS order_line_customer;
CREATE INDEX CONCURRENTLY session_customer ON session (tenant_id, customer_id, seen_at)
    WHERE customer_id IS NOT NULL;
CREATE INDEX CONCURRENTLY orders_customer ON orders (tenant_id, customer_id, placed_at, order_id)
    WHERE placed_at IS NOT NULL;
-- What a guest bought, for whoever shows that the address is theirs.
CREATE INDEX CONCURRENTLY orders_claimable ON orders (tenant_id, email_folded, order_id)
    WHERE customer_id IS NULL AND placed_at IS NOT NULL;
CREATE INDEX CONCURRENTLY order_line_customer ON order_line (tenant_id, customer_id, ends_at, line_id)
    WHERE customer_id IS NOT NULL AND placed_at IS NOT NULL;
