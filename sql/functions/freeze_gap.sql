CREATE OR REPLACE FUNCTION tollgate.freeze_gap(until timestamptz) RETURNS bigint
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp
  SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  most CONSTANT bigint := 2147483647;
  newest CONSTANT timestamptz := least(until, hour_of(ledger_time()));
  -- Nothing of this is sent: whatever AWS takes, and where it would have gone.
  ever CONSTANT interval := '-100 years';
  region CONSTANT text := coalesce((SELECT r.aws_region FROM metering_record r
    ORDER BY r.id DESC LIMIT 1), 'us-east-1');
  target record;
  made bigint := 0;
BEGIN
  FOR target IN
    SELECT h.hour, array_agg(k.customer_id) AS customers, array_agg(k.dimension) AS dimensions
      FROM (SELECT DISTINCT w.customer_id, w.dimension::text AS dimension FROM waiting_line w
        WHERE w.used_hour <= until) k
      -- The latest hour of the key that has no record yet.
      CROSS JOIN LATERAL (
        SELECT s.hour FROM generate_series(newest, newest - interval '1 hour'
            * (SELECT count(*) FROM metering_record r WHERE r.customer_id = k.customer_id
              AND r.dimension = k.dimension), interval '-1 hour') s (hour)
          WHERE NOT EXISTS (SELECT FROM metering_record r WHERE r.customer_id = k.customer_id
            AND r.dimension = k.dimension AND r.hour = s.hour)
          LIMIT 1) h
      GROUP BY h.hour
  LOOP
    made := made + (SELECT f.records FROM aws_window w, tollgate.freeze_records(target.hour, until,
      w.past, w.month_closes, ever, most, region, target.customers, target.dimensions, false) f);
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_gap(timestamptz) IS
  'Of adopt_ledger(): a record for each customer and dimension with whole units waiting that were '
  'used in the hour `until` or before it, in a free hour. Gives how many; what did not fit into '
  'them waits on';
