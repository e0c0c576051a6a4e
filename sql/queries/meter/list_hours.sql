-- Phase two: hours that are over, of which AWS still accepts a Timestamp, and for which something
-- waits, or a heartbeat is wanted; oldest first. $1 how old a Timestamp may be, in seconds, $2 how long last month is taken,
-- in seconds, or 0, $3 margin in seconds. With each the second, since 1970, at which it ended.
SELECT h AS hour, extract(epoch FROM h + interval '1 hour')::bigint AS ended_s
  FROM tollgate.ledger_time() now,
    generate_series(
      greatest(
        tollgate.hour_of(now - make_interval(secs => $1::int - $3::int)),
        CASE WHEN $2::int > 0
            AND now + make_interval(secs => $3::int) >= tollgate.month_of(now)::timestamp
              AT TIME ZONE 'UTC' + make_interval(secs => $2::int)
          THEN tollgate.month_of(now)::timestamp AT TIME ZONE 'UTC' ELSE '-infinity' END),
      tollgate.hour_of(now - interval '1 hour 1 minute'), interval '1 hour') h
  WHERE EXISTS (SELECT FROM tollgate.waiting_line w WHERE w.used_hour <= h)
    OR EXISTS (SELECT FROM tollgate.product p WHERE p.heartbeat IS NOT NULL)
  ORDER BY h;
