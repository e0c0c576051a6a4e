CREATE OR REPLACE FUNCTION tollgate.begin_run(OUT run_id bigint, OUT lost_calls bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- Calls of a run that was killed: they may have been honoured.
  WITH lost AS (
    INSERT INTO metering_answer (call_id, answered_at, http_status, code, uncertain)
      SELECT c.id, ledger_time(), 0, 'lost', true FROM metering_call c
        WHERE NOT EXISTS (SELECT FROM metering_answer a WHERE a.call_id = c.id)
      RETURNING call_id),
  touched AS (
    UPDATE open_record o SET uncertain = true
      FROM lost l JOIN metering_call c ON c.id = l.call_id, unnest(c.records) record
      WHERE o.record_id = record)
  SELECT count(*) INTO lost_calls FROM lost;
  INSERT INTO metering_run (began_at) VALUES (ledger_time()) RETURNING id INTO run_id;
END
$$;
COMMENT ON FUNCTION tollgate.begin_run() IS
  'Opens a run of tollgate-meter, which holds the meter''s lock; calls that a killed run left '
  'without an answer are noted as uncertain';
