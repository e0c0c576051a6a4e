CREATE OR REPLACE FUNCTION tollgate.needed_by(hour timestamptz, closes_at timestamptz, past interval,
  month_closes interval) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  -- The hour's last second has to be young enough, its month open, the end not an hour ago.
  RETURN least(closes_at, hour + interval '59 minutes 59 seconds' + past,
    (tollgate.month_of(hour) + interval '1 month') AT TIME ZONE 'UTC' + nullif(month_closes, '0'))
    - interval '10 minutes';
COMMENT ON FUNCTION tollgate.needed_by(timestamptz, timestamptz, interval, interval) IS
  'Until when a run can bill usage of an hour in that hour, of a customer whose subscription is over '
  'at closes_at, or null; past and month_closes as in aws_window. 10 minutes: as long before AWS''s '
  'deadline the meter stops trying (RUN_MARGIN_S)';
