CREATE OR REPLACE FUNCTION tollgate.roll_up(
  OUT rollup_id bigint, OUT events bigint, OUT units numeric, OUT lines bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- With a transaction id of its own, the snapshot could show what this transaction adds later.
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
      MESSAGE = 'a roll-up is the first thing that its transaction does';
  END IF;
  PERFORM tollgate.lock_ledger();
  SELECT t.* INTO STRICT rollup_id, events, units, lines
    FROM ledger l, tollgate.take_usage(l.generation) t;
END
$$;
COMMENT ON FUNCTION tollgate.roll_up() IS
  'Takes each event that no roll-up took before and whose transaction is over, and sums them into '
  'lines. Nothing is taken twice or missed, however long a transaction was open';
