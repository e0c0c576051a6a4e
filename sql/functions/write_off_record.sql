CREATE OR REPLACE FUNCTION tollgate.write_off_record(record_id bigint, reason text) RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  RETURN tollgate.repair_record(record_id, 'written_off', ARRAY['refused', 'unknown', 'unconfirmed'],
    0, NULL, reason);
END
$$;
COMMENT ON FUNCTION tollgate.write_off_record(bigint, text) IS
  'A record that was not billed never will be. Returns how many units that are';
