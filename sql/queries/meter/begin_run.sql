-- After the lock. $1 the only product that is sent, or null.
SELECT run_id, lost_calls FROM tollgate.begin_run($1);
