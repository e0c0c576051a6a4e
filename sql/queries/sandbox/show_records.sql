-- The console: the newest records that BatchMeterUsage honoured.
SELECT to_char(r.used_hour AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), r.product_code,
    r.customer_aws_account_id, coalesce(r.license_id, 'product code'), r.dimension, r.quantity,
    to_char(r.quantity * d.unit_price, 'FM$999,999,999,990.00'), r.region, r.metering_record_id,
    EXISTS (SELECT FROM sandbox.usage_record o
      WHERE o.product_code = r.product_code AND o.customer_aws_account_id = r.customer_aws_account_id
        AND o.used_hour = r.used_hour AND o.dimension = r.dimension
        AND (o.license_id IS NULL) <> (r.license_id IS NULL))
  FROM sandbox.usage_record r JOIN sandbox.dimension d USING (product_code, dimension)
  ORDER BY r.used_hour DESC, r.product_code, r.customer_aws_account_id, r.dimension, r.license_id
  LIMIT 200;
