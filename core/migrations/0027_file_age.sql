-- Old pictures, to see whether anything still shows them.
CREATE INDEX file_age ON file (tenant_id, created_at);
