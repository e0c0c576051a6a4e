-- At the end. $1 run, $2 exit code, $3 summary.
SELECT tollgate.end_run($1, $2, $3);
