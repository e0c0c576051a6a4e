CREATE OR REPLACE FUNCTION tollgate.book_shortfall(record_id bigint, honoured bigint, reason text)
  RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- What AWS refused it for may be noted just now.
  PERFORM tollgate.lock_ledger();
  PERFORM tollgate.check_honoured(honoured);
  IF EXISTS (SELECT FROM metering_result s WHERE s.record_id = book_shortfall.record_id
      AND s.outcome = 'refused' AND s.code IS DISTINCT FROM 'DuplicateRecord') THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('AWS has nothing of the record %s, '
      'it was not refused as a duplicate', record_id), HINT = 'retry_record() bills it anew.';
  END IF;
  RETURN tollgate.repair_record(record_id, 'shortfall', ARRAY['refused'], honoured, NULL, reason);
END
$$;
COMMENT ON FUNCTION tollgate.book_shortfall(bigint, bigint, text) IS
  'AWS refused a record since another quantity stands there, and AWS''s report says which: that '
  'counts as billed, and what is missing waits for the next free hour; what is too much is taken '
  'off later usage. Returns how many units. TG409: it was not refused as a DuplicateRecord';
