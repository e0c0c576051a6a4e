CREATE OR REPLACE FUNCTION tollgate.check_honoured(honoured bigint) RETURNS void
  LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (honoured BETWEEN 0 AND 2147483647) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('how many units stand at AWS is a '
      'number from 0 to 2147483647, not %s', coalesce(honoured::text, 'null'));
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_honoured(bigint) IS 'TG400: AWS has no such quantity';
