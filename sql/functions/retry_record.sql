CREATE OR REPLACE FUNCTION tollgate.retry_record(record_id bigint, reason text) RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- What AWS refused it for may be noted just now.
  PERFORM tollgate.lock_ledger();
  PERFORM tollgate.check_not_duplicate(record_id);
  RETURN tollgate.repair_record(record_id, 'retried', ARRAY['refused'], 0, NULL, reason);
END
$$;
COMMENT ON FUNCTION tollgate.retry_record(bigint, text) IS
  'A record that AWS refused is to be billed after all, since what it was refused for is mended: its '
  'units wait for the next free hour. Returns how many. TG409: it was not refused, or AWS has '
  'another quantity for its hour (see book_shortfall), or it was repaired before';
