-- tollgate ledger: who we are, and whether that role may call the function $1. Needs no right.
SELECT current_user AS role,
    (SELECT has_function_privilege(p.oid, 'EXECUTE') FROM pg_proc p
      WHERE p.pronamespace = to_regnamespace('tollgate') AND p.proname = $1) AS is_allowed;
