CREATE OR REPLACE FUNCTION tollgate.close_customers(OUT closed bigint, OUT written_off numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  left_over bigint[];
BEGIN
  PERFORM tollgate.lock_ledger();
  WITH noted AS (
    INSERT INTO customer_event (customer_id, kind, happened_at)
      SELECT e.customer_id, 'ended', e.closes_at FROM subscription_end e
        WHERE NOT e.is_closed AND e.closes_at <= ledger_time()
      RETURNING 1)
  SELECT count(*) INTO closed FROM noted;
  left_over := ARRAY(
    SELECT unnest(array_agg(w.line_id))
      FROM subscription_end e JOIN waiting_line w ON w.customer_id = e.customer_id
      WHERE e.closes_at <= ledger_time()
      GROUP BY w.customer_id, w.dimension, w.tags
      HAVING abs(sum(w.billable)) < 1);
  written_off := tollgate.write_off_lines('rounding', left_over, NULL);
END
$$;
COMMENT ON FUNCTION tollgate.close_customers() IS
  'Notes of customers whose last hour is over that they have ended, and writes off what is left of '
  'less than a unit. What is left of more waits for a person: AWS took it no more';
