CREATE OR REPLACE FUNCTION tollgate.freeze_hours(first timestamptz, last timestamptz, past interval,
  month_closes interval, margin interval, most bigint, region text,
  OUT records bigint, OUT units numeric, OUT late numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  PERFORM tollgate.lock_ledger();
  IF first <> hour_of(first) OR first > last OR month_of(first) <> month_of(last) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = format('%s to %s are no hours of one month', first, last);
  END IF;
  SELECT f.records, f.units, f.late INTO STRICT records, units, late
    FROM tollgate.freeze_apart(first, last, past, month_closes, margin, most, region) f;
  SELECT freeze_hours.records + f.records, freeze_hours.units + f.units, freeze_hours.late + f.late
    INTO STRICT records, units, late
    FROM tollgate.freeze_hour(last, past, month_closes, margin, most, region) f;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_hours(timestamptz, timestamptz, interval, interval, interval,
  bigint, text) IS
  'Freezes hours of one month that are over: what was used in them, and before, becomes a record of '
  'the last one for each key, but see freeze_apart(). A heartbeat is of the last one alone. Arguments '
  'as freeze_hour()''s';
