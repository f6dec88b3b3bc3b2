-- outside a transaction
-- The choices of an order, for its page. An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS slot_change_row_choice;
CREATE INDEX CONCURRENTLY slot_change_row_choice ON slot_change_row (tenant_id, order_id, change_id)
    WHERE choice IS NOT NULL;
