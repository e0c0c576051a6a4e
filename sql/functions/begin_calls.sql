CREATE OR REPLACE FUNCTION tollgate.begin_calls(run bigint, calls jsonb) RETURNS SETOF bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  open bigint;
  wanted bigint;
BEGIN
  SELECT count(*), count(o.record_id) INTO wanted, open
    FROM jsonb_array_elements(calls) call, jsonb_array_elements_text(call) record
    LEFT JOIN open_record o ON o.record_id = record::bigint;
  IF open <> wanted THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409',
      MESSAGE = format('%s of %s records are not open any more', wanted - open, wanted);
  END IF;
  UPDATE open_record o SET attempts = o.attempts + 1
    FROM jsonb_array_elements(calls) call, jsonb_array_elements_text(call) record
    WHERE o.record_id = record::bigint;
  RETURN QUERY
    WITH made AS (
      INSERT INTO metering_call (run_id, called_at, records)
        SELECT run, ledger_time(), ARRAY(SELECT jsonb_array_elements_text(c.call)::bigint)
          FROM jsonb_array_elements(calls) WITH ORDINALITY c (call, place) ORDER BY c.place
        RETURNING id)
    SELECT m.id FROM made m ORDER BY m.id;
END
$$;
COMMENT ON FUNCTION tollgate.begin_calls(bigint, jsonb) IS
  'Notes calls that are about to be made, [[record, …], …], and gives their ids in that order. '
  'Committed before the first byte leaves. TG409: a record has a result already';
