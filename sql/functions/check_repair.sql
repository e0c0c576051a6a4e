CREATE OR REPLACE FUNCTION tollgate.check_repair(customer_id bigint, reason text) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  IF coalesce(reason, '') !~ '[^[:space:]]' OR char_length(reason) > 1000 THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = 'a reason of 1 to 1000 characters is needed';
  END IF;
  IF NOT EXISTS (SELECT FROM customer c WHERE c.id = check_repair.customer_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404',
      MESSAGE = format('no customer has the id %s', coalesce(customer_id::text, 'null'));
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_repair(bigint, text) IS
  'What every repair by hand begins with. TG400: no reason; TG404: no such customer';
