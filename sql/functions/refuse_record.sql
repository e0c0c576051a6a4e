CREATE OR REPLACE FUNCTION tollgate.refuse_record(record bigint, call bigint, code text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  result text;
BEGIN
  WITH gone AS (DELETE FROM open_record o WHERE o.record_id = record
      RETURNING o.record_id, o.uncertain)
  INSERT INTO metering_result (record_id, call_id, outcome, code, settled_at)
    SELECT g.record_id, call, CASE WHEN g.uncertain THEN 'unknown' ELSE 'refused' END,
        refuse_record.code, ledger_time()
      FROM gone g
    RETURNING outcome INTO result;
  RETURN result;
END
$$;
COMMENT ON FUNCTION tollgate.refuse_record(bigint, bigint, text) IS
  'Ends a record that AWS refused by itself: refused, or unknown if an earlier attempt may have been '
  'honoured; null if it has a result already';
