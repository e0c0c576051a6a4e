CREATE OR REPLACE FUNCTION sandbox.read_batch(product text, records jsonb, called_at timestamptz,
  tag_keys_max int)
  RETURNS TABLE (place int, record jsonb, used_hour timestamptz, quantity bigint, dimension text,
    product_code text, account text, license_id text, subscribed boolean, problem text, why text)
  -- Compiling the plan would take half a second, which is more than it saves.
  LANGUAGE sql STABLE SET jit = off SET search_path = pg_catalog, sandbox, pg_temp AS $$
  WITH sent AS (
    SELECT place::int, record, to_timestamp((record->>'Timestamp')::double precision) AS used_at,
        coalesce((record->>'Quantity')::bigint, 0) AS quantity, record->>'Dimension' AS dimension,
        nullif(record->>'CustomerIdentifier', '') AS identifier,
        record->>'CustomerAWSAccountId' AS account, record->>'LicenseArn' AS arn
      FROM jsonb_array_elements(records) WITH ORDINALITY list (record, place)
  ), named AS (
    SELECT sent.*, l.license_id, coalesce(l.product_code, product) AS product_code,
        coalesce(l.customer_aws_account_id, c.customer_aws_account_id) AS customer,
        first_value(l.product_code) OVER (ORDER BY place) AS first_product
      FROM sent
      LEFT JOIN license l
        ON l.license_id = sandbox.license_id(arn) AND l.customer_aws_account_id = account
      LEFT JOIN customer c ON arn IS NULL AND c.product_code = product
        AND (c.customer_identifier = identifier OR c.customer_aws_account_id = account)
  )
  SELECT place, record, date_trunc('hour', used_at, 'UTC'), quantity, named.dimension,
      named.product_code, customer, named.license_id, coalesce(good, false), rule.problem, rule.why
    FROM named, setting
    -- A customer without a license has all those of the account.
    CROSS JOIN LATERAL (
      SELECT min(l.subscribed_at) AS since, bool_or(used_at >= l.subscribed_at
          AND (l.ended_at IS NULL OR (used_at <= l.ended_at
            AND called_at < l.ended_at + make_interval(secs => grace_seconds)))) AS good
        FROM license l
        WHERE l.license_id = named.license_id OR (named.arn IS NULL
          AND l.product_code = named.product_code AND l.customer_aws_account_id = customer)
    ) subscription
    CROSS JOIN LATERAL sandbox.allocations_problem(record->'UsageAllocations', quantity,
      tag_keys_max) shares (problem)
    LEFT JOIN LATERAL (
      SELECT broken.problem, broken.why FROM (VALUES
        (1, arn IS NOT NULL AND named.license_id IS NULL, 'InvalidLicenseException',
          'The license does not exist, or is not this account''s.'),
        (2, named.product_code <> first_product, 'InvalidLicenseException',
          'The licenses of a request must be of one product.'),
        -- That of another product's buyer does exist: they are not subscribed to this one.
        (3, identifier IS NOT NULL AND (NOT EXISTS (SELECT FROM customer other
            WHERE other.customer_identifier = identifier) OR EXISTS (SELECT FROM product p
            WHERE p.product_code = named.product_code AND p.identity = 'license')),
          'InvalidCustomerIdentifierException',
          'The CustomerIdentifier does not exist, or the product''s customers have none.'),
        (4, NOT EXISTS (SELECT FROM dimension d
            WHERE d.product_code = named.product_code AND d.dimension = named.dimension),
          'InvalidUsageDimensionException', 'The product has no such dimension.'),
        (5, used_at < since, 'TimestampOutOfBoundsException',
          'The Timestamp is before the start of the subscription.'),
        (6, shares.problem = 'InvalidUsageAllocationsException', shares.problem,
          'The allocations do not add up to the Quantity, or two have the same tags.'),
        (7, shares.problem = 'InvalidTagException', shares.problem,
          'A tag has a character that is none of letters, digits, blanks and + - = . _ : / @, a key is there twice, or the keys are too many.'),
        (8, arn IS NOT NULL AND after_end = 'InvalidLicenseException' AND NOT good,
          'InvalidLicenseException', 'The license''s active period is over.')
      ) broken (n, holds, problem, why) WHERE holds ORDER BY n LIMIT 1
    ) rule ON true;
$$;
COMMENT ON FUNCTION sandbox.read_batch(text, jsonb, timestamptz, int) IS
  'The UsageRecords of a request, within the model''s limits and the times that the API takes: whose each is, whether it is subscribed, and AWS''s error if it spoils the request';
