CREATE OR REPLACE FUNCTION tollgate.record_hour(hour timestamptz, newest timestamptz,
  hours_a_record int) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT l.last - interval '1 hour'
        * (extract(epoch FROM l.last - hour)::int / 3600 / hours_a_record * hours_a_record)
      FROM (SELECT least(newest, (tollgate.month_of(hour) + interval '1 month') AT TIME ZONE 'UTC'
        - interval '1 hour') AS last) l;
  END;
COMMENT ON FUNCTION tollgate.record_hour(timestamptz, timestamptz, int) IS
  'Of which hour the record is that takes what was used in this one, where each takes so many hours, '
  'counted back from the newest hour or the last one of the month (UTC): AWS bills by the month';
