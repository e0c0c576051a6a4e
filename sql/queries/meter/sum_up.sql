-- The summary: what is left. $1 run.
SELECT (SELECT coalesce(sum(w.billable), 0) FROM tollgate.waiting_line w) AS waiting,
    (SELECT count(*) FROM tollgate.open_record) AS open,
    (SELECT count(*) FROM tollgate.open_record WHERE uncertain) AS uncertain,
    to_char((SELECT min(deadline) FROM tollgate.open_record) AT TIME ZONE 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS next_deadline;
