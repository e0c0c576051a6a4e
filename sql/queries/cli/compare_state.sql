-- Whether this is the state file's ledger: tollgate ledger, tollgate doctor. $1 the file as JSON,
-- or null.
SELECT ledger, system_identifier, timeline, database, database_name, generation, last_call,
    called_at, problem, gap
  FROM tollgate.compare_state($1);
