CREATE OR REPLACE FUNCTION tollgate.settle_record(record_id bigint, honoured bigint, reason text)
  RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  PERFORM tollgate.check_honoured(honoured);
  RETURN tollgate.repair_record(record_id, 'settled', ARRAY['unknown', 'unconfirmed'], honoured,
    NULL, reason);
END
$$;
COMMENT ON FUNCTION tollgate.settle_record(bigint, bigint, text) IS
  'A record that is unknown or unconfirmed, and AWS''s report says how many units of it were '
  'honoured: 0, all, or another number. These count as billed; the rest waits for the next free '
  'hour. Returns how many units that are. TG409: its outcome is certain';
