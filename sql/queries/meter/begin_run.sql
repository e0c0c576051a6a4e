-- After the lock.
SELECT run_id, lost_calls FROM tollgate.begin_run();
