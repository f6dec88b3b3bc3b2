-- outside a transaction
-- Those of a month. An index whose making was interrupted is made anew.
DROP INDEX CONCURRENTLY IF EXISTS mail_refused_at;
CREATE INDEX CONCURRENTLY mail_refused_at ON mail (tenant_id, at) WHERE state = 'refused';
