CREATE OR REPLACE FUNCTION tollgate.expire_records(margin interval,
  OUT moved bigint, OUT moved_units numeric, OUT unknown bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  late bigint[];
BEGIN
  PERFORM tollgate.lock_ledger();
  -- A visit resumes a customer without the ledger's lock.
  PERFORM tollgate.restore_deadlines();
  -- Of one that is in a call the answer says more, or the next run finds that none came.
  late := ARRAY(SELECT o.record_id FROM open_record o
    WHERE o.deadline <= ledger_time() + margin
      AND o.record_id NOT IN (SELECT unnest(c.records) FROM open_call c));
  SELECT e.moved, e.moved_units, e.unknown INTO moved, moved_units, unknown
    FROM tollgate.end_records(late) e;
END
$$;
COMMENT ON FUNCTION tollgate.expire_records(interval) IS
  'Ends the records that AWS does not take any more: if every attempt is known to have failed, their '
  'units move to the next free hour; else they are unknown, and a person settles them';
