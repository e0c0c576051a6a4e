-- Phase two, what list_hours gives. $1 first hour, $2 last hour, $3 how old a Timestamp may be, in
-- seconds, $4 how long last month is taken, in seconds, or 0, $5 AWS's largest quantity, $6 region, $7
-- this run's late units before. The margin is list_hours' too.
SELECT records, units, trim_scale(late + $7::numeric) AS late
  FROM tollgate.freeze_hours($1, $2, make_interval(secs => $3::int), make_interval(secs => $4::int),
    interval '10 minutes', $5, $6);
