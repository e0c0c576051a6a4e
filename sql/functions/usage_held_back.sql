CREATE OR REPLACE FUNCTION tollgate.usage_held_back()
  RETURNS TABLE (pid int, gid text, role text, application text, since timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  BEGIN ATOMIC
    WITH last AS (
      SELECT r.generation, r.snapshot FROM tollgate.rollup r ORDER BY r.id DESC LIMIT 1),
    -- A transaction has a lock on its own number, and one on the table once it adds a row. A prepared
    -- one has no process, but keeps them.
    holder AS (
      SELECT DISTINCT t.pid, t.transactionid, xid.xid, l.generation
        FROM last l
        CROSS JOIN pg_snapshot_xip(l.snapshot) xid (xid)
        JOIN pg_locks t ON t.locktype = 'transactionid' AND t.mode = 'ExclusiveLock' AND t.granted
          AND t.transactionid = xid.xid::xid
        JOIN pg_locks u ON u.virtualtransaction = t.virtualtransaction
          AND u.locktype = 'relation' AND u.relation = 'tollgate.usage_event'::regclass
          AND u.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND u.mode = 'RowExclusiveLock' AND u.granted)
    SELECT h.pid, p.gid, coalesce(a.usename, p.owner)::text, nullif(a.application_name, ''),
        -- When a session's transaction began, only some roles may see; then, when a roll-up first
        -- missed it.
        coalesce(a.xact_start, p.prepared, (SELECT min(r.rolled_up_at) FROM tollgate.rollup r
          WHERE r.generation = h.generation AND h.xid < pg_snapshot_xmax(r.snapshot)
            AND NOT pg_visible_in_snapshot(h.xid, r.snapshot)))
      FROM holder h
      LEFT JOIN pg_stat_activity a ON a.pid = h.pid
      LEFT JOIN pg_prepared_xacts p ON p.transaction = h.transactionid AND h.pid IS NULL;
  END;
COMMENT ON FUNCTION tollgate.usage_held_back() IS
  'The transactions that were open at the last roll-up, still are, and may have added usage, which '
  'waits for their end: a session''s pid or a prepared transaction''s gid, its role, and since when';
