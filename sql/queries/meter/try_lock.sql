-- At the start: one run at a time. The lock goes with the connection.
SELECT pg_try_advisory_lock(hashtextextended('tollgate meter', 0)) AS got;
