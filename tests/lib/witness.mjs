// Sees every row that a site's tables get, lose or change: triggers on all of them write down table
// and site, whoever writes. What a session, a job or a delivery leaves by itself isn't a change that
// somebody asked for.
const itself = ['session', 'job', 'idempotency', 'webhook_event', 'webhook_delivery', 'webhook_try', 'webhook_endpoint'];

export async function startWitness(server) {
  await server.sql(`
    CREATE TABLE witness (tenant_id bigint, what text);
    CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO public.witness VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), TG_OP || ' ' || TG_TABLE_NAME);
      RETURN NULL;
    END $$;
    DO $$
    DECLARE place record;
    BEGIN
      FOR place IN
        SELECT c.oid::regclass AS name FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
           AND c.relname <> 'witness' AND c.relname <> ALL ('{${itself}}')
      LOOP
        EXECUTE format('CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.witness()', place.name);
      END LOOP;
    END $$`);
  return {
    // What was written since it was last asked, as 'UPDATE orders' per site's address.
    async seen() {
      const rows = await server.sql(`WITH gone AS (DELETE FROM witness RETURNING *)
        SELECT DISTINCT coalesce(slug, tenant_id::text) || ': ' || what AS line FROM gone LEFT JOIN site USING (tenant_id) ORDER BY 1`);
      return rows.map(({ line }) => line);
    },
  };
}
