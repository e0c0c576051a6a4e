CREATE OR REPLACE FUNCTION tollgate.end_run(run bigint, status int, said jsonb) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  UPDATE metering_run SET ended_at = ledger_time(), exit_code = status, summary = said
    WHERE id = run AND ended_at IS NULL;
END
$$;
COMMENT ON FUNCTION tollgate.end_run(bigint, int, jsonb) IS 'Closes a run with its summary';
