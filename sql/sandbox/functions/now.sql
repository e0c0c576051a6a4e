CREATE OR REPLACE FUNCTION sandbox.now() RETURNS timestamptz
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, sandbox, pg_temp AS $$
  SELECT clock_timestamp() + clock_ahead FROM setting;
$$;
COMMENT ON FUNCTION sandbox.now() IS 'What time it is in the sandbox';
