-- A session has one basket: two tabs that begin at the same moment share it.
DROP INDEX orders_session;
CREATE UNIQUE INDEX orders_session ON orders (tenant_id, session_id) WHERE placed_at IS NULL;
