CREATE OR REPLACE FUNCTION tollgate.ledger_identity(OUT ledger uuid, OUT system_identifier text,
  OUT timeline bigint, OUT database bigint, OUT database_name text, OUT generation int,
  OUT last_call bigint, OUT called_at timestamptz)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction',
      MESSAGE = 'this server is a standby: the ledger is its primary''s';
  END IF;
  SELECT l.id, s.system_identifier::text,
      ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint,
      d.oid::bigint, regexp_replace(d.datname, '[[:cntrl:]]', '?', 'g'), l.generation
    INTO STRICT ledger, system_identifier, timeline, database, database_name, generation
    FROM tollgate.ledger l, pg_control_system() s, pg_database d
    WHERE d.datname = current_database();
  -- An adopted ledger goes on behind the last call that was known then, whether it has it or not.
  SELECT c.id, c.called_at INTO last_call, called_at
    FROM (SELECT m.id, m.called_at FROM metering_call m
        WHERE m.id = (SELECT max(n.id) FROM metering_call n)
      UNION ALL
      SELECT l.adopted_call, l.adopted_called_at FROM tollgate.ledger l
        WHERE l.adopted_call IS NOT NULL) c
    ORDER BY c.id DESC LIMIT 1;
  last_call := coalesce(last_call, 0);
END
$$;
COMMENT ON FUNCTION tollgate.ledger_identity() IS
  'Which ledger this is, on which server, of which generation, and its last call, 0 if it never '
  'made one. 25006: a standby';
