-- Before calls start. $1 run, $2 [[record, …], …]. A row each call, in that order; ledger_time() is what
-- their row says too, as it is one transaction.
SELECT call_id, tollgate.ledger_time() AS called_at
  FROM tollgate.begin_calls($1, $2) WITH ORDINALITY b (call_id, place) ORDER BY place;
