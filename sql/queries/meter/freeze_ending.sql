-- Phase two, after the hours: all of customers whose subscription has just ended. $1 how old a
-- Timestamp may be, in seconds, $2 how long last month is taken, in seconds, or 0, $3 AWS's largest
-- quantity, $4 region, $5 this run's late units before. The margin is list_hours' too.
SELECT records, units, trim_scale(late + $5::numeric) AS late
  FROM tollgate.freeze_ending(make_interval(secs => $1::int), make_interval(secs => $2::int),
    interval '10 minutes', $3, $4);
