-- A ledger without customers, usage and records. What it is (its identity, its products) stays.
SELECT 'TRUNCATE ' || string_agg(format('tollgate.%I', relname), ', ') || ' RESTART IDENTITY CASCADE' FROM pg_class
  WHERE relnamespace = 'tollgate'::regnamespace AND relkind = 'r'
    AND relname NOT IN ('migration', 'ledger', 'product', 'dimension', 'aws_window') \gexec
