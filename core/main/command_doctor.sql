-- name: doctor_role
SELECT rolname AS name, rolsuper OR rolbypassrls AS unbound,
       pg_has_role(rolname, (SELECT tableowner::name FROM pg_tables
                              WHERE schemaname = 'public' AND tablename = 'site'), 'member') AS owns
  FROM pg_roles WHERE oid = current_user::regrole;

-- name: doctor_settings
SELECT current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('max_connections')::int AS max_connections,
       current_setting('server_version_num')::int AS version;
