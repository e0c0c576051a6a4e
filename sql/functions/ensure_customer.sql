CREATE OR REPLACE FUNCTION tollgate.ensure_customer(product text, identifier text, account text,
  license text, offer_type text, request text, seen_at timestamptz,
  OUT customer_id bigint, OUT created boolean)
  LANGUAGE plpgsql AS $$
BEGIN
  identifier := nullif(identifier, '');
  account := nullif(account, '');
  license := nullif(license, '');
  IF coalesce(identifier, account, license) IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = 'AWS named no customer: neither '
      'CustomerIdentifier nor CustomerAWSAccountId nor LicenseArn';
  END IF;
  -- No unique index makes a visit with a license wait for one without, of the same new buyer;
  -- they would become two customers. Released at the end of the transaction.
  IF identifier IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(product || ' ' || identifier, 0));
  END IF;
  -- Whom somebody else inserts meanwhile is found the next time round: each statement sees what
  -- was committed before it.
  FOR attempt IN 1..3 LOOP
    customer_id := tollgate.match_customer(product, identifier, account, license);
    created := customer_id IS NULL;
    EXIT WHEN NOT created;
    -- The id of a customer whom the dump lost is not theirs.
    PERFORM tollgate.check_restored();
    IF NOT EXISTS (SELECT FROM tollgate.product p WHERE p.product_code = product) THEN
      RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = 'no such product';
    END IF;
    INSERT INTO tollgate.customer (product_code, customer_identifier, customer_aws_account_id,
        license_arn, metered_by, offer_type_claimed, created_at)
      VALUES (product, identifier, account, license,
        -- Another license is another customer, and two are not metered by one identifier.
        CASE WHEN license IS NOT NULL AND EXISTS (SELECT FROM tollgate.customer c
            WHERE c.product_code = product AND c.customer_identifier = identifier
              AND c.metered_by = 'customer_identifier') THEN 'license'
          ELSE tollgate.shape_of(identifier, account, license) END,
        nullif(offer_type, ''), seen_at)
      ON CONFLICT DO NOTHING RETURNING id INTO customer_id;
    IF customer_id IS NOT NULL THEN
      INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id)
        VALUES (customer_id, 'landed', seen_at, request);
      EXIT;
    END IF;
  END LOOP;
  IF customer_id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
      MESSAGE = 'the customer is being made by others; run READ COMMITTED and try again';
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.ensure_customer(text, text, text, text, text, text, timestamptz) IS
  'The customer of these identities, made if nobody matches; created says which. Empty texts '
  'count as null. TG400: no identity; TG404: no such product';
