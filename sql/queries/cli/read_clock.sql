-- tollgate doctor: what time it is for the ledger, in seconds since 1970.
SELECT floor(extract(epoch FROM tollgate.ledger_time()))::bigint AS now;
