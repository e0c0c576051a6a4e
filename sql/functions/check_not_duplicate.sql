CREATE OR REPLACE FUNCTION tollgate.check_not_duplicate(record bigint) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM metering_result s WHERE s.record_id = record AND s.outcome = 'refused'
      AND s.code = 'DuplicateRecord') THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('AWS has another quantity for the hour '
      'of the record %s, so all of it anew would be too much', record),
      HINT = 'Look up in AWS''s report how many units stand there, and call book_shortfall().';
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_not_duplicate(bigint) IS
  'TG409: AWS refused the record since another quantity stands there';
