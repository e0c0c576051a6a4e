CREATE OR REPLACE FUNCTION tollgate.begin_run(product text DEFAULT NULL,
  OUT run_id bigint, OUT lost_calls bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  PERFORM tollgate.lock_ledger();
  IF product IS NOT NULL
      AND NOT EXISTS (SELECT FROM tollgate.product p WHERE p.product_code = begin_run.product) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = format('there is no product "%s"', product);
  END IF;
  -- Calls of a run that was killed: they may have been honoured.
  UPDATE open_record o SET uncertain = true, attempts = o.attempts + 1
    WHERE o.record_id IN (SELECT unnest(c.records) FROM open_call c);
  INSERT INTO metering_answer (call_id, answered_at, http_status, code, uncertain)
    SELECT c.call_id, ledger_time(), 0, 'lost', true FROM open_call c;
  GET DIAGNOSTICS lost_calls = ROW_COUNT;
  INSERT INTO metering_run (began_at) VALUES (ledger_time()) RETURNING id INTO run_id;
END
$$;
COMMENT ON FUNCTION tollgate.begin_run(text) IS
  'Opens a run of tollgate-meter, which holds the meter''s lock; calls that a killed run left '
  'without an answer are noted as uncertain. From now on no other run may call. TG404: '
  'no such product; null: of all of them';
