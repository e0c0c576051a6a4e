-- For the line of progress: how many next_records will give. $1 product or null, $2 the second by
-- which their hours end, or null, $3 margin in seconds before a deadline.
SELECT count(*) FROM tollgate.open_record o
  WHERE o.deadline > tollgate.ledger_time() + make_interval(secs => $3::int)
    AND ($1::text IS NULL AND $2::bigint IS NULL OR EXISTS (SELECT FROM tollgate.metering_record r
      WHERE r.id = o.record_id AND r.product_code = coalesce($1, r.product_code)
        AND r.hour + interval '1 hour' <= coalesce(to_timestamp($2::bigint), 'infinity')));
