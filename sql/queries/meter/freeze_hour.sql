-- Phase two, each hour. $1 hour, $2 how old a Timestamp may be, in seconds, $3 how long last month
-- is taken, in seconds, or 0, $4 AWS's largest quantity, $5 region, $6 this run's late units before. The margin is
-- list_hours' too.
SELECT records, units, trim_scale(late + $6::numeric) AS late
  FROM tollgate.freeze_hour($1, make_interval(secs => $2::int), make_interval(secs => $3::int),
    interval '10 minutes', $4, $5);
