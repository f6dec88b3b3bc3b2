-- name: doctor_role
SELECT rolname AS name, rolsuper OR rolbypassrls AS unbound,
       pg_has_role(rolname, (SELECT tableowner::name FROM pg_tables
                              WHERE schemaname = 'public' AND tablename = 'site'), 'member') AS owns
  FROM pg_roles WHERE oid = current_user::regrole;

-- name: doctor_settings
SELECT current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
       current_setting('autovacuum') AS autovacuum,
       current_setting('server_encoding') AS server_encoding,
       current_setting('log_statement') AS log_statement,
       current_setting('max_connections')::int AS max_connections,
       current_setting('server_version_num')::int AS version,
       vt_us(clock_timestamp()) AS now_us;

-- name: doctor_missing_plugins
SELECT plugin, count(*) AS sites
  FROM feature WHERE state IN ('on', 'closing') AND plugin <> ALL ($1::text[])
 GROUP BY plugin ORDER BY plugin;
