CREATE OR REPLACE FUNCTION tollgate.change_region(customer_id bigint, region text, reason text)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  open bigint;
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  PERFORM tollgate.lock_ledger();
  IF (region ~ '^[a-z0-9-]{1,63}$') IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = 'a region is named like us-east-1';
  END IF;
  -- Told again elsewhere, what AWS has already would be billed twice.
  SELECT count(*) INTO open
    FROM metering_record r
    LEFT JOIN open_record o ON o.record_id = r.id
    LEFT JOIN metering_result s ON s.record_id = r.id AND s.outcome IN ('unknown', 'unconfirmed')
    WHERE r.customer_id = change_region.customer_id
      AND (o.uncertain OR r.id IN (SELECT unnest(c.records) FROM open_call c) OR (s.record_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM metering_repair p WHERE p.record_id = r.id)));
  IF open > 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('of %s records of the customer %s it is '
      'not certain whether AWS has them', open, customer_id),
      HINT = 'Let tollgate-meter run, settle those that stay unknown, then change the region.';
  END IF;
  UPDATE customer c SET metered_region = region, updated_at = now()
    WHERE c.id = change_region.customer_id;
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (format('change_region: %s', region), customer_id, reason);
END
$$;
COMMENT ON FUNCTION tollgate.change_region(bigint, text, text) IS
  'From the next record on, the customer''s usage is sent to this region; what is frozen keeps its '
  'own (see redirect_records). AWS deduplicates within a region only. TG409: AWS may have something that we do not know of';
