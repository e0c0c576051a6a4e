CREATE OR REPLACE FUNCTION tollgate.lock_ledger() RETURNS void
  LANGUAGE sql
  BEGIN ATOMIC
    SELECT pg_advisory_xact_lock(hashtextextended('tollgate ledger', 0));
  END;
COMMENT ON FUNCTION tollgate.lock_ledger() IS
  'What every roll-up, freeze and repair begins with: one at a time, to the end of the transaction';
