-- Phase two: hours to freeze, oldest first, and which of them together: from first to last. $1 how old a
-- Timestamp may be, in seconds, $2 how long last month is taken, in seconds, or 0, $3 margin in seconds,
-- $4 the second, since 1970, by which they end, or null, $5 region, $6 how many records an hour can be
-- sent to a seller account and region; null: each hour by itself.
SELECT first, last, hours_a_record, records_saved
  FROM tollgate.group_hours(make_interval(secs => $1::int), make_interval(secs => $2::int),
    make_interval(secs => $3::int), to_timestamp($4::bigint), $5, $6::bigint);
