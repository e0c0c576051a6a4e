-- Before calls start. $1 run, $2 [[record, …], …]. A row each call, in that order.
SELECT begin_calls FROM tollgate.begin_calls($1, $2);
