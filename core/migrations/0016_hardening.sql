-- Baskets that never became an order lose what they knew of a person after a while. By the day they
-- were made, which never changes, so that a change of a basket touches no index.
CREATE INDEX orders_forgotten ON orders (tenant_id, created_at)
    WHERE placed_at IS NULL AND email_folded IS NOT NULL;
GRANT UPDATE (recipient) ON mail TO vitrine_app;
