-- The console: what each buyer would pay, the license's records and those without apart, as AWS
-- counts them. "twice": an hour of a dimension stands in both.
WITH twice AS (
  SELECT r.product_code, r.customer_aws_account_id, r.used_hour, r.dimension
    FROM sandbox.usage_record r
    GROUP BY r.product_code, r.customer_aws_account_id, r.used_hour, r.dimension
    HAVING count(r.license_id) BETWEEN 1 AND count(*) - 1),
billed AS (
  SELECT r.product_code, r.customer_aws_account_id AS account, r.license_id AS named, r.quantity,
      r.quantity * d.unit_price AS cost, t.used_hour IS NOT NULL AS is_twice
    FROM sandbox.usage_record r JOIN sandbox.dimension d USING (product_code, dimension)
    LEFT JOIN twice t USING (product_code, customer_aws_account_id, used_hour, dimension)
  UNION ALL
  SELECT u.product_code, u.customer_aws_account_id, upper(u.platform), u.quantity,
      u.quantity * d.unit_price, false
    FROM sandbox.usage u JOIN sandbox.dimension d USING (product_code, dimension))
SELECT product_code, account, coalesce(named, 'product code'), sum(quantity),
    to_char(sum(cost), 'FM$999,999,999,999,999,999,990.00'), bool_or(is_twice)
  FROM billed
  GROUP BY product_code, account, named
  ORDER BY product_code, account, named NULLS FIRST;
