CREATE OR REPLACE FUNCTION tollgate.deadline_of(used_at timestamptz, past interval,
  month_closes interval) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN least(used_at + past, CASE WHEN month_closes > '0' THEN
    (tollgate.month_of(used_at) + interval '1 month') AT TIME ZONE 'UTC' + month_closes END);
COMMENT ON FUNCTION tollgate.deadline_of(timestamptz, interval, interval) IS
  'From when on AWS does not take a record of that Timestamp: it is too old, or its month is closed '
  '(month_closes: so long after the month''s end; 0: months do not close)';
