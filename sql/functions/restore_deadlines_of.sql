CREATE OR REPLACE FUNCTION tollgate.restore_deadlines_of(customer bigint) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp
  SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  UPDATE open_record o SET deadline = d.deadline
    FROM (SELECT r.id, least(r.used_at + w.past, CASE WHEN w.month_closes > '0' THEN
            (month_of(r.hour) + interval '1 month') AT TIME ZONE 'UTC' + w.month_closes END)
          AS deadline
        FROM (SELECT n.customer_id FROM customer_event n
            WHERE n.kind = 'resumed' AND (customer IS NULL OR n.customer_id = customer)
          EXCEPT SELECT e.customer_id FROM subscription_end e
            WHERE customer IS NULL OR e.customer_id = customer) c
        JOIN open_record q ON q.customer_id = c.customer_id
        JOIN metering_record r ON r.id = q.record_id
        CROSS JOIN aws_window w) d
    WHERE o.record_id = d.id AND o.deadline < d.deadline;
END
$$;
COMMENT ON FUNCTION tollgate.restore_deadlines_of(bigint) IS
  'Gives the open records of a customer who was resumed, or of all who were (null), the time back '
  'that the end took from them (begin_ending()): AWS takes them as long as anybody''s. Called with '
  'the ledger''s lock';
