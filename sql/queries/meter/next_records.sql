-- Phase three: what is open, by deadline. $1 and $2 deadline and id of the last one read, $3 how many
-- at most, $4 product or null, $5 margin in seconds before a deadline, $6 how many allocations at most
-- before the last record; $7 of customers who are ending alone, up to the deadline $8 and id $9, and
-- only those that are in no call. Allocations are a line each: the quantity, then keys and values of the tags,
-- apart by tabs; neither may have such characters in it. A Timestamp
-- is cut to seconds and not rounded, which could be in the next hour. OFFSET 0: each by its index; after
-- an ANALYZE of an empty table the planner would loop over all of it.
SELECT p.deadline, p.id, p.left_s, p.product_code, p.metered_by, p.aws_role_arn, p.aws_external_id,
    p.aws_region, p.customer_id, p.dimension, p.used_at, p.quantity, p.customer_identifier,
    p.customer_aws_account_id, p.license_arn,
    CASE WHEN p.allocations > 0 THEN (SELECT string_agg(a.quantity || coalesce(
          (SELECT string_agg(E'\t' || t.key || E'\t' || t.value, '' ORDER BY t.key)
            FROM jsonb_each_text(a.tags) t), ''), E'\n' ORDER BY a.tags)
      FROM tollgate.record_allocation a WHERE a.record_id = p.id) END AS allocations,
    floor(extract(epoch FROM p.deadline))::bigint AS deadline_s
  FROM (SELECT o.deadline, r.id,
        floor(extract(epoch FROM o.deadline - tollgate.ledger_time()))::bigint AS left_s,
        r.product_code, r.metered_by, r.aws_role_arn, r.aws_external_id, r.aws_region, r.customer_id,
        r.dimension, floor(extract(epoch FROM r.used_at))::bigint AS used_at, r.quantity,
        r.customer_identifier, r.customer_aws_account_id, r.license_arn,
        r.allocations, sum(r.allocations)
          OVER (ORDER BY o.deadline, o.record_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
          AS allocations_before
      FROM (SELECT o.deadline, o.record_id FROM tollgate.open_record o
          WHERE (o.deadline, o.record_id) > ($1::timestamptz, $2::bigint)
            AND o.deadline > tollgate.ledger_time() + make_interval(secs => $5::int)
            AND ($4::text IS NULL OR EXISTS (SELECT FROM tollgate.metering_record m
              WHERE m.id = o.record_id AND m.product_code = $4))
            AND (NOT $7::boolean OR ((o.deadline, o.record_id) <= ($8::timestamptz, $9::bigint)
              AND o.call_id IS NULL AND EXISTS (SELECT FROM tollgate.metering_record m
                JOIN tollgate.subscription_end e ON e.customer_id = m.customer_id
                WHERE m.id = o.record_id AND e.closes_at > tollgate.ledger_time())))
          ORDER BY o.deadline, o.record_id
          LIMIT $3::int) o
      CROSS JOIN LATERAL (SELECT n.*, (SELECT count(*) FROM tollgate.record_allocation a
          WHERE a.record_id = n.id) AS allocations
        FROM tollgate.metering_record n WHERE n.id = o.record_id OFFSET 0) r) p
  WHERE coalesce(p.allocations_before, 0) < $6::bigint
  ORDER BY p.deadline, p.id;
