CREATE OR REPLACE FUNCTION sandbox.meter_usage(session text, called_region text, asked jsonb,
  past_s int, keys_max int, entitled_only boolean,
  OUT problem text, OUT record_id uuid)
  LANGUAGE plpgsql SET search_path = pg_catalog, sandbox, pg_temp AS $$
DECLARE
  caller caller := sandbox.caller_of(session);
  -- An absent UsageQuantity is zero, and the same to a ClientToken.
  parameters jsonb := '{"UsageQuantity": 0}' || (asked - ARRAY['DryRun', 'ClientToken']);
  dry_run boolean := asked->>'DryRun';
  token text := asked->>'ClientToken';
  product text := parameters->>'ProductCode';
  unit text := parameters->>'UsageDimension';
  amount bigint := parameters->>'UsageQuantity';
  shares jsonb := parameters->'UsageAllocations';
  used numeric := parameters->>'Timestamp';
  met client_token;
  honoured bigint;
BEGIN
  problem := CASE
    WHEN dry_run AND caller.platform = 'none' THEN 'UnauthorizedException'
    WHEN dry_run THEN 'DryRunOperation'
    WHEN caller.platform = 'none' THEN 'AccessDeniedException'
    WHEN caller.region <> called_region THEN 'InvalidEndpointRegionException'
    WHEN NOT EXISTS (SELECT FROM product p WHERE p.product_code = product)
      THEN 'InvalidProductCodeException'
    WHEN NOT EXISTS (SELECT FROM dimension d WHERE d.product_code = product AND d.dimension = unit)
      THEN 'InvalidUsageDimensionException'
    WHEN extract(epoch FROM sandbox.now()) - used NOT BETWEEN 0 AND past_s
      THEN 'TimestampOutOfBoundsException'
    WHEN entitled_only AND NOT sandbox.subscribes(caller, product)
      THEN 'CustomerNotEntitledException'
    ELSE sandbox.allocations_problem(shares, amount, keys_max)
  END;
  IF problem IS NOT NULL THEN
    RETURN;
  END IF;

  IF token IS NOT NULL THEN
    -- Calls with one token take turns, whatever else they say.
    PERFORM pg_advisory_xact_lock(hashtextextended(
      concat_ws(' ', 'sandbox.meter_usage', encode(caller.session_token_sha256, 'hex'),
        called_region, token), 0));
    SELECT * INTO met FROM client_token t
      WHERE (t.session_token_sha256, t.region, t.client_token) =
        (caller.session_token_sha256, called_region, token);
    IF met.parameters <> parameters THEN
      problem := 'IdempotencyConflictException';
    END IF;
    IF met.parameters IS NOT NULL THEN
      record_id := CASE WHEN problem IS NULL THEN met.metering_record_id END;
      RETURN;
    END IF;
  END IF;

  INSERT INTO usage (session_token_sha256, region, product_code, dimension, used_hour, quantity,
      allocations, customer_aws_account_id, platform)
    VALUES (caller.session_token_sha256, called_region, product, unit,
      date_trunc('hour', to_timestamp(used), 'UTC'), amount, shares,
      caller.customer_aws_account_id, caller.platform)
    ON CONFLICT ON CONSTRAINT usage_once DO NOTHING;
  SELECT u.metering_record_id, u.quantity INTO record_id, honoured FROM usage u
    WHERE (u.session_token_sha256, u.region, u.product_code, u.dimension, u.used_hour) =
      (caller.session_token_sha256, called_region, product, unit,
        date_trunc('hour', to_timestamp(used), 'UTC'));
  IF honoured <> amount THEN
    problem := 'DuplicateRequestException';
    record_id := NULL;
  ELSIF token IS NOT NULL THEN
    INSERT INTO client_token
      VALUES (caller.session_token_sha256, called_region, token, parameters, record_id);
  END IF;
END
$$;
COMMENT ON FUNCTION sandbox.meter_usage(text, text, jsonb, int, int, boolean) IS
  'Honours usage of a caller (the SHA-256 of its session token in hex, or null) once, or says by AWS''s error why not; then nothing is stored. asked: the request, within the model''s limits. The same again has the same answer';
