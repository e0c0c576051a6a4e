CREATE OR REPLACE FUNCTION sandbox.meter_batch(request text, called_region text, product text,
  records jsonb, skipped text, called_at timestamptz, tag_keys_max int)
  RETURNS TABLE (problem text, why text, place int, status text, record_id uuid)
  LANGUAGE plpgsql SET search_path = pg_catalog, sandbox, pg_temp AS $$
DECLARE
  sent record;
  met usage_record;
BEGIN
  IF product IS NOT NULL
    AND NOT EXISTS (SELECT FROM product p WHERE p.product_code = meter_batch.product) THEN
    problem := 'InvalidProductCodeException';
    why := 'There is no such product.';
    RETURN NEXT;
    RETURN;
  END IF;

  -- A reset during the call forgot it.
  INSERT INTO call (request_id, action, region, throttled)
    VALUES (request, 'BatchMeterUsage', called_region, false)
    ON CONFLICT DO NOTHING;
  -- All that spoils the request comes first. The others come in the order of their keys, so that two
  -- calls wait for each other but never both; of one key, in the request's order.
  FOR sent IN SELECT * FROM sandbox.read_batch(product, records, called_at, tag_keys_max) r
    ORDER BY r.problem IS NULL, CASE WHEN r.problem IS NOT NULL THEN r.place END,
      r.license_id, r.account, r.used_hour, r.dimension, r.place
  LOOP
    problem := sent.problem;
    why := format('Record %s: %s', sent.place, sent.why);
    place := sent.place;
    status := NULL;
    record_id := NULL;
    met := NULL;
    IF problem IS NOT NULL THEN
      RETURN NEXT;
      RETURN;
    END IF;
    IF substr(skipped, place, 1) = '1' THEN
      NULL; -- no status
    ELSIF NOT sent.subscribed THEN
      status := 'CustomerNotSubscribed';
    ELSE
      INSERT INTO usage_record AS u (request_id, place, region, product_code,
          customer_aws_account_id, license_id, dimension, used_hour, quantity, record, received_at)
        VALUES (request, sent.place, called_region, sent.product_code, sent.account,
          sent.license_id, sent.dimension, sent.used_hour, sent.quantity, sent.record, called_at)
        ON CONFLICT DO NOTHING;
      SELECT u.* INTO STRICT met FROM usage_record u
        WHERE u.region = called_region AND u.used_hour = sent.used_hour
          AND u.dimension = sent.dimension
          AND (u.license_id = sent.license_id OR (sent.license_id IS NULL AND u.license_id IS NULL
            AND u.product_code = sent.product_code AND u.customer_aws_account_id = sent.account));
      -- This very record again is this statement again, after a lost connection.
      IF met.quantity = sent.quantity AND ((met.request_id, met.place) = (request, sent.place)
        OR (SELECT repeat_status FROM setting) = 'Success') THEN
        status := 'Success';
        record_id := met.metering_record_id;
      ELSE
        status := 'DuplicateRecord';
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION sandbox.meter_batch(text, text, text, jsonb, text, timestamptz, int) IS
  'Honours a request of BatchMeterUsage: a status for each record, null for one that is skipped; or the first row has AWS''s error, and nothing is stored. The same request again has the same answer';
