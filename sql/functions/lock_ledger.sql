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
  PERFORM tollgate.check_restored();
END
$$;
COMMENT ON FUNCTION tollgate.lock_ledger() IS
  'What all that changes the ledger begins with, usage alone excepted: one at a time, to the end '
  'of the transaction. TG500: the database was restored from a dump';
