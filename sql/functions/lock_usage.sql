CREATE OR REPLACE FUNCTION tollgate.lock_usage() RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  holder text;
BEGIN
  LOCK TABLE tollgate.usage_event IN ACCESS EXCLUSIVE MODE;
EXCEPTION
  WHEN lock_not_available THEN
    SELECT coalesce(string_agg(DISTINCT coalesce(
          format('process %s of %s', a.pid, a.usename),
          (SELECT format('prepared transaction "%s" of %s', p.gid, p.owner) FROM pg_prepared_xacts p
            WHERE '-1/' || p.transaction = l.virtualtransaction)), ', '), 'somebody')
      INTO holder
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.relation = 'tollgate.usage_event'::regclass AND l.granted
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format(
      'usage_event is in use by %s: end that transaction, and try again', holder);
END
$$;
COMMENT ON FUNCTION tollgate.lock_usage() IS
  'Waits until no transaction has added usage that is not committed, and keeps others from adding '
  'any. 55P03: not within lock_timeout; names who holds it';
