-- The summary: what waits, what is open, and what of that is at risk: no run may meet it in time. $1 so
-- many seconds before its deadline.
SELECT w.lines AS waiting_lines, w.units AS waiting_units, w.carried_lines, w.carried_units,
    o.records AS left_records, o.units AS left_units, o.uncertain_records, o.uncertain_units,
    o.risk_records, o.risk_units, to_char(o.first AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
      AS next_deadline
  FROM (SELECT count(*) FILTER (WHERE kind <> 'carry') AS lines,
        trim_scale(coalesce(sum(billable) FILTER (WHERE kind <> 'carry'), 0)) AS units,
        count(*) FILTER (WHERE kind = 'carry') AS carried_lines,
        trim_scale(coalesce(sum(billable) FILTER (WHERE kind = 'carry'), 0)) AS carried_units
      FROM tollgate.waiting_line) w,
    (SELECT count(*) AS records, coalesce(sum(q.quantity), 0) AS units,
        count(*) FILTER (WHERE q.uncertain) AS uncertain_records,
        coalesce(sum(q.quantity) FILTER (WHERE q.uncertain), 0) AS uncertain_units,
        count(*) FILTER (WHERE q.deadline < risk) AS risk_records,
        coalesce(sum(q.quantity) FILTER (WHERE q.deadline < risk), 0) AS risk_units,
        min(q.deadline) AS first
      FROM tollgate.open_record q
      CROSS JOIN LATERAL (SELECT tollgate.ledger_time() + make_interval(secs => $1::int) AS risk) t) o;
