CREATE OR REPLACE FUNCTION tollgate.group_hours(past interval, month_closes interval,
  margin interval, until timestamptz, region text, records_an_hour bigint)
  RETURNS TABLE (first timestamptz, last timestamptz, hours_a_record int, records_saved bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan
  SET enable_nestloop = off AS $$
DECLARE
  hours CONSTANT timestamptz[] := ARRAY(SELECT hours_to_freeze(past, month_closes, margin, until));
  oldest CONSTANT timestamptz := hours[1];
  newest CONSTANT timestamptz := hours[cardinality(hours)];
  size int := 1;
  fits boolean;
  records bigint;
  at_most bigint;
BEGIN
  IF records_an_hour IS NOT NULL AND cardinality(hours) > 1 THEN
    FOREACH size IN ARRAY ARRAY[1, 2, 3, 4, 6, 8, 12, 24] LOOP
      -- What is open is sent before, but whether it is in time is not decided here. Half of the time:
      -- not every call is full, AWS throttles, and the next run has as much to do.
      SELECT sum(d.records) FILTER (WHERE NOT d.is_open),
          bool_and(d.records_by_then <= records_an_hour / 2.0
              * extract(epoch FROM d.deadline - margin - ledger_time()) / 3600)
            FILTER (WHERE d.deadline >= d.first_deadline)
        INTO records, fits
        FROM (SELECT r.*, sum(r.records) OVER (PARTITION BY r.account, r.region ORDER BY r.deadline)
              AS records_by_then,
            min(r.deadline) FILTER (WHERE NOT r.is_open) OVER () AS first_deadline
          FROM records_due(oldest, newest, size, past, month_closes, margin, region) r) d;
      at_most := coalesce(at_most, records);
      EXIT WHEN fits IS NOT FALSE OR size >= cardinality(hours);
    END LOOP;
    size := CASE WHEN records < at_most THEN size ELSE 1 END;
  END IF;
  RETURN QUERY
    SELECT min(h), max(h), size, coalesce(at_most - records, 0)
      FROM unnest(hours) h GROUP BY record_hour(h, newest, size) ORDER BY 2;
END
$$;
COMMENT ON FUNCTION tollgate.group_hours(interval, interval, interval, timestamptz, text, bigint) IS
  'Which hours freeze_hours() takes together, oldest first, and about how many records that saves: '
  'each by itself, unless at records_an_hour, for each seller account and region, not all records '
  'would be sent in half of the time that AWS takes them yet. Then the fewest of 2, 3, 4, 6, 8, 12 or '
  '24 hours a record that mend it; if none does, the most, as long as that saves any. '
  'records_an_hour null: each by itself in any case; the others as in hours_to_freeze()';
