-- tollgate ledger adopt. $1 the state file as JSON, or null, $2 whether nothing was lost, $3 why.
SELECT generation, events, unknown, trim_scale(unknown_units)
  FROM tollgate.adopt_ledger($1, $2, $3);
