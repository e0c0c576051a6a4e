-- The console: what each buyer would pay, the license's records and those without apart, as AWS
-- counts them. "twice": an hour of a dimension stands in both.
WITH billed AS (
  SELECT r.product_code, r.customer_aws_account_id AS account, r.license_id, r.dimension,
      r.used_hour, r.quantity, r.quantity * d.unit_price AS cost
    FROM sandbox.usage_record r JOIN sandbox.dimension d USING (product_code, dimension)
  UNION ALL
  SELECT u.product_code, u.customer_aws_account_id, upper(u.platform), u.dimension, u.used_hour,
      u.quantity, u.quantity * d.unit_price
    FROM sandbox.usage u JOIN sandbox.dimension d USING (product_code, dimension))
SELECT product_code, account, coalesce(license_id, 'product code'),
    sum(quantity), to_char(sum(cost), 'FM$999,999,999,990.00'),
    bool_or(EXISTS (SELECT FROM sandbox.usage_record o
      WHERE o.product_code = billed.product_code AND o.customer_aws_account_id = billed.account
        AND o.used_hour = billed.used_hour AND o.dimension = billed.dimension
        AND (o.license_id IS NULL) <> (billed.license_id IS NULL)))
  FROM billed
  GROUP BY product_code, account, license_id
  ORDER BY product_code, account, license_id NULLS FIRST;
