CREATE OR REPLACE FUNCTION tollgate.begin_calls(run bigint, calls jsonb) RETURNS SETOF bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
  SET jit = off AS $$
DECLARE
  wanted bigint[];
  free bigint;
BEGIN
  PERFORM tollgate.lock_ledger();
  -- An attempt that a crash of the server forgets would count as never made.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  -- A run that lost its lock, and does not know it yet.
  IF run IS DISTINCT FROM (SELECT r.id FROM metering_run r WHERE r.ended_at IS NULL
      AND r.id = (SELECT max(n.id) FROM metering_run n)) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409',
      MESSAGE = format('the run %s is over, or another one has begun', run);
  END IF;

  wanted := ARRAY(SELECT jsonb_array_elements_text(call)::bigint
    FROM jsonb_array_elements(calls) call);
  -- A column that is in no index: with statistics of an empty queue the planner would read all of the
  -- one by deadline, which has the record's number too.
  SELECT (SELECT count(o.attempts) FROM open_record o WHERE o.record_id = ANY (wanted)) -
      (SELECT count(*) FROM open_call c CROSS JOIN unnest(c.records) called (id)
        JOIN unnest(wanted) w (id) ON w.id = called.id)
    INTO free;
  IF free <> cardinality(wanted) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format(
      '%s of %s records have a result already, or are in a call', cardinality(wanted) - free,
      cardinality(wanted));
  END IF;

  RETURN QUERY
    INSERT INTO metering_call (run_id, called_at, records)
      SELECT run, ledger_time(), ARRAY(SELECT jsonb_array_elements_text(c.call)::bigint)
        FROM jsonb_array_elements(calls) WITH ORDINALITY c (call, place) ORDER BY c.place
      RETURNING id;
END
$$;
COMMENT ON FUNCTION tollgate.begin_calls(bigint, jsonb) IS
  'Notes calls that are about to be made, [[record, …], …], and gives their ids in that order. '
  'Committed before the first byte leaves. TG409: a record has a result already or is in another '
  'call, or the run is not the newest';
