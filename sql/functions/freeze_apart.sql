CREATE OR REPLACE FUNCTION tollgate.freeze_apart(first timestamptz, last timestamptz, past interval,
  month_closes interval, margin interval, most bigint, region text,
  OUT records bigint, OUT units numeric, OUT late numeric)
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan
  SET enable_nestloop = off AS $$
DECLARE
  customers bigint[];
  dimensions text[];
  hour timestamptz;
  made record;
BEGIN
  records := 0;
  units := 0;
  late := 0;
  IF first < last THEN
    SELECT array_agg(k.customer_id), array_agg(k.dimension) INTO customers, dimensions
      FROM (SELECT s.customer_id, s.dimension, sum(s.units) AS units,
            array_agg(s.tags ORDER BY s.tags) AS sets
          FROM (SELECT w.customer_id, w.dimension::text AS dimension, w.tags::jsonb AS tags,
                sum(w.billable) FILTER (WHERE w.billable > 0) AS units
              FROM waiting_line w WHERE w.used_hour <= last GROUP BY 1, 2, 3) s
          GROUP BY s.customer_id, s.dimension) k
      WHERE k.units > most
        OR (cardinality(k.sets) > 1 AND false = ANY (fit_tags(k.sets)))
        OR k.customer_id IN (SELECT e.customer_id FROM subscription_end e)
        -- By a SELECT as in freeze_records().
        OR (SELECT r.id FROM metering_record r WHERE r.customer_id = k.customer_id
          AND r.dimension = k.dimension AND r.hour = (SELECT last)) IS NOT NULL;
  END IF;
  IF customers IS NOT NULL THEN
    FOR hour IN SELECT generate_series(first, last - interval '1 hour', interval '1 hour') LOOP
      SELECT f.* INTO STRICT made
        FROM tollgate.freeze_records(hour, hour, past, month_closes, margin, most, region, customers,
          dimensions, false) f;
      records := records + made.records;
      units := units + made.units;
      late := late + made.late;
    END LOOP;
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_apart(timestamptz, timestamptz, interval, interval, interval,
  bigint, text) IS
  'Of freeze_hours(): freezes the hours before the last one, each by itself, of keys that have a '
  'record of the last one already, have more waiting than one record takes, or whose subscription '
  'ended. Or their usage would wait, and at a month''s end be billed in the next one';
