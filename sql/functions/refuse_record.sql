CREATE OR REPLACE FUNCTION tollgate.refuse_record(record bigint, call bigint, code text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  result text;
BEGIN
  PERFORM tollgate.lock_ledger();
  IF NOT EXISTS (SELECT FROM metering_answer a JOIN metering_call c ON c.id = a.call_id
      WHERE c.id = call AND c.records = ARRAY[record]) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = format('the call %s did not have the record %s alone, or was not answered', call,
        record);
  END IF;
  -- Of one that was sent again meanwhile, that call says what it is.
  INSERT INTO metering_result (record_id, call_id, outcome, code, settled_at)
    SELECT o.record_id, call, CASE WHEN o.uncertain THEN 'unknown' ELSE 'refused' END,
        nullif(left(refuse_record.code, 255), ''), ledger_time()
      FROM open_record o WHERE o.record_id = record
        AND o.record_id NOT IN (SELECT unnest(c.records) FROM open_call c)
    RETURNING outcome INTO result;
  RETURN result;
END
$$;
COMMENT ON FUNCTION tollgate.refuse_record(bigint, bigint, text) IS
  'Ends a record that AWS refused by itself: refused, or unknown if an earlier attempt may have been '
  'honoured. Null, and nothing happens, if it is settled or in another call. TG400: not such a call';
