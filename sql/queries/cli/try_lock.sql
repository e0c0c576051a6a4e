-- tollgate ledger adopt: no run of tollgate-meter meanwhile. The lock goes with the connection.
SELECT pg_try_advisory_lock(hashtextextended('tollgate meter', 0)) AS got;
