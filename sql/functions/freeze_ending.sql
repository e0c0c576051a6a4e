CREATE OR REPLACE FUNCTION tollgate.freeze_ending(past interval, month_closes interval,
  margin interval, most bigint, region text, OUT records bigint, OUT units numeric,
  OUT late numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  now CONSTANT timestamptz := ledger_time();
  target record;
  made bigint;
  made_units numeric;
  made_late numeric;
  before bigint;
BEGIN
  PERFORM tollgate.lock_ledger();
  records := 0;
  units := 0;
  late := 0;
  -- A round gives each key one record; who has more waiting than that gets the next hour too.
  LOOP
    before := records;
    FOR target IN
      SELECT h.hour, k.round_up, array_agg(k.customer_id) AS customers,
          array_agg(k.dimension) AS dimensions
        FROM (SELECT w.customer_id, w.dimension::text AS dimension, e.ends_at, p.round_up,
              greatest(c.created_at, (SELECT max(n.happened_at) FROM customer_event n
                WHERE n.customer_id = c.id AND n.kind = 'resumed' AND n.request_id IS NOT NULL))
                AS began_at
            FROM subscription_end e
            JOIN waiting_line w ON w.customer_id = e.customer_id
            JOIN customer c ON c.id = e.customer_id
            JOIN product p ON p.product_code = c.product_code
            WHERE e.closes_at > now + margin
            GROUP BY w.customer_id, w.dimension, e.ends_at, p.round_up, c.id) k
        CROSS JOIN LATERAL (
          -- The nearest free hour before the end, the end's own first; else the first after it. None
          -- from before they subscribed, or did so again; but an admin may only have taken an end back.
          SELECT s.hour FROM generate_series(
              greatest(hour_of(now + margin - past), hour_of(k.began_at)), hour_of(now),
              interval '1 hour') s (hour)
            WHERE NOT EXISTS (SELECT FROM metering_record r WHERE r.customer_id = k.customer_id
                AND r.dimension = k.dimension AND r.hour = s.hour)
              AND s.hour + interval '59 minutes 59 seconds' > now + margin - past
              AND (month_closes = '0' OR now + margin <
                (month_of(s.hour) + interval '1 month') AT TIME ZONE 'UTC' + month_closes)
            ORDER BY abs(extract(epoch FROM s.hour - hour_of(k.ends_at)))
              + CASE WHEN s.hour > k.ends_at THEN 1e9 ELSE 0 END
            LIMIT 1) h
        GROUP BY h.hour, k.round_up
        ORDER BY h.hour
    LOOP
      SELECT f.records, f.units, f.late INTO STRICT made, made_units, made_late
        FROM tollgate.freeze_records(target.hour, 'infinity', past, month_closes, margin, most,
          region, target.customers, target.dimensions, target.round_up) f;
      records := records + made;
      units := units + made_units;
      late := late + made_late;
    END LOOP;
    EXIT WHEN records = before;
  END LOOP;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_ending(interval, interval, interval, bigint, text) IS
  'The last call: freezes all that customers have waiting whose subscription ended less than an '
  'hour ago, in the hour that runs too; arguments as freeze_hour()''s';
