CREATE OR REPLACE FUNCTION sandbox.issue_token(token text, product text, account text, license text,
  new_account text, new_identifier text, new_license text, offer text, expired boolean,
  subscribed double precision, shapes text[],
  OUT problem text, OUT title text, OUT identifier text, OUT shows_identifier boolean,
  OUT account_id text, OUT arn text)
  LANGUAGE plpgsql SET search_path = pg_catalog, sandbox, pg_temp AS $$
DECLARE
  met sandbox.license;
  legacy boolean;
BEGIN
  arn := coalesce(license, new_license);
  -- Of calls at once for one new license the first says whose it is.
  PERFORM pg_advisory_xact_lock(hashtextextended(
    'sandbox.issue_token ' || sandbox.license_id(arn), 0));
  SELECT * INTO met FROM sandbox.license l WHERE l.license_id = sandbox.license_id(arn);
  IF met.product_code <> product THEN
    problem := format('This license is of the product %s.', met.product_code);
  ELSIF met.customer_aws_account_id <> account THEN
    problem := format('This license belongs to the account %s.', met.customer_aws_account_id);
  END IF;
  IF problem IS NOT NULL THEN
    RETURN;
  END IF;
  account_id := coalesce(met.customer_aws_account_id, account, new_account);
  SELECT p.title, p.identity = 'legacy' INTO title, legacy FROM product p
    WHERE p.product_code = product;
  legacy := coalesce(legacy, false);

  INSERT INTO customer (product_code, customer_aws_account_id, customer_identifier)
    VALUES (product, account_id, new_identifier)
    ON CONFLICT (product_code, customer_aws_account_id) DO NOTHING;
  SELECT c.customer_identifier INTO identifier FROM customer c
    WHERE c.product_code = product AND c.customer_aws_account_id = account_id;
  INSERT INTO sandbox.license AS l (license_id, license_arn, product_code,
      customer_aws_account_id, subscribed_at, offer_type)
    VALUES (sandbox.license_id(arn), arn, product, account_id,
      coalesce(to_timestamp(subscribed), sandbox.now() - interval '30 days'), offer)
    ON CONFLICT (license_id) DO UPDATE
      SET subscribed_at = coalesce(to_timestamp(subscribed), l.subscribed_at),
        -- Subscribed again after its end.
        ended_at = CASE WHEN to_timestamp(subscribed) > l.ended_at THEN NULL ELSE l.ended_at END,
        offer_type = coalesce(excluded.offer_type, l.offer_type);

  -- Four hours: AWS's guide "SaaS customer onboarding".
  INSERT INTO sandbox.token AS t (token_sha256, license_id, license_arn, expires_at,
      customer_identifier_shape, product_code_shape, customer_aws_account_id_shape,
      license_arn_shape)
    VALUES (decode(token, 'hex'), sandbox.license_id(arn), arn,
      CASE WHEN expired THEN '-infinity' ELSE sandbox.now() + interval '4 hours' END,
      coalesce(shapes[1], CASE WHEN legacy THEN 'set' ELSE 'absent' END), coalesce(shapes[2], 'set'),
      coalesce(shapes[3], 'set'), coalesce(shapes[4], CASE WHEN legacy THEN 'absent' ELSE 'set' END))
    ON CONFLICT (token_sha256) DO NOTHING;
  shows_identifier := legacy OR coalesce(shapes[1] = 'set', false);
END
$$;
COMMENT ON FUNCTION sandbox.issue_token(text, text, text, text, text, text, text, text, boolean, double precision, text[]) IS
  'Stores a token (its SHA-256 in hex) for a buyer''s subscription to a product: of the account and license given, met before or new, or of the new ones proposed. shapes: of CustomerIdentifier, ProductCode, CustomerAWSAccountId, LicenseArn; null as the product has it. problem: why nothing was stored. The same token again changes nothing';
