CREATE OR REPLACE FUNCTION tollgate.hours_to_freeze(past interval, month_closes interval,
  margin interval, until timestamptz) RETURNS SETOF timestamptz
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  now CONSTANT timestamptz := ledger_time();
  this_month CONSTANT timestamptz := month_of(now)::timestamp AT TIME ZONE 'UTC';
  is_closed CONSTANT boolean := month_closes > '0' AND now + margin >= this_month + month_closes;
BEGIN
  RETURN QUERY
    SELECT h
      FROM generate_series(
          greatest(hour_of(now - (past - margin)), CASE WHEN is_closed THEN this_month END),
          least(hour_of(now - interval '1 hour 1 minute'), until - interval '1 hour'),
          interval '1 hour') h
      WHERE EXISTS (SELECT FROM waiting_line w WHERE w.used_hour <= h)
        OR EXISTS (SELECT FROM product p WHERE p.heartbeat IS NOT NULL)
      ORDER BY h;
END
$$;
COMMENT ON FUNCTION tollgate.hours_to_freeze(interval, interval, interval, timestamptz) IS
  'Hours that are over, and end by until unless that is null, of which AWS still accepts a Timestamp, '
  'and for which something waits or a heartbeat is wanted; oldest first, none between them is missing. '
  'past, month_closes: AWS''s limits of the edition; margin: before them';
