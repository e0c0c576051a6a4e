-- Phase three: what is open, by deadline. $1 and $2 deadline and id of the last one read, $3 how many
-- at most, $4 product or null, $5 margin in seconds before a deadline, $6 how many allocations at most
-- before the last record; $7 of customers who are ending alone, up to the deadline $8 and id $9. None
-- that is in a call: deadlines may have moved since it was read. Allocations are a line each: the quantity, then keys and values of the tags,
-- apart by tabs; neither may have such characters in it. A Timestamp
-- is cut to seconds and not rounded, which could be in the next hour. OFFSET 0: each by its index; after
-- an ANALYZE of an empty table the planner would loop over all of it.
SELECT p.deadline, r.id,
    floor(date_part('epoch', p.deadline - (SELECT tollgate.ledger_time())))::bigint AS left_s,
    r.product_code, r.metered_by, r.aws_role_arn, r.aws_external_id, r.aws_region, r.customer_id,
    r.dimension, floor(date_part('epoch', r.used_at))::bigint AS used_at, r.quantity,
    r.customer_identifier, r.customer_aws_account_id, r.license_arn,
    CASE WHEN p.allocations > 0 THEN (SELECT string_agg(a.quantity || coalesce(
          (SELECT string_agg(E'\t' || t.key || E'\t' || t.value, '' ORDER BY t.key)
            FROM jsonb_each_text(a.tags) t), ''), E'\n' ORDER BY a.tags)
      FROM tollgate.record_allocation a WHERE a.record_id = r.id) END AS allocations,
    floor(date_part('epoch', p.deadline))::bigint AS deadline_s
  FROM (SELECT o.*, sum(o.allocations)
        OVER (ORDER BY o.deadline, o.record_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        AS allocations_before
      FROM (SELECT o.deadline, o.record_id, o.allocations FROM tollgate.open_record o
          WHERE (o.deadline, o.record_id) > ($1::timestamptz, $2::bigint)
            AND o.deadline > tollgate.ledger_time() + make_interval(secs => $5::int)
            AND ($4::text IS NULL OR EXISTS (SELECT FROM tollgate.metering_record m
              WHERE m.id = o.record_id AND m.product_code = $4))
            AND (NOT $7::boolean OR ((o.deadline, o.record_id) <= ($8::timestamptz, $9::bigint)
              AND EXISTS (SELECT FROM tollgate.subscription_end e
                WHERE e.customer_id = o.customer_id AND e.closes_at > tollgate.ledger_time())))
            AND o.record_id NOT IN (SELECT unnest(c.records) FROM tollgate.open_call c)
          ORDER BY o.deadline, o.record_id
          LIMIT $3::int) o) p
  CROSS JOIN LATERAL (SELECT * FROM tollgate.metering_record n WHERE n.id = p.record_id OFFSET 0) r
  WHERE coalesce(p.allocations_before, 0) < $6::bigint
  ORDER BY p.deadline, p.record_id;
