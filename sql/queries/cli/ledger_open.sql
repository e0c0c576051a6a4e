-- tollgate ledger: what is not settled: records that are open, their units, and whole units that wait
-- (about: each set of tags has a fraction of its own).
SELECT (SELECT count(*) FROM tollgate.open_record) AS records,
    (SELECT coalesce(sum(o.quantity), 0) FROM tollgate.open_record o) AS units,
    (SELECT greatest(0, floor(coalesce(sum(w.billable), 0))) FROM tollgate.waiting_line w) AS waiting;
