-- Plans are made once for all sites. By the average site, which has a handful of rows, reading all
-- rows of a site is as good as looking some up; for a site with thousands it isn't. So the planner
-- is told that there are a hundred sites: it takes the index that asks for more than the site. Each
-- table learns it with its next ANALYZE.

CREATE OR REPLACE FUNCTION vt_tenant_table(
    name regclass, rights text DEFAULT 'SELECT, INSERT, UPDATE, DELETE')
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET (n_distinct = 100)', name);
    EXECUTE format('CREATE POLICY tenant ON %s TO vitrine_app USING '
        '(tenant_id = NULLIF(current_setting(''vitrine.tenant'', true), '''')::bigint)', name);
    EXECUTE format('GRANT %s ON %s TO vitrine_app', rights, name);
END
$$;

DO $$
DECLARE
    guarded regclass;
BEGIN
    FOR guarded IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant' LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET (n_distinct = 100)', guarded);
    END LOOP;
END
$$;
