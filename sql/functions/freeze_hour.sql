CREATE OR REPLACE FUNCTION tollgate.freeze_hour(hour timestamptz, past interval,
  month_closes interval, margin interval, most bigint, region text,
  OUT records bigint, OUT units numeric, OUT late numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  PERFORM tollgate.lock_ledger();
  IF hour <> tollgate.hour_of(hour) OR hour + interval '1 hour 1 minute' > ledger_time() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('the hour %s is not over', hour);
  END IF;
  SELECT f.records, f.units, f.late INTO STRICT records, units, late
    FROM tollgate.freeze_records(hour, hour, past, month_closes, margin, most, region, NULL, NULL,
      false) f;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_hour(timestamptz, interval, interval, interval, bigint, text) IS
  'Freezes an hour that is over: a record for each customer and dimension with whole units '
  'waiting, of this hour and of those before, and where the product wants a heartbeat, of 0 for '
  'who has no other; unless AWS would not take it any more, or less than margin from now. past, '
  'month_closes, most: AWS''s limits of the edition; region: of products that name none. late: how '
  'many units of usage are in these records whose own hour AWS does not take any more';
