-- The console: the newest usage that MeterUsage honoured.
SELECT to_char(u.used_hour AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), u.product_code,
    u.customer_aws_account_id, upper(u.platform), u.dimension, u.quantity,
    to_char(u.quantity * d.unit_price, 'FM$999,999,999,990.00'), u.region, u.metering_record_id
  FROM sandbox.usage u JOIN sandbox.dimension d USING (product_code, dimension)
  ORDER BY u.used_hour DESC, u.id DESC LIMIT 200;
