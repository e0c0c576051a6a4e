CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp();
COMMENT ON FUNCTION tollgate.ledger_time() IS
  'What time it is for the ledger: the database''s clock decides everything there';
