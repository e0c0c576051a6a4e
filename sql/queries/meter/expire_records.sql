-- Before freezing: records that AWS does not take any more. $1 margin in seconds.
SELECT moved, moved_units, unknown FROM tollgate.expire_records(make_interval(secs => $1::int));
