-- --final, before the lock. $1 customer. Until when AWS takes their usage.
SELECT to_char(closes AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until
  FROM tollgate.begin_ending($1) closes;
