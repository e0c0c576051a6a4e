-- Before freezing: records that AWS does not take any more. $1 margin in seconds. The units of those
-- that become unknown are as they stood before.
SELECT moved, moved_units, unknown,
    (SELECT coalesce(sum(o.quantity), 0)
      FROM tollgate.open_record o
      WHERE o.uncertain
        AND o.record_id NOT IN (SELECT unnest(c.records) FROM tollgate.open_call c)
        AND o.deadline <= tollgate.ledger_time() + make_interval(secs => $1::int)) AS unknown_units
  FROM tollgate.expire_records(make_interval(secs => $1::int));
