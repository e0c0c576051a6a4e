-- tollgate doctor: who answers, who we are there, and how it is talked to. Needs no schema.
SELECT current_setting('server_version') AS version,
    current_setting('server_version_num')::int >= 150000 AS is_new_enough,
    current_database() AS database, current_user AS role,
    (SELECT s.version FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid() AND s.ssl) AS tls,
    inet_server_addr() IS NULL AS is_socket,
    inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8'
      OR inet_server_addr() = '::1' AS is_here,
    to_regnamespace('tollgate') IS NOT NULL AS has_schema,
    (SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c
      WHERE c.relnamespace = to_regnamespace('tollgate') AND c.relname = 'product') AS sees_products,
    (SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c
      WHERE c.relnamespace = to_regnamespace('tollgate') AND c.relname = 'dimension')
      AS sees_dimensions,
    (SELECT has_function_privilege(p.oid, 'EXECUTE') FROM pg_proc p
      WHERE p.pronamespace = to_regnamespace('tollgate') AND p.proname = 'compare_state')
      AS sees_ledger;
