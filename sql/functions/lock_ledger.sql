CREATE OR REPLACE FUNCTION tollgate.lock_ledger() RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Who waited for the lock has to see what its holder did.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
      MESSAGE = 'the ledger changes in READ COMMITTED only, not ' ||
        upper(current_setting('transaction_isolation'));
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tollgate ledger', 0));
  -- On another server the ids begin anew: usage would be missed, and what was sent since, sent anew.
  IF (SELECT pg_snapshot_xmax(r.snapshot) FROM tollgate.rollup r
      WHERE r.generation = (SELECT l.generation FROM tollgate.ledger l)
      ORDER BY r.id DESC LIMIT 1) > pg_snapshot_xmax(pg_current_snapshot()) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG500', MESSAGE = 'the last roll-up saw transactions that this '
      'server has not come to: the database was restored from a dump, so nothing is billed from it; '
      'go on with the original, or with a physical copy of it, which keeps the transaction ids';
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.lock_ledger() IS
  'What all that changes the ledger begins with, usage alone excepted: one at a time, to the end '
  'of the transaction. TG500: the database was restored from a dump';
