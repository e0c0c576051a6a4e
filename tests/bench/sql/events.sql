-- :n events in :lines lines: by time over 20 hours, of lines / 20 customers, a hundred thousand a transaction.
SELECT set_config('bench.hour', :'hour', false), set_config('bench.n', (:n)::text, false),
  set_config('bench.customers', (:lines / 20)::text, false) \g /dev/null
SET session_replication_role = replica; -- the check of each statement is COPY's cost, and measured there
DO $$
DECLARE
  n bigint := current_setting('bench.n');
  customers bigint := current_setting('bench.customers');
  first_hour timestamptz := current_setting('bench.hour')::timestamptz - interval '21 hours';
  many bigint := 100000;
BEGIN
  FOR done IN 0 .. n - 1 BY many LOOP
    INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
      SELECT 1 + i * 7919 % customers, 'requests', 1 + i % 100,
          first_hour + interval '20 hours' * (i / n::float8)
        FROM generate_series(done, least(n, done + many) - 1) i;
    COMMIT;
  END LOOP;
END
$$;
