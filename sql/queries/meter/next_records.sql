-- Phase three: what is open, by deadline. $1 and $2 deadline and id of the last one read, $3 how many,
-- $4 product or null, $5 margin in seconds before a deadline.
SELECT o.deadline, r.id, r.product_code, r.metered_by, r.aws_role_arn, r.aws_external_id,
    r.aws_region, r.customer_id, r.dimension, floor(extract(epoch FROM r.used_at))::bigint AS used_at,
    r.quantity, r.customer_identifier, r.customer_aws_account_id, r.license_arn,
    (SELECT json_agg(json_build_object('q', a.quantity, 'tags', a.tags) ORDER BY a.tags)
      FROM tollgate.record_allocation a WHERE a.record_id = r.id) AS allocations
  FROM tollgate.open_record o JOIN tollgate.metering_record r ON r.id = o.record_id
  WHERE (o.deadline, o.record_id) > ($1::timestamptz, $2::bigint)
    AND o.deadline > tollgate.ledger_time() + make_interval(secs => $5::int)
    AND ($4::text IS NULL OR r.product_code = $4)
  ORDER BY o.deadline, o.record_id
  LIMIT $3::int;
