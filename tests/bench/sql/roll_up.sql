-- As tollgate-meter does it, and undone, so that it can be done again.
SET enable_seqscan = :seqscan;
BEGIN;
\timing on
SELECT lines FROM tollgate.roll_up();
\timing off
ROLLBACK;
