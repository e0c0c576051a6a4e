-- The summary: customers who may use something yet that only another run bills; the most urgent ones.
SELECT e.customer_id, to_char(e.closes_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until,
    trim_scale(coalesce((SELECT sum(w.billable) FROM tollgate.waiting_line w
      WHERE w.customer_id = e.customer_id), 0)) AS waiting,
    (SELECT count(*) FROM tollgate.open_record o WHERE o.customer_id = e.customer_id) AS open
  FROM tollgate.subscription_end e
  WHERE e.closes_at > tollgate.ledger_time()
  ORDER BY e.closes_at, e.customer_id LIMIT 100;
